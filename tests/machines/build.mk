# hold ends all that a suite started, and names what outlives it.

TEST_PROGRAMS += $(B)/tests/hold
$(B)/tests/hold: $(B)/o/tests/machines/hold.o
