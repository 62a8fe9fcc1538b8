/* party - the guests of one run: a fixed handful of clients, good and bad.
 *
 * All are there at once and are driven by one poll loop, with no sleep in it. Each
 * knows every byte it is to receive. A guest whose connection breaks is *lost* and
 * counted; a wrong byte, or nothing at all until the guard, fails the test (check.h).
 *
 *     party_enter(&party, &server, "calc");
 *     lost = party_play(&party);     ... everything asked for has been answered ...
 *     (SIGTERM)
 *     party_leave(&party);           ... and those who stayed saw the end
 */
#ifndef PARTY_H
#define PARTY_H

#include "../lib/launch.h"

enum { PARTY_GUESTS = 9, PARTY_READ = 16384 };

/* When a guest acts: from the start; from the start, but it reads only when those who
 * read at once have done; when all the others have done. */
enum turn { PROMPT, READS_LATE, COMES_LATE, ALL_DONE };

/* What a guest sends and receives, and how it behaves. */
struct guest {
    const char *name;
    const char *out;     /* everything it sends */
    const char *want;    /* everything it receives (http: as reply_digest has it) */
    size_t unit_out;     /* it sends so much ahead of ... */
    size_t unit_want;    /* ... so much answered; 0: no need to wait for answers */
    size_t step;         /* most bytes in one send; 0: any number */
    bool half_closes;    /* FIN behind the last byte sent */
    bool is_ended;       /* the server's FIN must follow the last byte wanted */
    bool breaks_off;     /* RST when everything is sent, whatever came */
    bool stays;          /* still there when the server is told to stop */
    enum turn turn;
};

struct seat {
    const struct guest *guest; /* NULL: free */
    int fd;                    /* -1: gone */
    size_t out_length, want_length, sent, got;
    bool done, lost;
    char head[600];            /* http: of the reply under way */
    size_t head_length, body_left;
    bool in_body, without_body;
};

struct party {
    const struct server *server;
    struct seat seats[PARTY_GUESTS];
};

void party_enter(struct party *party, const struct server *server);
int party_play(struct party *party);
void party_leave(struct party *party);

/* How many are connected now. */
int party_present(const struct party *party);

/* The guests for a service, PARTY_GUESTS of them, ended by a nameless one. */
const struct guest *guests_for(const char *service);

/* Of received http, what the party compares: each complete reply becomes its status
 * and a newline, "200\n". A reply whose turn in `want` reads "200-" instead is one to
 * HEAD: it has no body. `digest` needs as much room as `bytes`. Returns its length. */
size_t reply_digest(struct seat *seat, const char *bytes, size_t length, char *digest);

#endif
