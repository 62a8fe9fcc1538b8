# the slot that is swapped in is skipped
# file: poll_server/poll_server.c
# scene: A opens; B opens; C opens; D opens; E opens; F opens; G opens; H opens; STOP; A leaves; B leaves; C leaves; D leaves; E leaves; F leaves; G leaves; H leaves; CONT; USR1
# tests: ledger:waits>10
/^static void run/,/^}/{
    s/nfds_t i = used;/nfds_t i = 0;/
    s/while (left > 0 && i > 0) {/for (; left > 0 \&\& i < s->used; i++) {/
    s/slots\[--i\]/slots[i]/
    s/scanned += used - i;/scanned += i;/
}
