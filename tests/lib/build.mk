# What the harnesses share, as one archive: link $(B)/tests/lib.a.

TEST_LIB_O := $(patsubst tests/lib/%.c,$(B)/tests/lib/%.o,$(wildcard tests/lib/*.c))

$(B)/tests/lib/%.o: tests/lib/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(B)/tests/lib.a: $(TEST_LIB_O)
	@rm -f $@
	$(AR) rc $@ $^
