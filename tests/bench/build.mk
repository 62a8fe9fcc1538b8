# Instruction counts, which are the same however busy the machine is: of the pure parts
# (against the record), and of whole requests beside the barest loop of each mechanism.
# And processor time, against the same loops, in slices so short that the machine's other
# work disturbs neighbours alike.
BENCH_O := $(patsubst tests/bench/%.c,$(B)/tests/%.o,$(wildcard tests/bench/*.c))

$(BENCH_O): $(B)/tests/%.o: tests/bench/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(B)/tests/pure: $(B)/tests/pure.o $(COMMON_O)
	$(LINK) -o $@ $^

$(B)/tests/bare: $(B)/tests/bare.o
	$(LINK) -o $@ $^

$(B)/tests/slices: $(B)/tests/slices.o $(B)/tests/slices_load.o \
                   $(B)/tests/compare/process.o
	$(LINK) -o $@ $^ -lm

bench-instructions: $(B)/tests/pure
	@tests/bench/instructions $(B)

bench-requests: servers $(B)/loadgen $(B)/tests/bare
	@tests/bench/requests $(B)

bench-times: servers $(B)/tests/bare $(B)/tests/slices
	@tests/bench/times $(B) $(CASES)

.PHONY: bench-instructions bench-requests bench-times
