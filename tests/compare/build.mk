# compare: the experiments and their report. Its style sheets and script become strings,
# a line each.

COMPARE_O := $(patsubst tests/compare/%.c,$(B)/tests/compare/%.o, \
	$(filter-out tests/compare/%_test.c,$(wildcard tests/compare/*.c)))
COMPARE_ASSETS := $(patsubst %,$(B)/tests/compare/%.inc,chart.css page.css page.js)

TOOLS += $(B)/compare

$(B)/compare: $(COMPARE_O)
	$(LINK) -o $@ $^ -lm

$(B)/tests/compare/%.o: tests/compare/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -I$(@D) -c -o $@ $<

$(B)/tests/compare/%.inc: tests/compare/%
	@mkdir -p $(@D)
	sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n",/' $< > $@

$(B)/tests/compare/assets.o: $(COMPARE_ASSETS)
$(B)/tests/compare/machine.o: CPPFLAGS += \
	-DBUILD_FLAGS='"$(subst ",\",$(DIALECT) $(CFLAGS) $(HARDEN) $(SANITIZE) $(LDFLAGS))"'

# make compare [QUICK=1] [ARGS='--only 1 --server mine="./my_server {port}"']
compare: all
	$(B)/compare --out $(B)/report $(if $(QUICK),--quick) $(ARGS)

.PHONY: compare
