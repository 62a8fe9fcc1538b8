# What the harnesses share, as one archive: link $(B)/tests/lib.a.

$(B)/tests/lib.a: $(patsubst %.c,$(B)/o/%.o,$(wildcard tests/lib/*.c))
	@mkdir -p $(@D)
	@rm -f $@
	$(call quietly,AR,$@)$(AR) rc $@ $^
