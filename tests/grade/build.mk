# The grader: any server with a port, judged with reasons.
#
#     make grade SERVER='./mine {port}' [SERVICE=echo] [SEED=4711] [POINTS=FILE] [ONLY=5]
#     make hint N=5

TOOLS += $(B)/grade

$(B)/grade: $(patsubst %.c,$(B)/o/%.o,$(wildcard tests/grade/*.c)) $(B)/tests/lib.a

# Variables of make's command line are in the environment: no quote in SERVER is in the way.
grade: $(B)/grade $(B)/poll_server
	@test -n "$$SERVER" || { echo "make grade: whose? SERVER='./mine {port}'" >&2; exit 2; }; \
	'$(B)/grade' $(SERVICE:%=-s %) $(SEED:%=--seed %) $(ONLY:%=--only '%') \
	    $(JSON:%=--json '%') $(POINTS:%=--points '%') "$$SERVER"

hint: $(B)/grade
	@'$(B)/grade' --hint '$(or $(N),none: say N=1 to N=7)'

.PHONY: grade hint
