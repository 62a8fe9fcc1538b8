# Analysis of the sources, and of a short run under valgrind.
lint:
	@tests/lint/lint

valgrind: servers $(B)/tests/scenarios
	@B=$(abspath $(B)) tests/lint/valgrind

.PHONY: lint valgrind
