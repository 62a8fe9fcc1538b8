# replay: what happens in the four servers, step by step, as one page.

REPLAY_ASSETS := $(patsubst %,$(B)/o/tests/replay/%.asset.o,replay.css replay.js)

TEST_PROGRAMS += $(B)/tests/replay
$(B)/tests/replay: $(patsubst %.c,$(B)/o/%.o,$(wildcard tests/replay/*.c)) \
    $(REPLAY_ASSETS) $(B)/tests/lib.a

# make replay: a page that a teacher can mail or project, and its trace
replay: servers $(B)/tests/replay
	@mkdir -p $(B)/replay
	@$(B)/tests/replay --build $(B) --page $(B)/replay/index.html --trace $(B)/replay/trace.jsonl
	@echo 'Open $(B)/replay/index.html'

.PHONY: replay
