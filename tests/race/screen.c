#define _GNU_SOURCE
#include "screen.h"

#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* The other screen, no cursor; and back. */
static const char enter[] = "\033[?1049h\033[?25l\033[2J";
static const char leave[] = "\033[0m\033[?25h\033[?1049l";

static struct termios before;
static volatile sig_atomic_t taken, resized, stop_asked, continued;

static void on_resize(int sig) { (void)sig; resized = 1; }
static void on_stop(int sig) { (void)sig; stop_asked = 1; }
static void on_continue(int sig) { (void)sig; continued = 1; }

bool screen_possible(void)
{
    const char *term = getenv("TERM");

    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term != NULL && term[0] != '\0'
           && strcmp(term, "dumb") != 0;
}

/* The console of Linux has fonts of 256 or 512 characters, mostly without these blocks. */
bool screen_ascii(void)
{
    const char *term = getenv("TERM");

    setlocale(LC_CTYPE, "");
    return strcmp(nl_langinfo(CODESET), "UTF-8") != 0
           || (term != NULL && strcmp(term, "linux") == 0);
}

bool screen_colour(void)
{
    const char *none = getenv("NO_COLOR");

    return none == NULL || none[0] == '\0';
}

static void say(const char *text, size_t size)
{
    if (write(STDOUT_FILENO, text, size) < 0) {
        /* A terminal that has gone: SIGHUP is on its way. */
    }
}

static void take(void)
{
    struct termios raw = before;

    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);      /* Ctrl-C and Ctrl-Z stay signals */
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    taken = 1;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    say(enter, sizeof enter - 1);
}

void screen_close(void)
{
    if (!taken)
        return;
    say(leave, sizeof leave - 1);
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    taken = 0;
}

void screen_open(void)
{
    struct sigaction a = { .sa_handler = on_resize };

    if (tcgetattr(STDIN_FILENO, &before) < 0)
        return;
    sigaction(SIGWINCH, &a, NULL);
    a.sa_handler = on_stop;
    sigaction(SIGTSTP, &a, NULL);
    a.sa_handler = on_continue;
    sigaction(SIGCONT, &a, NULL);
    atexit(screen_close);
    take();
}

void screen_size(int *rows, int *columns)
{
    struct winsize size = { 0 };

    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    *rows = size.ws_row > 0 ? size.ws_row : 24;
    *columns = size.ws_col > 0 ? size.ws_col : 80;
}

bool screen_resized(void)
{
    bool yes = resized;

    resized = 0;
    return yes;
}

/* Somebody else may stop us, with SIGSTOP, and then use the terminal: whenever we go on, it is
 * taken anew. */
bool screen_stops(void)
{
    bool stopped;

    if (stop_asked) {
        stop_asked = 0;
        screen_close();
        raise(SIGSTOP);
        continued = 1;
    }
    stopped = continued;
    continued = 0;
    if (stopped) {
        take();
        resized = 1;
    }
    return stopped;
}

static int read_byte(double seconds)
{
    struct pollfd p = { STDIN_FILENO, POLLIN, 0 };
    unsigned char byte;

    if (poll(&p, 1, (int)(seconds * 1000)) != 1)
        return KEY_NONE;
    return read(STDIN_FILENO, &byte, 1) == 1 ? byte : 'q';      /* there will be no more */
}

/* An arrow is ESC [ A to D, or ESC O A to D; what else begins with ESC is passed over. */
int screen_key(double seconds)
{
    static const int arrows[] = { KEY_UP, KEY_DOWN, KEY_RIGHT, KEY_LEFT };
    int byte = read_byte(seconds);

    if (byte != '\033')
        return byte;
    byte = read_byte(0.02);
    if (byte != '[' && byte != 'O')
        return KEY_NONE;
    do
        byte = read_byte(0.02);
    while (byte >= 0x20 && byte < 0x40);
    return byte >= 'A' && byte <= 'D' ? arrows[byte - 'A'] : KEY_NONE;
}

void screen_show(const struct canvas *c)
{
    if (!taken)
        return;
    canvas_show(c, stdout);
    fflush(stdout);
}
