# together starts the four servers for `make run`.

TOOLS += $(B)/together
$(B)/together: $(B)/o/tests/together/together.o $(B)/tests/lib.a
