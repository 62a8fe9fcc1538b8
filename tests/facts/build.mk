# Claims about the calls, each tried by a short function: docs/facts.md.

TEST_PROGRAMS += $(B)/tests/facts
$(B)/tests/facts: private LIBS = -pthread
$(B)/tests/facts: $(patsubst %.c,$(B)/o/%.o,$(wildcard tests/facts/*.c)) $(B)/tests/lib.a

# make facts [ONLY=select/limit]
facts: $(B)/tests/facts
	@$(B)/tests/facts $(if $(ONLY),--only $(ONLY))

.PHONY: facts
