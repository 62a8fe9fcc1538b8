# a wait that fails for ever is made again for ever
# file: common/program.c
# tests: rows:wait-fails
s/if (error == EINTR || error == ENOMEM)/if (true)/
