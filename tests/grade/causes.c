#define _GNU_SOURCE
#include "causes.h"

#include <stdio.h>
#include <string.h>

const struct cause causes[] = {
    /* how it starts and ends */
    { "cannot-run", "The command could not be started.",
      "Did you compile it, and does its name begin with ./ ?" },
    { "exits", "A server goes on when one client is done.",
      "Run it in a terminal, do the same by telnet, and read what it prints last." },
    { "killed", "A signal ended it; no client may be able to do that.",
      "Run it under gdb, or build it with -g -fsanitize=address,undefined." },
    { "never-binds", "Nothing listens at the port.",
      "Does it call socket, bind and listen, with the port from the command line?" },
    { "binds-another-port", "The port on the command line is the one to listen at.",
      "Convert it with htons(): a port in the wrong byte order is another port." },
    /* the protocol */
    { "no-answer", "Each request has one reply, sent as soon as the request is whole.",
      "telnet 127.0.0.1 PORT, and type the request." },
    { "wrong-answer", "The reply is not the one that docs/protocol.md defines.",
      "Look up the rule there, or ask a build/poll_server at its PORT: (printf 'REQUEST'; "
      "sleep 1) | telnet 127.0.0.1 PORT" },
    { "not-to-all", "In chat a line goes to every client, the speaker too.",
      "Two terminals, telnet in both. Type in one, and look at the other." },
    { "line-torn", "What recv returned is a part of a line, or several lines.",
      "Keep the bytes of each client until their LF has come, and pass on whole lines." },
    { "order-changed", "Everybody hears the lines in one order: that in which they came.",
      "Append a new line behind the lines that wait already." },
    { "room-stalls", "One client does not read, and the others do not hear each other.",
      "The others said what waits for it. Keep that, or drop the client; nobody waits." },
    { "prepared-replies", "It answers what a run with this seed has asked before, and nothing "
      "else.", "Work each reply out of its request: see docs/protocol.md." },
    { "floor-division", "The protocol's division truncates toward zero, as in C.",
      "-7 / 2 is -3 and -7 % 2 is -1." },
    { "overflow-unchecked", "A result that does not fit 64 bits has status 3.",
      "Check before you calculate: see docs/protocol.md, the table of statuses." },
    { "one-client-only", "After the first client comes the next.",
      "accept stands in a loop, not before it." },
    /* the stream */
    { "read-is-message", "TCP keeps the order of the bytes, not the cuts.",
      "Keep what recv brings in a buffer of the client's, and answer when a request is "
      "whole in it." },
    { "one-reply-a-read", "A recv may bring many requests; no further one wakes you up.",
      "Answer in a loop until no whole request is left in the buffer." },
    { "nul-ends-it", "Bytes that come from a socket are no string.",
      "Use the length that recv returned; no strlen, %s, strchr, strcpy." },
    { "payload-is-searched", "A payload may hold any byte, the @ too: it is counted.",
      "Take LENGTH bytes after the first @, and look for nothing in them." },
    { "small-buffer", "A payload may have 4,095 bytes.",
      "How long is your input buffer, and what happens when it is full?" },
    { "white-space", "Between frames, white space is skipped; each LF there is answered "
      "with CR LF.", "telnet sends CR and LF behind each line." },
    { "slow", "Each step came in time, all of them together did not.",
      "Where does it sleep? strace -r -f shows the pauses." },
    /* several clients */
    { "one-at-a-time", "While it waits for one client, nobody else is served.",
      "Ask the kernel who is ready (poll), or give each client a thread." },
    { "blocking-read", "A client that sends half a request holds everybody.",
      "Read once when the client is ready, keep the half, and go back to the wait." },
    { "one-accept-per-edge", "An edge is told once, however many clients it stands for.",
      "Accept until EAGAIN." },
    { "mixes-clients", "One client got what is another's.",
      "Input and output belong to one connection; who is the buffer shared with?" },
    { "few-clients", "It turned clients away that it has room for.",
      "How large is the array, and what does the second argument of listen say?" },
    { "stranded", "Clients wait in the backlog, and nobody is told of them.",
      "Who watches the listener again after accepting was paused? Descriptors come back "
      "without a close of yours, too: while it is paused, give the wait a timeout." },
    { "dies-of-eintr", "A signal, SIGCONT too, may end a wait with EINTR: it means again.",
      "Treat EINTR of the wait as a turn with nobody ready. Ctrl-Z and fg show it." },
    { "forgotten-edge", "An edge is told once. Who remembers the rest?",
      "Read until EAGAIN; or keep a list of those who are not done." },
    { "oneshot-not-rearmed", "After one report EPOLLONESHOT is silent.",
      "epoll_ctl with EPOLL_CTL_MOD after each turn." },
    /* endings */
    { "half-close-unanswered", "A FIN says: I send nothing more. It does not say: I am "
      "gone.", "Answer all that came before it; close when the last reply is sent." },
    { "lost-at-close", "What was owed when the client's FIN came never arrived.",
      "Send what is left, then close. Closing with unread input is an RST, which "
      "destroys replies on their way." },
    { "no-end", "When all is answered after a FIN, the stream ends.",
      "read returns 0: then close, as soon as nothing is owed." },
    { "bad-frame", "A frame that cannot be one is answered with 3@0 5@, then the end.",
      "See docs/protocol.md, When a bad frame is known." },
    { "closed-early", "Your server closed this client, which still wanted answers.",
      "Call recv again until it returns 0. If recv is -1 with EAGAIN, nothing has come yet: do "
      "not close." },
    { "sigpipe", "A write to a client that is gone kills a program that does not say "
      "otherwise.", "signal(SIGPIPE, SIG_IGN), or MSG_NOSIGNAL; then handle EPIPE." },
    { "dies-of-reset", "A reset is the end of one client, not of the server.",
      "ECONNRESET of recv or send: close that client, and go on." },
    { "descriptors-leak", "Whoever is gone still has a descriptor in the server.",
      "ls -l /proc/PID/fd. Each way out for a client ends in close." },
    /* a client that does not read */
    { "blocking-send", "A send that blocks one client holds everybody.",
      "Try: build/badclient slow-reader -n 1 PORT. With MSG_DONTWAIT send returns instead: "
      "what it did not take is kept, until there is room." },
    { "unbounded-output", "Who does not read is read from all the same, and the memory "
      "pays.", "Stop reading from a client whose replies wait; go on when they are gone." },
    { "short-write", "send may take less than it was given.",
      "It returns how many bytes it took. Keep the rest, and send it when there is room." },
    { "eagain-is-error", "A socket that is full is no error: send says EAGAIN.",
      "Keep what is left, wait for OUT, and send it then." },
    { "interest-lost", "The client is ready again, and the kernel is not asked about it.",
      "Where does the server take IN or OUT off, and where does it put it on again? After "
      "the last reply it must also go on with requests that it has read already." },
    /* quiet */
    { "spins", "Nobody speaks, and it runs; no client is the reason.",
      "strace -c -f -p PID: which call returns at once, and with what?" },
    { "spins-on-write-interest", "A socket with room is always writable.",
      "Ask for OUT only while something waits to be sent." },
    { "spins-after-fin", "A socket at its end is always readable: read returns 0.",
      "Take 0 for the end, and stop watching or close." },
    { "spins-on-read-interest", "Bytes that you do not want to read keep you awake.",
      "Whoever is not to be read from is not to be watched for IN." },
    { "busy-wait", "To ask everybody in turn keeps a processor busy with nothing.",
      "Let the kernel wait: poll with the timeout -1." },
    /* limits */
    { "emfile-spin", "accept fails with EMFILE, and the listener stays ready.",
      "Stop watching the listener, and note the time. After 100 ms, or when you have closed a "
      "client, watch it again, also while others are talking. Give the wait a timeout so that "
      "it wakes up for this." },
    { "emfile-ends-it", "Without a free descriptor it gave up.",
      "EMFILE of accept is no error of the server, and its -1 is no descriptor: keep it out of "
      "the array, pause, and try again later." },
    { "fd-setsize", "FD_SET of a descriptor of 1,024 or more writes beyond the set.",
      "Refuse a client whose descriptor is FD_SETSIZE or more; count values, not clients." },
    { 0 }
};

