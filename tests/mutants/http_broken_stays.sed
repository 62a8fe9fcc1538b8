# after a broken head the connection stays
# file: common/service.c
# tests: unit
s/if (!r.keep_alive)/if (!r.keep_alive \&\& !http_broken(r.status))/
