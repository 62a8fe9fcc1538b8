# What can go wrong only where several threads serve.

TEST_PROGRAMS += $(B)/tests/threads
$(B)/tests/threads: $(B)/o/tests/threads/threads.o $(B)/tests/lib.a

# The whole of it: all scenarios with 1, 2 and 7 threads, and every mutant.
threads: all $(B)/tests/threads
	@B=$(abspath $(B)) sh tests/threads/all
	@B=$(abspath $(B)) CC='$(CC)' sh tests/threads/mutants

.PHONY: threads
