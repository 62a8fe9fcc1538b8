# What the harnesses share, as one archive: link $(B)/tests/lib.a.

$(B)/tests/lib.a: $(patsubst %.c,$(B)/o/%.o,$(wildcard tests/lib/*.c))
	@mkdir -p $(@D)
	@rm -f $@
	$(call quietly,AR,$@)$(AR) rc $@ $^

# Files that a program carries in itself, a string a line: asset_page_css of tests/x/page.css is
# in $(B)/o/tests/x/page.css.asset.o.
$(B)/o/%.asset.c: %
	@mkdir -p $(@D)
	@echo 'extern const char *const asset_$(subst .,_,$(notdir $*))[];' > $@
	@echo 'const char *const asset_$(subst .,_,$(notdir $*))[] = {' >> $@
	@sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n",/' $< >> $@
	@echo '0 };' >> $@

# Kept: else make removes them at its end, and says so below the sum of the tests.
.PRECIOUS: $(B)/o/%.asset.c

$(B)/o/%.asset.o: $(B)/o/%.asset.c $(B)/flags
	$(call quietly,CC,$<)$(COMPILE) -c -o $@ $<
