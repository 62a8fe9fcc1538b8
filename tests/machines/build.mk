# hold ends all that a suite started, and names what outlives it; odd is a parent that leaves
# things behind.

TEST_PROGRAMS += $(B)/tests/hold $(B)/tests/odd
$(B)/tests/hold: $(B)/o/tests/machines/hold.o
$(B)/tests/odd: $(B)/o/tests/machines/odd.o
