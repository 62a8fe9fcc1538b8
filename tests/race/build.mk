# race: the four servers under the same load, live; and what draws its screen from stored rows.

RACE_O := $(patsubst %.c,$(B)/o/%.o,$(filter-out tests/race/picture.c,$(wildcard tests/race/*.c))) \
          $(patsubst %,$(B)/o/tests/%.o,bench/rest compare/process load/loadgen_connection \
            load/loadgen_exchange load/loadgen_http load/loadgen_process)

TOOLS += $(B)/race
TEST_PROGRAMS += $(B)/tests/race_picture

$(B)/race $(B)/tests/race_picture: private LIBS = -lm
$(B)/race: $(RACE_O) $(B)/tests/lib.a
$(B)/tests/race_picture: $(patsubst %,$(B)/o/tests/race/%.o,picture panel canvas figures)

race: all
	@$(B)/race

.PHONY: race
