# What can go wrong only where several threads serve.

TEST_PROGRAMS += $(B)/tests/threads
$(B)/tests/threads: $(patsubst %,$(B)/o/tests/%.o,threads/threads threads/waits faults/behind) \
                    $(B)/tests/lib.a

# The whole of it: with 1, 2 and 7 threads, and every mutant.
threads: all $(addprefix $(B)/tests/,threads rows shim.so soak)
	@B=$(abspath $(B)) sh tests/threads/all
	@B=$(abspath $(B)) CC='$(CC)' sh tests/threads/mutants

.PHONY: threads
