# Fuzz targets: replayed with any compiler by `make test`, run for real by `make fuzz`.

FUZZ_LIFE := life_select life_poll life_epoll_lt life_epoll_et
FUZZ_TARGETS := frame calc http $(FUZZ_LIFE)
FUZZ_REPLAYS := $(FUZZ_TARGETS:%=$(B)/tests/fuzz/replay_%)
FUZZ_LINK = $(FAKE_LINK) -Wl,--wrap=epoll_ctl
TEST_PROGRAMS += $(FUZZ_REPLAYS)

$(FUZZ_LIFE:%=$(B)/tests/fuzz/replay_%): private LIBS = $(FUZZ_LINK)
$(FUZZ_LIFE:%=$(B)/tests/fuzz/replay_%): \
    $(patsubst %,$(B)/o/tests/%.o,fuzz/life fuzz/life_model unit/fake unit/unit)
$(FUZZ_REPLAYS): $(B)/tests/fuzz/replay_%: $(B)/o/tests/fuzz/%.o \
    $(patsubst %,$(B)/o/tests/fuzz/%.o,expect replay) $(COMMON_O) $(B)/tests/lib.a

# SECONDS for each target; or SATURATE=1: each until twice the executions find no new edge.
fuzz:
	@FUZZ_LINK='$(FUZZ_LINK)' sh tests/fuzz/fuzz $(B) \
	    $(if $(SATURATE),saturate,$(or $(SECONDS),60)) $(FUZZ_TARGETS)

.PHONY: fuzz
