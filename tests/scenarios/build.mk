# The scenario runner, and the server that is broken on purpose.

SCENARIO_C := $(wildcard tests/scenarios/*.c)
FAULTY_C := $(wildcard tests/scenarios/faulty*.c)
SCENARIO_O := $(patsubst tests/scenarios/%.c,$(B)/tests/scenario/%.o,\
	$(filter-out $(FAULTY_C),$(SCENARIO_C)))
FAULTY_O := $(FAULTY_C:tests/scenarios/%.c=$(B)/tests/scenario/%.o)
TEST_PROGRAMS += $(B)/tests/scenarios $(B)/tests/faulty

$(B)/tests/scenario/%.o: tests/scenarios/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(B)/tests/scenarios: $(SCENARIO_O) $(B)/tests/lib.a
	$(LINK) -o $@ $^

$(B)/tests/faulty: $(FAULTY_O) $(B)/tests/lib.a
	$(LINK) -o $@ $^
