# badclient, the preload shim, and the sweep that fails every call.

TOOLS += $(B)/badclient
TEST_PROGRAMS += $(B)/tests/sweep $(B)/tests/rows $(B)/tests/shim.so $(B)/tests/naive

$(B)/badclient: $(patsubst %.c,$(B)/o/%.o,$(wildcard tests/faults/badclient*.c) \
                  tests/faults/talk.c) $(B)/tests/lib.a
$(B)/tests/sweep: $(patsubst %,$(B)/o/tests/faults/%.o,sweep behind party guests trials) \
                  $(B)/tests/lib.a
$(B)/tests/rows: $(patsubst %,$(B)/o/tests/faults/%.o,rows rows_kernel rows_crowd \
                   rows_badclient behind party guests) $(B)/tests/lib.a
$(B)/tests/naive: $(B)/o/tests/faults/naive.o

# Not with CFLAGS: a shim must not be sanitized, nor linked like a program.
$(B)/tests/shim.so: tests/faults/shim.c tests/faults/shim_calls.c \
                    tests/faults/shim.h tests/faults/shim_plan.h $(B)/flags
	@mkdir -p $(@D)
	$(call quietly,LD,$@)$(CC) -std=c11 -O2 -g -Wall -Wextra -fPIC -shared -o $@ $(filter %.c,$^) -ldl

# Every call, every error, every N: minutes. SWEEP_OPTIONS=-v shows each test.
sweep: $(SERVERS:%=$(B)/%) $(B)/tests/sweep $(B)/tests/shim.so
	@B='$(B)' sh tests/faults/sweep_all

.PHONY: sweep
