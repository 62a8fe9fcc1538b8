# scene plays the scenes that the pages show: tests/docs/run.

TEST_PROGRAMS += $(B)/tests/scene

$(B)/tests/docs/%.o: tests/docs/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(B)/tests/scene: $(B)/tests/docs/scene.o $(B)/tests/lib.a
	$(LINK) -o $@ $^
