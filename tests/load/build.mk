# loadgen, and what proves it: a lying server and the histogram's own check.

TOOLS += $(B)/loadgen
TEST_PROGRAMS += $(B)/tests/liar $(B)/tests/histogram_test

$(B)/loadgen: $(patsubst %.c,$(B)/o/%.o,$(wildcard tests/load/loadgen*.c)) \
              $(B)/o/tests/load/histogram.o $(B)/tests/lib.a
$(B)/tests/liar: $(B)/o/tests/load/liar.o
$(B)/tests/histogram_test: $(patsubst %,$(B)/o/tests/load/%.o,histogram_test histogram)
