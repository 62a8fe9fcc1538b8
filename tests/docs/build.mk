# scene plays the scenes that the pages show: tests/docs/run.

TEST_PROGRAMS += $(B)/tests/scene
$(B)/tests/scene: $(B)/o/tests/docs/scene.o $(B)/tests/lib.a
