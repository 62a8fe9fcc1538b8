# Instruction counts, which are the same however busy the machine is: of the pure parts
# (against the record), and of whole requests beside the barest loop of each mechanism.
# And processor time, against the same loops, in slices so short that the machine's other
# work disturbs neighbours alike.

PROGRAMS += $(B)/tests/pure $(B)/tests/bare $(B)/tests/slices

$(B)/tests/pure: $(B)/o/tests/bench/pure.o $(COMMON_O)
$(B)/tests/bare: $(B)/o/tests/bench/bare.o
$(B)/tests/slices: private LIBS = -lm
$(B)/tests/slices: $(patsubst %,$(B)/o/tests/%.o,bench/slices bench/slices_load bench/rest \
                     compare/process) $(B)/tests/lib.a

bench-instructions: $(B)/tests/pure
	@sh tests/bench/instructions $(B)

bench-requests: servers $(B)/loadgen $(B)/tests/bare
	@sh tests/bench/requests $(B)

bench-times: servers $(B)/tests/bare $(B)/tests/slices
	@sh tests/bench/times $(B) $(CASES)

.PHONY: bench-instructions bench-requests bench-times
