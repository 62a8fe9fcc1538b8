# replay: what happens in the four servers, step by step, as one page.  Its style sheet and
# script become strings, a line each, as those of the report (tests/compare).

REPLAY_ASSETS := $(patsubst %,$(B)/o/tests/replay/asset_%.c,replay.css replay.js)

TEST_PROGRAMS += $(B)/tests/replay
$(B)/tests/replay: $(patsubst %.c,$(B)/o/%.o,$(wildcard tests/replay/*.c)) \
    $(REPLAY_ASSETS:.c=.o) $(B)/tests/lib.a

$(REPLAY_ASSETS): $(B)/o/tests/replay/asset_%.c: tests/replay/%
	@mkdir -p $(@D)
	@echo 'extern const char *const asset_$(subst .,_,$*)[];' > $@
	@echo 'const char *const asset_$(subst .,_,$*)[] = {' >> $@
	@sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n",/' $< >> $@
	@echo '0 };' >> $@

$(REPLAY_ASSETS:.c=.o): %.o: %.c $(B)/flags
	$(call quietly,CC,$<)$(COMPILE) -c -o $@ $<

# make replay: a page that a teacher can mail or project, and its trace
replay: servers $(B)/tests/replay
	@mkdir -p $(B)/replay
	@$(B)/tests/replay --build $(B) --page $(B)/replay/index.html --trace $(B)/replay/trace.jsonl
	@echo 'Open $(B)/replay/index.html'

.PHONY: replay
