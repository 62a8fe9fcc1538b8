# Instruction counts of the pure parts, repeatable on any machine, however busy; and the
# yardstick that docs/performance.md measures the servers against.
$(B)/tests/pure.o $(B)/tests/bare.o: $(B)/tests/%.o: tests/bench/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(B)/tests/pure: $(B)/tests/pure.o $(COMMON_O)
	$(LINK) -o $@ $^

$(B)/tests/bare: $(B)/tests/bare.o
	$(LINK) -o $@ $^

bench: $(B)/tests/bare

bench-instructions: $(B)/tests/pure
	@tests/bench/instructions $(B)

.PHONY: bench bench-instructions
