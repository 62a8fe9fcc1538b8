# The scenario runner, which is a tool; and the server that is broken on purpose.

FAULTY_C := $(wildcard tests/scenarios/faulty*.c)
TOOLS += $(B)/tests/scenarios
TEST_PROGRAMS += $(B)/tests/faulty

$(B)/tests/scenarios: $(patsubst %.c,$(B)/o/%.o,\
    $(filter-out $(FAULTY_C),$(wildcard tests/scenarios/*.c))) $(B)/tests/lib.a
$(B)/tests/faulty: $(FAULTY_C:%.c=$(B)/o/%.o) $(B)/tests/lib.a
