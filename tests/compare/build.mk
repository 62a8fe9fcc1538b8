# compare: the experiments and their report.

COMPARE_TESTS := figures_test fabricate
COMPARE_C := $(filter-out $(COMPARE_TESTS:%=tests/compare/%.c),$(wildcard tests/compare/*.c))
COMPARE_ASSETS := $(patsubst %,$(B)/o/tests/compare/%.asset.o,chart.css page.css page.js)

TOOLS += $(B)/compare
TEST_PROGRAMS += $(COMPARE_TESTS:%=$(B)/tests/compare/%)

$(B)/compare $(B)/tests/compare/figures_test $(B)/tests/compare/fabricate: private LIBS = -lm
$(B)/compare: $(COMPARE_C:%.c=$(B)/o/%.o) $(COMPARE_ASSETS) $(B)/tests/lib.a
$(COMPARE_TESTS:%=$(B)/tests/compare/%): $(B)/%: $(B)/o/%.o
$(B)/tests/compare/figures_test $(B)/tests/compare/fabricate: \
    $(patsubst %,$(B)/o/tests/compare/%.o,results results_file json stats format plan) \
    $(B)/tests/lib.a

$(B)/o/tests/compare/machine.o: private CPPFLAGS += \
	-DBUILD_FLAGS='"$(subst ",\",$(strip $(DIALECT) $(CFLAGS) $(HARDEN) $(SANITIZE) $(LDFLAGS)))"'

# make compare [QUICK=1] [ARGS="--only 1 --server mine='./my_server {port}'"]
compare: all
	$(B)/compare --out $(B)/report $(if $(QUICK),--quick) $(ARGS)

.PHONY: compare
