/*
 * caption: what to look for in each experiment, and why it is so. Written before any
 * measurement, so nothing here claims a figure; what was found is said by words.c.
 */
#include "caption.h"

#include "plan.h"

const struct caption captions[EXPERIMENTS + 1] = {
    [IDLE_SLOPE] = {
        "Ten clients ask without pause; all others hold a connection and say nothing.",
        "Which lines rise, and which lie flat? The work asked for is the same at "
        "every point.",
        "select and poll hand the whole list to the kernel at each wait. The kernel "
        "asks every descriptor on it whether it is ready, and then the server goes "
        "through the list once more to find out which are. A client that says nothing "
        "is asked all the same. With epoll the list stays in the kernel, and a descriptor "
        "that becomes ready puts itself on a second, short one: the idle are never "
        "looked at. select's list is a set of FD_SETSIZE bits. The C library fixes this "
        "number at 1,024, so the line of select has an end." },
    [ALL_ACTIVE] = {
        "Every client asks again as soon as it has its reply. Nobody is idle.",
        "How the lines fall together as clients are added, and how little is between "
        "them at the right end.",
        "When everybody is active, one wait brings many ready descriptors at once "
        "(the right panel counts them), so one walk over the list is shared by as "
        "many requests. epoll's merit is not to look at the idle; here there are "
        "none, and its list of ready descriptors is work too. Gammo, Brecht, Shukla "
        "and Pariag measured this in 2004 (“Comparing and evaluating epoll, select, "
        "and poll event mechanisms”, Ottawa Linux Symposium)." },
    [HALF_LOAD] = {
        "The same clients, but requests come at a fixed rate, the same for all "
        "servers: half of what the slowest of them can answer.",
        "Compare both panels with those of experiment 2. Fewer requests, and a "
        "higher price for each?",
        "A server that keeps up finds one or two descriptors ready at a time, not "
        "hundreds. select and poll then walk the whole list for a single request. "
        "Being busy hides the price of scanning; having time shows it. That is why a "
        "benchmark at full load says little about a server at its usual one." },
    [HIGH_DESCRIPTOR] = {
        "Five clients, twice: all on low descriptors, and with one of the five near "
        "descriptor 1,000. The descriptors between are open, but none of them is "
        "watched.",
        "For whom does the filled mark stand away from the hollow one?",
        "select is told one number, the highest descriptor plus one. The kernel goes "
        "through every bit below it, watched or not, and the server through every "
        "bit up to the last that is ready; both pass over 64 zeros at one look, "
        "which makes it cheaper, not shorter. poll is given the descriptors "
        "themselves, and does not care what their numbers are; nor does epoll." },
    [BILL] = {
        "The servers' own ledgers: every system call that they made, set against the "
        "requests that they answered.",
        "The length of a bar is the number of calls; the thin bar below it counts "
        "those that found nothing to do (would block). Which part shrinks when many "
        "clients are active?",
        "A read and a write are owed to every request, whatever the mechanism. What "
        "differs is how many requests share one wait, how often the interest list "
        "has to be changed, and how often a call is made only to learn that there is "
        "nothing left, which edge trigger must do wherever a read came back full." },
    [CHURN] = {
        "Each client connects, asks once, and closes; then the next. The measure is "
        "the server's CPU for one connection: connections per second would measure "
        "the client, which has the harder work.",
        "The distance between the servers, and whether the ranges of the rounds "
        "overlap.",
        "For select and poll a new connection is one more entry in their own memory. "
        "epoll has to be told of each by a system call, epoll_ctl. Where connections "
        "last long that is soon forgotten; where each has one request it is a tax on "
        "all. Closing a descriptor takes it off the list without being asked." },
    [STALL] = {
        "Requests come at a fixed rate of 4,000 a second over ten connections. In "
        "the middle the server is stopped for 100 ms (SIGSTOP), then goes on.",
        "The same requests twice. On the left latency counts from when a request was "
        "sent, on the right from when it was due. Where does the stall show?",
        "A client that waits for a reply before it sends the next request falls "
        "silent while the server stands. Ten requests notice; the hundreds that were "
        "due meanwhile are sent late, and their waiting is not counted. Most load "
        "generators measure like that (Gil Tene calls it coordinated omission). "
        "Users do not wait with their wishes until the server has time: count from "
        "when the request was due." },
    [FAIRNESS] = {
        "A pinger asks, waits for the reply, and asks again: first alone, then "
        "beside one client that keeps 1,000 requests under way.",
        "How far the curves move up from left to right, above all at 99 % and beyond.",
        "A server that served one client until nothing is left would keep the others "
        "waiting for as long as that client can send. Each of these servers does a "
        "bounded amount of work for one client in one turn of its loop, so the "
        "pinger waits for a turn of the flooder, not for its end. Edge trigger has "
        "to remember whom it left with work to do, since the kernel will not say so "
        "again." },
};
