# The exhibits of docs/museum.  Each is a server with one mistake, built from the live
# sources and a patch: tests/museum/NAME.sed (tests/mutants/patch.sh).

EXHIBITS = $(patsubst tests/museum/%.sed,%,$(wildcard tests/museum/*.sed))

ifneq ($(filter museum,$(or $(SUITES),museum)),)
test: $(EXHIBITS:%=$(B)/museum/%)
endif

# Builds them all, and puts each to the grader or to what else catches it.  EXHIBIT=NAME:
# that one.
museum: $(EXHIBITS:%=$(B)/museum/%) servers $(B)/grade $(B)/tests/scenarios $(B)/tests/scene \
        $(B)/tests/hold
	@B='$(B)' $(B)/tests/hold museum sh tests/museum/run --graded $(EXHIBIT)

# The settings at the heads of the patches, as NAME:SETTING:VALUE.
patch_settings := $(shell awk '{ name = FILENAME; gsub(/.*\/|[.]sed$$/, "", name) } \
    /^\# (file|server|warning): / { for (i = 3; i <= NF; i++) print name ":" $$2 $$i }' \
    tests/museum/*.sed)
patch_setting = $(patsubst $(1):$(2):%,%,$(filter $(1):$(2):%,$(patch_settings)))

# The objects that an exhibit NAME is linked from: those of its server, but for the broken.  A
# patch of common/ says in which server the mistake is shown.
broken_objects = $(patsubst %.c,$(B)/museum/src/$(1)/%.o,$(call patch_setting,$(1),file))
whole_objects = $(filter-out $(patsubst %.c,$(B)/%.o,$(call patch_setting,$(1),file)),$(COMMON_O)) \
                $(if $(call patch_setting,$(1),server),$(B)/$(call patch_setting,$(1),server).o)

define exhibit
$(B)/museum/$(1): $(call broken_objects,$(1)) $(call whole_objects,$(1))
	$$(call quietly,LD,$$@)$$(LINK) -o $$@ $$^
$(B)/museum/src/$(1)/%.c: %.c tests/museum/$(1).sed tests/mutants/patch.sh
	@mkdir -p $$(@D)
	@. tests/mutants/patch.sh && patch_apply tests/museum/$(1).sed $$< >$$@
# The pages show them, so they stay.
.SECONDARY: $(patsubst %,$(B)/museum/src/$(1)/%,$(call patch_setting,$(1),file))
$(B)/museum/src/$(1)/%.o: private ignored := $(addprefix -Wno-,$(call patch_setting,$(1),warning))
endef
$(foreach e,$(EXHIBITS),$(eval $(call exhibit,$(e))))

$(B)/museum/src/%.o: $(B)/museum/src/%.c $(B)/flags
	$(call quietly,CC,$<)$(COMPILE) -Icommon $(ignored) -c -o $@ $<

.PHONY: museum
-include $(wildcard $(B)/museum/src/*/*/*.d)
