# Instruction counts of the pure parts: repeatable on any machine, however busy.
$(B)/tests/pure.o: tests/bench/pure.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(B)/tests/pure: $(B)/tests/pure.o $(COMMON_O)
	$(LINK) -o $@ $^

bench-instructions: $(B)/tests/pure
	@tests/bench/instructions $(B)

.PHONY: bench-instructions
