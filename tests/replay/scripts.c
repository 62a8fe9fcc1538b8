#include "scripts.h"

#include <stddef.h>

const struct script_of_acts scripts[] = {
    { .name = "pieces", .title = "Two requests in three pieces",
      .question = "A client connects. Then it sends two requests, cut into three pieces. How"
                  " often does each server return from its wait, and after which piece does it"
                  " answer?",
      .answer = "A read is not a message. Each piece wakes each server once. What is not yet a"
                " complete request stays in the program's input buffer. To the edge-triggered"
                " server, the new connection is news of its own: it is ready for OUT.",
      .options = "",
      .acts = { "from here", "A opens", "A says 9@10 +", "A says  1234@8@99", "A says  - 57@" } },
    { .name = "bites", .title = "Small bites, level against edge",
      .question = "One request of 12 bytes has come, and a recv takes 4 bytes at the most"
                  " (--read-size 4). How many waits does each server need for it?",
      .answer = "Level trigger says again what is still true. So three servers read once and"
                " return to their wait, and need a wait for each bite. Edge trigger says it"
                " once: that server has to go on until EAGAIN, and needs one wait.",
      .options = "--read-size 4",
      .acts = { "A opens", "from here", "A says 9@10 + 1234@" } },
    { .name = "slow", .title = "A slow reader",
      .question = "Client A asks 800 sums at once, and does not read the replies. Where do the"
                  " replies wait, who asks the kernel to tell when there is room, and what"
                  " becomes of the next request of A?",
      .answer = "The rest of the replies waits in the program, which stops reading A: its next"
                " request stays in the socket. select sets a bit in the other set, poll changes"
                " an entry, epoll_lt makes a system call, epoll_et does nothing: it was"
                " registered for OUT from the beginning. But it must remember the edge that told"
                " of the next request.",
      .options = "--sndbuf 2304",
      .acts = { "A opens", "from here", "A asks 800", "A says 3@1+1@", "A reads" } },
    { .name = "idle", .title = "A thousand silent clients, and one that asks",
      .question = "A thousand clients are connected and say nothing. Client A asks one sum. How"
                  " many descriptors does each server describe to the kernel, and how many slots"
                  " does it look at, to answer A?",
      .answer = "select and poll hand over all of them, each time, and search the answer for"
                " the one that is ready. The kernel searches, too: it asks each socket. With"
                " epoll, both need to know of A only.",
      .options = "",
      .acts = { "500 open", "A opens", "500 open", "from here", "A says 9@10 + 1234@" } },
    { .name = "descriptors", .title = "Out of descriptors",
      .question = "The server may have one client more, and two come. The second cannot be"
                  " accepted, and the listener stays ready. Why does no server spin?",
      .answer = "A level-triggered wait would report the listener at once, again and again. So"
                " select leaves its bit out, poll makes its entry negative, and epoll_lt changes"
                " the interest list: for 0.1 s, or until a client goes. The edge-triggered wait"
                " reports it once, and that program must remember that somebody waits.",
      .options = "",
      .acts = { "one descriptor", "from here", "A opens", "B opens", "A leaves" } },
    { .name = "fin", .title = "A short read with a FIN behind it",
      .question = "A client sends a request and its FIN in one segment. recv takes 12 bytes of"
                  " the 16,384 that it asked for. May the edge-triggered server conclude that"
                  " nothing more is there?",
      .answer = "A short read says that the queue is empty, and the FIN is not in the queue. A"
                " level-triggered wait reports IN again. An edge-triggered one does not, so that"
                " server looks at RDHUP: it came with the IN, so it reads once more.",
      .options = "",
      .acts = { "A opens", "from here", "A says 9@10 + 1234@ and finishes" } },
    { .name = NULL }
};
