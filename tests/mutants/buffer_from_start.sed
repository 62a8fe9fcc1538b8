# what is kept begins with bytes that were used up
# file: common/buffer.c
# tests: unit
s/memcpy(own, b->data + b->start, length)/memcpy(own, b->data, length)/
