# Lines and branches that the tests reach.
coverage:
	@mkdir -p $(B)
	@sh tests/coverage/coverage $(B)/coverage

coverage-build:
	@$(MAKE) servers tools $(TEST_PROGRAMS)

.PHONY: coverage coverage-build
