# replay: what happens in the four servers, step by step, as one page.

TEST_PROGRAMS += $(B)/tests/replay
$(B)/tests/replay: $(patsubst %.c,$(B)/o/%.o,$(wildcard tests/replay/*.c)) $(B)/tests/lib.a
