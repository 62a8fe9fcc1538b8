# session plays the scenes that the pages show: tests/docs/run.

TEST_PROGRAMS += $(B)/tests/session

$(B)/tests/docs/%.o: tests/docs/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(B)/tests/session: $(B)/tests/docs/session.o $(B)/tests/lib.a
	$(LINK) -o $@ $^
