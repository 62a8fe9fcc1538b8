# The differential: all servers send the same bytes.

TEST_PROGRAMS += $(B)/tests/same

$(B)/tests/same-o/same.o: tests/same/same.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(B)/tests/same: $(B)/tests/same-o/same.o $(B)/tests/lib.a
	$(LINK) -o $@ $^