/* Where a request is any bytes, and its reply is those bytes. */
static const struct cause in_echo[] = {
    { "no-answer", "What a client sends comes back to it, as soon as it is there.",
      "telnet 127.0.0.1 PORT, type a line, and see whether it comes back." },
    { "wrong-answer", "An echo server sends back the bytes that came, and nothing else.",
      "No banner, nothing between and nothing behind them." },
    { "blocking-send", "A send that blocks one client holds everybody.",
      "Try: build/badclient slow-reader -s echo -n 1 PORT. With MSG_DONTWAIT send returns "
      "instead: what it did not take is kept, until there is room." },
    { 0 }
};

/* Where a request is a line, and its reply is that line with everybody. */
static const struct cause in_chat[] = {
    { "no-answer", "A line goes to every client, the speaker too, as soon as its LF has come.",
      "telnet 127.0.0.1 PORT, type a line, and see whether it comes back." },
    { "wrong-answer", "What everybody hears is the line as it came: nothing before it, nothing "
      "behind it.", "No banner and no names: rules 1 and 2 of docs/labs/08-chat.md." },
    { "one-reply-a-read", "A recv may bring many lines; no further one wakes you up.",
      "Pass on in a loop until no LF is left in the buffer." },
    { "small-buffer", "A line may have 1,000 bytes, the LF counted.",
      "How long is your input buffer, and what happens when it is full?" },
    { "blocking-read", "A client that sends half a line holds everybody.",
      "Read once when the client is ready, keep the half, and go back to the wait." },
    { "blocking-send", "A send that blocks for one client holds the whole room.",
      "With MSG_DONTWAIT send returns instead: keep what it did not take, for this client, "
      "and send it when poll reports OUT for it." },
    { "unbounded-output", "The lines for a client that does not read wait in your memory.",
      "That has an end: drop the client when more than 1 MB waits (rule 5 of "
      "docs/labs/08-chat.md)." },
    { "half-close-unanswered", "A FIN says: I send nothing more. What came before it was said.",
      "Pass on all whole lines that were read; then take 0 of recv for the end." },
    { "mixes-clients", "One client's bytes are in another's line.",
      "The input buffer belongs to one connection; who is it shared with?" },
    { 0 }
};

