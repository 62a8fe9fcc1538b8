# What the harnesses share, as one archive: link $(B)/tests/lib.a.

TEST_LIB_O := $(patsubst tests/lib/%.c,$(B)/tests/lib/%.o,$(wildcard tests/lib/*.c))

$(B)/tests/lib/%.o: tests/lib/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/lib.a: $(TEST_LIB_O)
	@rm -f $@
	$(AR) rc $@ $^

-include $(TEST_LIB_O:.o=.d)
