# The grader, which is a tool: any server with a port, judged with reasons. And what proves
# it: a server with a fault of choice, and right ones in another style.
#
#     make grade SERVER='./mine {port}' [SERVICE=echo|chat] [SEED=4711] [POINTS=FILE] [ONLY=5]
#     make hint N=5 [SERVICE=echo|chat]

TOOLS += $(B)/grade
TEST_PROGRAMS += $(B)/tests/wrong $(B)/tests/stranger $(B)/tests/chat

$(B)/grade: $(patsubst %.c,$(B)/o/%.o,$(filter-out tests/grade/wrong.c \
    tests/grade/stranger.c tests/grade/chat.c,$(wildcard tests/grade/*.c))) $(B)/tests/lib.a
$(B)/tests/wrong: $(B)/o/tests/grade/wrong.o $(B)/tests/lib.a
$(B)/tests/chat: $(B)/o/tests/grade/chat.o
$(B)/tests/stranger: private LIBS = -pthread
$(B)/tests/stranger: $(B)/o/tests/grade/stranger.o $(B)/tests/lib.a

# Variables of make's command line are in the environment: no quote in SERVER is in the way.
grade: $(B)/grade $(B)/poll_server
	@test -n "$$SERVER" || { echo "make grade: whose? SERVER='./mine {port}'" >&2; exit 2; }; \
	'$(B)/grade' $(SERVICE:%=-s %) $(SEED:%=--seed %) $(ONLY:%=--only '%') \
	    $(JSON:%=--json '%') $(POINTS:%=--points '%') "$$SERVER"

hint: $(B)/grade
	@test -n "$$N" || { echo "make hint: for which stage? N=1 to N=7" >&2; exit 2; }; \
	'$(B)/grade' $(SERVICE:%=-s %) --hint '$(N)'

# N grades in a row of right and of wrong servers, beside LOAD busy loops.
grade-steady: $(B)/grade $(SERVERS:%=$(B)/%) $(RUNGS)
	@N='$(N)' LOAD='$(LOAD)' B='$(B)' sh tests/grade/steady

.PHONY: grade hint grade-steady
