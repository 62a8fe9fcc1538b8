# What the exercises need beside the servers and their clients.

TOOLS += $(B)/inherit

$(B)/tests/labs/inherit.o: tests/labs/inherit.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(B)/inherit: $(B)/tests/labs/inherit.o
	$(LINK) -o $@ $^
