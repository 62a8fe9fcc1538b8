# memory of its own is not freed when it borrows again
# file: common/buffer.c
# tests: unit fuzz
/^static void move_in/,/^}/s/if (!buffer_borrowed(b, work))/if (0)/
