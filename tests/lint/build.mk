# Analysis of the sources, and of a short run under valgrind.
lint:
	@sh tests/lint/lint

valgrind: servers $(B)/tests/scenarios
	@B='$(B)' sh tests/lint/valgrind

.PHONY: lint valgrind