/* Where more was seen than the cause: its name, a slash, and what. */
static const struct cause nuances[] = {
    { "wrong-answer/echoes", "Your server sent the request back.",
      "If it is an echo server, add SERVICE=echo (or -s echo)." },
    { "binds-another-port/fixed", "The port on the command line is the one to listen at.",
      "Use argv[1]: no port stands in the source." },
    { "one-at-a-time/polls", "Your server uses poll, but it called recv for a client that "
      "poll did not report.", "Set revents to 0 when you add a client, and read only from an "
      "entry that this poll reported, once." },
    { "one-at-a-time/waits", "Your server waits for all its clients, but it called recv for a "
      "client that this wait did not report.",
      "Read only from a client that was reported, once; or with MSG_DONTWAIT." },
    { "one-at-a-time/queue", "Nobody could connect: the listener's queue is full, because the "
      "server does not come back to accept.",
      "Ask the kernel who is ready (poll), or give each client a thread." },
    { "stranded/while-others-talk", "It looks at the listener again only when nobody speaks.",
      "Note the time when you stop watching it. Compare after each wait, also after one that "
      "reported somebody: 100 ms later watch it again." },
    { "bad-frame/cut", "A frame that is cut short cannot become one.",
      "If the client ends inside a frame, answer 3@0 5@, then close: docs/protocol.md, How a "
      "connection ends." },
    { "bad-frame/first-byte", "Before a frame only space, tab, CR and LF are skipped; any other "
      "byte but a digit is a bad frame, the NUL too.",
      "Compare with each of the four: strchr finds the NUL, too, at the end of its string. See "
      "docs/protocol.md, When a bad frame is known." },
    { "spins/earlier", "It began to run before this stage, so ONLY=6 may not show it.",
      "strace -f -p PID: a send or a recv that returns -1, and not EAGAIN, means: close that "
      "client." },
    { "emfile-spin/by-itself", "accept fails with EMFILE at once, and is called again.",
      "In a server with a process or a thread for each client: sleep a little after accept "
      "has failed, as in rung 2 of docs/ladder." },
    { 0 }
};

static const struct cause *find(const struct cause *c, const char *name)
{
    for (; c->name; c++)
        if (!strcmp(c->name, name))
            return c;
    return NULL;
}

const struct cause *cause_find(const char *name, const char *nuance, enum service service)
{
    const struct cause *c = NULL;
    char whole[80];

    if (nuance) {
        snprintf(whole, sizeof whole, "%s/%s", name, nuance);
        c = find(nuances, whole);
    }
    if (!c && service != CALC)
        c = find(service == CHAT ? in_chat : in_echo, name);
    return c ? c : find(causes, name);
}

