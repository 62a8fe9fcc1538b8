# The scenario runner, and the server that is broken on purpose.

SCENARIO_O := $(patsubst tests/scenarios/%.c,$(B)/tests/scenario/%.o,\
	$(filter-out %/faulty.c,$(wildcard tests/scenarios/*.c)))
TEST_PROGRAMS += $(B)/tests/scenarios

$(B)/tests/scenario/%.o: tests/scenarios/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(B)/tests/scenarios: $(SCENARIO_O) $(B)/tests/lib.a
	$(LINK) -o $@ $^

$(B)/tests/faulty: $(B)/tests/scenario/faulty.o $(B)/tests/lib.a
	$(LINK) -o $@ $^
