# What the exercises need beside the servers and their clients.

TOOLS += $(B)/inherit
$(B)/inherit: $(B)/o/tests/labs/inherit.o
