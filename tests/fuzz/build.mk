# Fuzz targets: replayed with any compiler by `make test`, run for real by `make fuzz`.

FUZZ_LIFE := life_select life_poll life_epoll_lt life_epoll_et
FUZZ_TARGETS := frame calc http $(FUZZ_LIFE)
FUZZ_REPLAYS := $(FUZZ_TARGETS:%=$(B)/tests/fuzz/replay_%)
FUZZ_LINK = $(FAKE_LINK) -Wl,--wrap=epoll_ctl
TEST_PROGRAMS += $(FUZZ_REPLAYS)

$(B)/tests/fuzz/%.o: tests/fuzz/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

FUZZ_O := $(B)/tests/fuzz/expect.o $(B)/tests/fuzz/replay.o
FUZZ_LIFE_O := $(B)/tests/fuzz/life.o $(B)/tests/fuzz/life_model.o \
	$(B)/tests/unit/fake.o $(B)/tests/unit/unit.o

$(FUZZ_LIFE:%=$(B)/tests/fuzz/replay_%): $(FUZZ_LIFE_O)
$(FUZZ_LIFE:%=$(B)/tests/fuzz/replay_%): WRAP = $(FUZZ_LINK)
$(FUZZ_REPLAYS): $(B)/tests/fuzz/replay_%: $(B)/tests/fuzz/%.o $(FUZZ_O) $(COMMON_O) \
                                           $(B)/tests/lib.a
	$(LINK) $(WRAP) -o $@ $(filter %.o,$^) $(filter %.a,$^)

# SECONDS for each target; or SATURATE=1: each until twice the executions find no new edge.
fuzz:
	@FUZZ_LINK='$(FUZZ_LINK)' tests/fuzz/fuzz $(B) \
	    $(if $(SATURATE),saturate,$(or $(SECONDS),60)) $(FUZZ_TARGETS)

.PHONY: fuzz
-include $(wildcard $(B)/tests/fuzz/*.d)
