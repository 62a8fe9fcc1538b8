# The programs of the chapter on threads.  The servers are linked like the four, with the
# calls into common/ inlined.

THREADED := $(B)/dispatch_server $(B)/accept_server
CREW_O := $(patsubst %,$(B)/o/docs/threads/%.o,crew mailbox numbers)
TOOLS += $(B)/oneshot $(B)/herd
all: $(THREADED)

$(B)/oneshot: $(B)/o/docs/threads/oneshot.o
$(B)/herd: $(patsubst %,$(B)/o/docs/threads/%.o,herd herd_waiters)
$(B)/oneshot $(B)/herd: private LIBS = -pthread

$(THREADED): $(B)/%: $(B)/o/docs/threads/%.o $(CREW_O) $(COMMON_O)
	$(call quietly,LD,$@)$(LINK) $(LTO) -pthread -o $@ $^
$(B)/accept_server: $(B)/o/docs/threads/acceptor.o
$(THREADED:$(B)/%=$(B)/o/docs/threads/%.o) $(CREW_O) $(B)/o/docs/threads/acceptor.o: \
    private CPPFLAGS += $(LTO)
