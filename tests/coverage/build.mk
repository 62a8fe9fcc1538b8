# Lines and branches that the tests reach.
coverage:
	@mkdir -p $(B)
	@tests/coverage/coverage $(abspath $(B))/coverage

coverage-build: servers $(TEST_PROGRAMS)

.PHONY: coverage coverage-build
