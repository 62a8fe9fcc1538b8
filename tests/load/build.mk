# loadgen, and what proves it: a lying server and the histogram's own check.

LOADGEN_O := $(patsubst tests/load/%.c,$(B)/tests/load/%.o,\
    $(wildcard tests/load/loadgen*.c) tests/load/histogram.c)

TOOLS += $(B)/loadgen
TEST_PROGRAMS += $(B)/tests/liar $(B)/tests/histogram_test

$(B)/tests/load/%.o: tests/load/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(B)/loadgen: $(LOADGEN_O)
	$(LINK) -o $@ $^

$(B)/tests/liar: $(B)/tests/load/liar.o
	$(LINK) -o $@ $^

$(B)/tests/histogram_test: $(B)/tests/load/histogram_test.o $(B)/tests/load/histogram.o
	$(LINK) -o $@ $^
