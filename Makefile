# make                 the four servers and the tools, into build/
# make run             all four on loopback, until Ctrl-C; AT=ADDRESS PORT=FIRST for others
# make test            every test; SUITES='unit scenarios' for some of them
# make ladder          what each small server of docs/ladder can and cannot do
# make facts           what the kernel says to what is taught; make museum: real bugs
# make starter         MECHANISM=poll: a server to complete;  make repair: three to repair
# make grade           SERVER='./mine {port}': your server, judged; make hint N=5
# make grade-all       DIR=handins: all of them; make doctor: is this machine fit?
# make race            the four under load, live; make replay: step by step, as a page
# make compare         what each mechanism costs, as a page
# make CC=clang        with another compiler: clang, musl-gcc ...
# make V=1             with the compiler's command lines
# make B=DIR SAN=1     into DIR, under AddressSanitizer and UndefinedBehaviorSanitizer
# make B=DIR TSAN=1    into DIR, under ThreadSanitizer (docs/threads)

B ?= build
CFLAGS ?= -O2 -g
# The path of the clone may hold anything, for none of it is named here; that of B may not.
ifneq ($(strip $(words $(B)) $(foreach c,' " : ; % & *,$(findstring $(c),$(B)))),1)
$(error B=$(B): make cannot build there; take a path of letters, digits and . / - _)
endif
SERVERS = select_server poll_server epoll_lt_server epoll_et_server

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion
DIALECT = -std=c11

# musl's FD_SET converts the sign of the descriptor that it is given.
MUSL := $(findstring musl,$(CC) $(shell $(CC) -dumpmachine 2>/dev/null))
WARNINGS += $(if $(MUSL),-Wno-sign-conversion)

# Hardening that costs next to nothing: docs/maintainers/reliability.md says what each does and what
# it was measured to cost.
ifdef SAN
HARDEN =
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifdef TSAN
HARDEN =
SANITIZE = -fsanitize=thread -fno-omit-frame-pointer
else
# -U: some compilers define it by themselves.  It asks for optimization.
HARDEN = $(if $(filter-out -O0,$(filter -O%,$(CFLAGS))),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2) \
         -fstack-protector-strong -fPIE
HARDEN_LINK = -pie -Wl,-z,relro,-z,now
endif

# A server's calls into common/ are inlined when it is linked, where the compiler can leave
# both kinds of code in an object (gcc): a fifth of a request's instructions.  Tests are
# linked with the plain kind, and sanitizers and coverage see each function for itself.
ifeq ($(SAN)$(TSAN)$(filter --coverage,$(CFLAGS)),)
LTO := $(shell $(CC) -Werror -flto -ffat-lto-objects -S -x c /dev/null -o - >/dev/null 2>&1 \
           && echo -flto -ffat-lto-objects)
endif

# $(call quietly,CC,file) before a command: the command line itself is shown with V=1 only.
quietly = $(if $(filter 1,$(V)),,@echo '$(1) $(2)';)

COMPILE = $(CC) $(DIALECT) $(WARNINGS) $(HARDEN) $(SANITIZE) $(CFLAGS) $(CPPFLAGS) -MMD -MP
LINK = $(CC) $(if $(LTO),-fno-lto) $(SANITIZE) $(CFLAGS) $(HARDEN_LINK) $(LDFLAGS)

COMMON_O = $(patsubst common/%.c,$(B)/common/%.o,$(wildcard common/*.c))

all: servers tools

# What tests/*/build.mk and docs/*/build.mk add: TOOLS for `make`, TEST_PROGRAMS for `make test`, PROGRAMS for
# a target of its own.
TOOLS =
TEST_PROGRAMS =
PROGRAMS =
include $(wildcard tests/*/build.mk docs/*/build.mk)

servers: $(SERVERS:%=$(B)/%)
tools: $(TOOLS)

$(SERVERS:%=$(B)/%): $(B)/%: $(B)/%.o $(COMMON_O)
	$(call quietly,LD,$@)$(LINK) $(LTO) -o $@ $^

define server_object
$(B)/$(1).o: $(1)/$(1).c $(B)/flags
	$$(call quietly,CC,$$<)$$(COMPILE) $(LTO) -c -o $$@ $$<
endef
$(foreach s,$(SERVERS),$(eval $(call server_object,$(s))))

$(B)/common/%.o: common/%.c $(B)/flags
	@mkdir -p $(@D)
	$(call quietly,CC,$<)$(COMPILE) $(LTO) -c -o $@ $<

# The object of tests/x/y.c is $(B)/o/tests/x/y.o.
$(B)/o/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call quietly,CC,$<)$(COMPILE) -c -o $@ $<

# A build.mk says which objects and archives a program is linked from, and with which LIBS
# (private: a prerequisite would inherit them).
$(filter-out %.so,$(TOOLS) $(TEST_PROGRAMS) $(PROGRAMS)):
	@mkdir -p $(@D)
	$(call quietly,LD,$@)$(LINK) -o $@ $(filter %.o %.a,$^) $(LIBS)

# Another compiler or other flags: everything is made anew.
$(B)/flags: FORCE
	@mkdir -p $(B)
	@echo '$(COMPILE) $(LINK) $(LTO)' | cmp -s - $@ || echo '$(COMPILE) $(LINK) $(LTO)' > $@

# All the programs that the pages use are there when the servers run.
run: all
	@$(B)/together '$(or $(AT),127.0.0.1)' '$(or $(PORT),8081)' $(SERVERS:%=$(B)/%)

test: all $(TEST_PROGRAMS)
	@sh tests/run '$(B)' $(SUITES)

clean:
	rm -rf $(B)

.PHONY: all servers tools run test clean FORCE
FORCE:

-include $(wildcard $(B)/*.d $(B)/*/*.d $(B)/o/*/*/*.d)
