# The differential, which is a tool too: all servers send the same bytes.

TOOLS += $(B)/tests/same
$(B)/tests/same: $(B)/o/tests/same/same.o $(B)/tests/lib.a
