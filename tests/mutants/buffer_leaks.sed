# memory of its own is not freed when it borrows again
# file: common/buffer.c
# tests: unit fuzz
s/if (b->data != NULL \&\& !buffer_borrowed(b, spare))/if (0)/
