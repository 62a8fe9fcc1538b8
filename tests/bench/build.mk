# Instruction counts, which are the same however busy the machine is: of the pure parts
# (against the record), and of whole requests beside the barest loop of each mechanism.
$(B)/tests/pure.o $(B)/tests/bare.o: $(B)/tests/%.o: tests/bench/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(B)/tests/pure: $(B)/tests/pure.o $(COMMON_O)
	$(LINK) -o $@ $^

$(B)/tests/bare: $(B)/tests/bare.o
	$(LINK) -o $@ $^

bench-instructions: $(B)/tests/pure
	@tests/bench/instructions $(B)

bench-requests: servers $(B)/loadgen $(B)/tests/bare
	@tests/bench/requests $(B)

.PHONY: bench-instructions bench-requests
