# requests left over for want of room are never taken up
# file: common/conn.h
# tests: unit
/return buffer_length(&c->out) > 0/s/ || c->progress == SERVICE_CROWDED//
