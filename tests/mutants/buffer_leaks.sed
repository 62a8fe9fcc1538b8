# memory of its own is not freed when it borrows again
# file: common/buffer.c
# tests: unit fuzz
/^void buffer_borrow/,/^}/s/if (!buffer_borrowed(b, spare))/if (0)/
