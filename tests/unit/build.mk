# The unit tests: one program a room of common/.

UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))
FAKE_LINK := -Wl,--wrap=recv -Wl,--wrap=send -Wl,--wrap=shutdown -Wl,--wrap=close \
	-Wl,--wrap=ioctl -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=free
TEST_PROGRAMS += $(UNIT_TESTS)

$(UNIT_TESTS): private LIBS = $(FAKE_LINK)
$(B)/tests/unit/test_net: private LIBS += -Wl,--wrap=accept4
$(UNIT_TESTS): $(B)/%: $(B)/o/%.o $(patsubst %,$(B)/o/tests/unit/%.o,unit fake) \
               $(COMMON_O) $(B)/tests/lib.a
