# The soak: make soak MINUTES=10 [SEED=1], all four servers at the same time.

MINUTES ?= 10
SEED ?= 1
TEST_PROGRAMS += $(B)/tests/soak
$(B)/tests/soak: $(B)/o/tests/soak/soak.o $(B)/tests/lib.a

soak: all $(B)/tests/soak
	@B='$(B)' sh tests/soak/all -m $(MINUTES) -s $(SEED)

.PHONY: soak
