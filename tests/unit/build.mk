# The unit tests: one program a room of common/.

UNIT_TESTS := $(patsubst tests/unit/test_%.c,$(B)/tests/unit/test_%,\
	$(wildcard tests/unit/test_*.c))
UNIT_O := $(B)/tests/unit/unit.o $(B)/tests/unit/fake.o
FAKE_LINK := -Wl,--wrap=recv -Wl,--wrap=send -Wl,--wrap=shutdown -Wl,--wrap=close \
	-Wl,--wrap=ioctl -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=free
TEST_PROGRAMS += $(UNIT_TESTS)

$(B)/tests/unit/%.o: tests/unit/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(B)/tests/unit/test_net: WRAP = -Wl,--wrap=accept4
$(UNIT_TESTS): %: %.o $(UNIT_O) $(COMMON_O) $(B)/tests/lib.a
	$(LINK) $(FAKE_LINK) $(WRAP) -o $@ $^

-include $(wildcard $(B)/tests/unit/*.d)
