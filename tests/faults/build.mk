# badclient, the preload shim, and the sweep that fails every call.

FAULTS_LIB := $(B)/tests/lib.a
FAULTS_PROGRAMS := $(B)/tests/sweep $(B)/tests/rows $(B)/tests/shim.so $(B)/tests/naive

TOOLS += $(B)/badclient
TEST_PROGRAMS += $(FAULTS_PROGRAMS)

$(B)/tests/faults/%.o: tests/faults/%.c
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

BADCLIENT_O := $(patsubst %.c,$(B)/%.o,$(wildcard tests/faults/badclient*.c) \
	tests/faults/talk.c)

$(B)/badclient: $(BADCLIENT_O) $(FAULTS_LIB)
	$(LINK) -o $@ $^

$(B)/tests/sweep: $(patsubst %,$(B)/tests/faults/%.o,sweep behind party guests trials) \
                  $(FAULTS_LIB)
	$(LINK) -o $@ $^

$(B)/tests/rows: $(patsubst %,$(B)/tests/faults/%.o,rows rows_kernel rows_crowd \
                   rows_badclient behind party guests) $(FAULTS_LIB)
	$(LINK) -o $@ $^

$(B)/tests/naive: $(B)/tests/faults/naive.o
	$(LINK) -o $@ $^

# Not with CFLAGS: a shim must not be sanitized, nor linked like a program.
$(B)/tests/shim.so: tests/faults/shim.c tests/faults/shim_calls.c \
                    tests/faults/shim.h tests/faults/shim_plan.h
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g -Wall -Wextra -fPIC -shared -o $@ $(filter %.c,$^) -ldl

# Every call, every error, every N: minutes. SWEEP_OPTIONS=-v shows each test.
sweep: $(SERVERS:%=$(B)/%) $(FAULTS_PROGRAMS)
	B=$(abspath $(B)) tests/faults/sweep_all

.PHONY: sweep
