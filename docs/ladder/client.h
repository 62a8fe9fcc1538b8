/* client - the two steps of a client, word for word as in rung 9: from rung 10 on. */
/* One send.  What the socket has no room for stays in the output. */
static inline void flush(struct client *c)
{
    ssize_t n = c->owed > 0 ? send(c->fd, c->out, c->owed, MSG_NOSIGNAL) : 0;

    if (n > 0) {
        c->owed -= (size_t)n;
        memmove(c->out, c->out + n, c->owed);
    } else if (n < 0 && errno != EAGAIN) {
        c->ending = true;
        c->owed = 0;    /* nobody is left to get it */
    }
}

/* One recv, and the replies to what it brought.  False: there was nothing to receive. */
static inline bool fill(struct client *c)
{
    ssize_t n = recv(c->fd, c->in + c->held, IN - c->held, 0);

    if (n < 0 && errno == EAGAIN)
        return false;
    c->held += n > 0 ? (size_t)n : 0;
    c->ending = n <= 0;
    answer_frames(c);
    return true;
}