static const struct hint hints[] = {
    { "Which six calls does the smallest server need, and in which order?",
      "telnet 127.0.0.1 PORT; type 9@10 + 1234@ and see what comes back.",
      "docs/protocol.md, One exchange, byte by byte; docs/ladder/01-one.c" },
    { "One send of 24 bytes: how many recv calls may it take to get them?",
      "build/badclient split PORT; and print, after each recv, how many bytes it was.",
      "docs/protocol.md, Frames; docs/ladder/README.md, rungs 7 and 8;\n"
      "        docs/museum/read-is-message.md" },
    { "In which call does your server stand while a client says nothing? Who could be "
      "served then?",
      "Two terminals, telnet in both. Type in the second one first.",
      "docs/ladder/README.md, rungs 1 to 6; poll_server/README.md" },
    { "recv returned 0. What do you know about the client, and what not?",
      "printf '9@10 + 1234@5@2 * 3@' | nc -N 127.0.0.1 PORT, if nc is there.",
      "docs/protocol.md, How a connection ends; docs/museum/rdhup-is-gone.md,\n"
      "        docs/museum/lost-at-close.md, docs/museum/sigpipe.md" },
    { "A client asks and asks and does not read. Where do the replies lie, in the order "
      "in which the places fill?",
      "build/badclient slow-reader -n 1 PORT, and meanwhile telnet from another terminal.",
      "docs/ladder/README.md, rung 9; docs/museum/blocking-send.md,\n"
      "        docs/museum/short-write.md" },
    { "Which of your descriptors is ready when nobody has said anything?",
      "top -p PID, then strace -f -p PID: which call returns without waiting?",
      "docs/labs/04-write-interest.md; docs/museum/always-writable.md,\n"
      "        docs/museum/fin-unseen.md" },
    { "accept fails with EMFILE. Who still waits, and what will the next wait say?",
      "(ulimit -n 10; ./mine PORT), in parentheses for this start only; then twelve telnets.",
      "docs/labs/01-descriptors.md; docs/ladder/README.md, rungs 10 to 12;\n"
      "        docs/museum/emfile-spin.md, docs/museum/slots-counted.md" },
};

static const struct hint hints_in_echo[] = {
    { "Which six calls does the smallest server need, and in which order?",
      "telnet 127.0.0.1 PORT; type a line and see whether it comes back. Then a second line.",
      "docs/ladder/README.md, rung 1; docs/ladder/01-one.c" },
    { "recv returned 5. Which bytes of your buffer came from the client, and what lies behind "
      "them?",
      "Print after each recv what it returned, and what strlen says of the buffer.",
      "docs/ladder/01-one.c, serve_client; docs/museum/nul-ends-it.md" },
    { 0 },
    { "recv returned 0. What do you know about the client, and what not?",
      "printf 'the end\\n' | nc -N 127.0.0.1 PORT, if nc is there: does the line come back?",
      "docs/protocol.md, How a connection ends; docs/museum/rdhup-is-gone.md,\n"
      "        docs/museum/lost-at-close.md, docs/museum/sigpipe.md" },
    { "A client sends and sends and does not read. Where do the bytes lie that are due to it, "
      "in the order in which the places fill?",
      "build/badclient slow-reader -s echo -n 1 PORT, and meanwhile telnet from another "
      "terminal.",
      "docs/ladder/README.md, rung 9; docs/museum/blocking-send.md,\n"
      "        docs/museum/short-write.md" },
};

static const struct hint hints_in_chat[] = {
    { "One client said a line. How many sends does that make, and where is the list of those "
      "who get it?",
      "Three terminals, telnet 127.0.0.1 PORT in each. Type in one, and look at the others.",
      "docs/labs/08-chat.md, The rules; docs/ladder/06-poll.c" },
    { "Two clients send half a line each, in turn. Where do the halves lie meanwhile?",
      "(printf 'half a'; sleep 9; echo) | nc 127.0.0.1 PORT, if nc is there, and a telnet.",
      "docs/ladder/README.md, rungs 7 and 8; docs/museum/read-is-message.md" },
    { 0 },
    { "A client says a line and leaves. Who hears the line, and what is done with half a "
      "line?",
      "printf 'the end\\nhalf a' | nc -N 127.0.0.1 PORT, if nc is there, beside a telnet.",
      "docs/labs/08-chat.md, rules 3 and 4; docs/museum/rdhup-is-gone.md,\n"
      "        docs/museum/sigpipe.md" },
    { "One client does not read. Where do the others' lines lie that are due to it, and when "
      "has that an end?",
      "make grade SERVER='./mine {port}' SERVICE=chat ONLY=5, and meanwhile top -p PID.",
      "docs/labs/08-chat.md, rules 5 and 6; docs/ladder/README.md, rung 9;\n"
      "        docs/museum/blocking-send.md" },
};

const struct hint *hint_find(int stage, enum service service)
{
    const struct hint *own = service == CHAT ? hints_in_chat : hints_in_echo;
    const int count = sizeof hints_in_chat / sizeof *hints_in_chat;

    _Static_assert(sizeof hints_in_echo == sizeof hints_in_chat, "stages 1 to 5");
    if (service != CALC && stage <= count && own[stage - 1].question)
        return &own[stage - 1];
    return &hints[stage - 1];
}
