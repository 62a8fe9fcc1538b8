# The test that tests the tests.  MUTANTS='NAME ...' tries some; EVERY=5, every fifth.
mutants:
	@sh tests/mutants/mutants $(B) '$(or $(EVERY),1)' $(MUTANTS)

.PHONY: mutants
