# make                 the four servers and the tools, into build/
# make run             all four on loopback, until Ctrl-C
# make test            every test; SUITES='unit scenarios' for some of them
# make CC=clang        with another compiler: clang, musl-gcc ...
# make B=DIR SAN=1     into DIR, under AddressSanitizer and UndefinedBehaviorSanitizer

B ?= build
CFLAGS ?= -O2 -g
SERVERS = select_server poll_server epoll_lt_server epoll_et_server

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion
DIALECT = -std=c11

# Hardening that costs next to nothing: docs/maintainers/reliability.md says what each does and what
# it was measured to cost.
ifdef SAN
HARDEN =
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else
HARDEN = -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
HARDEN_LINK = -pie -Wl,-z,relro,-z,now
endif

# A server's calls into common/ are inlined when it is linked, where the compiler can leave
# both kinds of code in an object (gcc): a fifth of a request's instructions.  Tests are
# linked with the plain kind, and sanitizers and coverage see each function for itself.
ifeq ($(SAN)$(filter --coverage,$(CFLAGS)),)
LTO := $(shell $(CC) -Werror -flto -ffat-lto-objects -S -x c /dev/null -o - >/dev/null 2>&1 \
           && echo -flto -ffat-lto-objects)
endif

COMPILE = $(CC) $(DIALECT) $(WARNINGS) $(HARDEN) $(SANITIZE) $(CFLAGS) $(CPPFLAGS) -MMD -MP
LINK = $(CC) $(if $(LTO),-fno-lto) $(SANITIZE) $(CFLAGS) $(HARDEN_LINK) $(LDFLAGS)

COMMON_O = $(patsubst common/%.c,$(B)/common/%.o,$(wildcard common/*.c))

all: servers tools

# What tests/*/build.mk adds: TOOLS for `make`, TEST_PROGRAMS for `make test`, PROGRAMS for
# a target of its own.
TOOLS =
TEST_PROGRAMS =
PROGRAMS =
include $(wildcard tests/*/build.mk)

servers: $(SERVERS:%=$(B)/%)
tools: $(TOOLS)

$(SERVERS:%=$(B)/%): $(B)/%: $(B)/%.o $(COMMON_O)
	$(LINK) $(LTO) -o $@ $^

define server_object
$(B)/$(1).o: $(1)/$(1).c $(B)/flags
	$$(COMPILE) $(LTO) -c -o $$@ $$<
endef
$(foreach s,$(SERVERS),$(eval $(call server_object,$(s))))

$(B)/common/%.o: common/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) $(LTO) -c -o $@ $<

# The object of tests/x/y.c is $(B)/o/tests/x/y.o.
$(B)/o/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

# A build.mk says which objects and archives a program is linked from, and with which LIBS
# (private: a prerequisite would inherit them).
$(filter-out %.so,$(TOOLS) $(TEST_PROGRAMS) $(PROGRAMS)):
	@mkdir -p $(@D)
	$(LINK) -o $@ $(filter %.o %.a,$^) $(LIBS)

# Another compiler or other flags: everything is made anew.
$(B)/flags: FORCE
	@mkdir -p $(B)
	@echo '$(COMPILE) $(LINK) $(LTO)' | cmp -s - $@ || echo '$(COMPILE) $(LINK) $(LTO)' > $@

# Ctrl-C reaches the servers by itself, since a terminal signals the whole group; a SIGTERM
# reaches only this shell, which passes it on.  The first `wait` ends with the signal,
# the second one with the last server.
run: servers
	@trap : INT; trap 'kill $$servers' TERM; servers=; \
	for s in $(SERVERS); do \
	    rm -f $(B)/$$s.line; mkfifo $(B)/$$s.line || exit 1; \
	    $(B)/$$s > $(B)/$$s.line & servers="$$servers $$!"; \
	    read -r line < $(B)/$$s.line && echo "$$line    telnet 127.0.0.1 $${line##*:}"; \
	    rm -f $(B)/$$s.line; \
	done; \
	echo "Ctrl-C stops them."; \
	wait; wait

test: all $(TEST_PROGRAMS)
	@sh tests/run $(B) $(SUITES)

clean:
	rm -rf $(B)

.PHONY: all servers tools run test clean FORCE
FORCE:

-include $(wildcard $(B)/*.d $(B)/*/*.d $(B)/o/*/*/*.d)
