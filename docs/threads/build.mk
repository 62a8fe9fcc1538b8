# The programs of the chapter on threads.

TOOLS += $(B)/oneshot $(B)/herd
$(B)/oneshot: $(B)/o/docs/threads/oneshot.o
$(B)/herd: $(patsubst %,$(B)/o/docs/threads/%.o,herd herd_waiters)
$(B)/oneshot $(B)/herd: private LIBS = -pthread
