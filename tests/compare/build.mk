# compare: the experiments and their report. Its style sheets and script become strings,
# a line each.

COMPARE_TESTS := figures_test fabricate crook
COMPARE_O := $(patsubst tests/compare/%.c,$(B)/tests/compare/%.o, \
	$(filter-out $(COMPARE_TESTS:%=tests/compare/%.c),$(wildcard tests/compare/*.c)))
COMPARE_O += $(patsubst %,$(B)/tests/compare/asset_%.o,chart.css page.css page.js)
RESULTS_O := $(patsubst %,$(B)/tests/compare/%.o,results results_file json stats format \
	plan)

TOOLS += $(B)/compare
TEST_PROGRAMS += $(COMPARE_TESTS:%=$(B)/tests/compare/%)

$(B)/compare: $(COMPARE_O)
	$(LINK) -o $@ $^ -lm

$(B)/tests/compare/%.o: tests/compare/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -I$(@D) -c -o $@ $<

$(B)/tests/compare/asset_%.c: tests/compare/%
	@mkdir -p $(@D)
	@echo '#include "assets.h"' > $@
	@echo 'const char *const asset_$(subst .,_,$*)[] = {' >> $@
	sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n",/' $< >> $@
	@echo 'NULL };' >> $@

$(B)/tests/compare/asset_%.o: $(B)/tests/compare/asset_%.c $(B)/flags
	$(COMPILE) -Itests/compare -c -o $@ $<

$(B)/tests/compare/machine.o: CPPFLAGS += \
	-DBUILD_FLAGS='"$(subst ",\",$(strip $(DIALECT) $(CFLAGS) $(HARDEN) $(SANITIZE) $(LDFLAGS)))"'

$(B)/tests/compare/figures_test $(B)/tests/compare/fabricate: %: %.o $(RESULTS_O)
	$(LINK) -o $@ $^ -lm

$(B)/tests/compare/crook: %: %.o
	$(LINK) -o $@ $^

# make compare [QUICK=1] [ARGS="--only 1 --server mine='./my_server {port}'"]
compare: all
	$(B)/compare --out $(B)/report $(if $(QUICK),--quick) $(ARGS)

.PHONY: compare
