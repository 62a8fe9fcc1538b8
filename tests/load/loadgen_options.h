/*
 * The command line of loadgen. Ends the program: with 0 after -h, with 2 and one
 * line on stderr when something is wrong.
 */
#ifndef LOADGEN_OPTIONS_H
#define LOADGEN_OPTIONS_H

#include "loadgen_exchange.h"

#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

enum mode {
    MODE_CLOSED,            /* a reply lets the next request out */
    MODE_OPEN,              /* a request is sent when it is due, reply or not */
    MODE_CHURN              /* a connection for each request */
};

struct options {
    enum service service;
    enum mode mode;
    unsigned active, idle, pipeline;
    unsigned bytes;         /* of an echo message */
    double seconds;         /* how long to measure; 0: until `requests` */
    double warmup;          /* seconds */
    double rate;            /* open loop: requests a second; else 0 */
    double timeout;         /* seconds */
    uint64_t requests;      /* how many to ask; 0: for `seconds` */
    uint64_t seed;
    unsigned may_refuse;
    pid_t pid;              /* 0: none */
    const char *json;       /* NULL: none */
    int quiet;
    struct sockaddr_storage address;
    socklen_t address_size;
    char target[64];        /* the address for humans: "127.0.0.1:8081", "[::1]:8081" */
};

void options_parse(struct options *o, int argc, char **argv);

const char *service_name(enum service s);
const char *mode_name(enum mode m);

#endif
