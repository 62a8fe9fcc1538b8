# The rungs of docs/ladder, and what climbs them.

RUNGS := $(patsubst docs/ladder/%.c,$(B)/ladder/%,$(wildcard docs/ladder/*.c))
TEST_PROGRAMS += $(B)/tests/ladder
$(B)/tests/ladder: $(patsubst %.c,$(B)/o/%.o,$(wildcard tests/ladder/*.c)) $(B)/tests/lib.a
test: $(RUNGS)

$(RUNGS): $(B)/ladder/%: docs/ladder/%.c $(wildcard docs/ladder/*.h) $(B)/flags
	@mkdir -p $(@D)
	$(call quietly,CC,$<)$(CC) $(DIALECT) $(WARNINGS) $(SANITIZE) $(CFLAGS) $(LDFLAGS) -pthread -o $@ $<

# Shows what each rung cannot do, and that the next one can; RUNG=05-select for one of them.
ladder: $(RUNGS) $(B)/tests/ladder $(B)/inherit $(B)/epoll_et_server
	@'$(B)/tests/ladder' $(RUNG)

# Rung by stage of the grader, in a minute; with CHECK=1 against the picture of the page.
ladder-stages: $(RUNGS) $(B)/grade $(B)/poll_server
	@B='$(B)' sh tests/ladder/stages $(CHECK:%=--check) $(RUNG)

.PHONY: ladder ladder-stages
