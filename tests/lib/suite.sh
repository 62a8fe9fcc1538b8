#!/bin/sh
# shellcheck disable=SC2034 # what is set here, the suites use
# suite.sh - what the suites share.  A `run` begins with
#
#     CDPATH='' cd "$(dirname "$0")/../.." || exit 1
#     . tests/lib/suite.sh
#
# and ends with `exit $failed`.  It then has
#
#     $suite    the name of its folder, with which the names of its tests begin
#     $B        the build directory
#     $t        an empty folder, which goes with the suite
#     $failed   1 after the first FAIL line, unless that was said in a subshell
#     $others   processes that it has started; they are ended with the suite
set -u
unset CDPATH
suite=$(basename "$(dirname "$0")")
B=${B:-build}
LC_ALL=C
export LC_ALL
t=$(mktemp -d) || exit 1
serving='' others='' failed=0

end_all() {
    for pid in $serving $others; do
        kill "$pid" && wait "$pid"
    done 2>/dev/null
    rm -rf "$t"
}
trap end_all EXIT
trap 'exit 130' INT TERM HUP

# --- verdicts: NAME, and what is wrong ------------------------------------------------------

ok() { echo "ok $suite/$1"; }
skip() { echo "skip $suite/$1: $2"; }
bad() {
    failed=1
    echo "FAIL $suite/$1: $(shift && echo "$*")"
}

# verdict NAME REASON...: no reason is ok
verdict() {
    tested=$1
    shift
    if [ -z "$*" ]; then ok "$tested"; else bad "$tested" "$@"; fi
}

# expect NAME WANT CAME
expect() { if [ "$2" = "$3" ]; then ok "$1"; else bad "$1" "expected '$2', came '$3'"; fi; }

# says NAME FILE PATTERN: some line of the file matches
says() {
    if grep -q -e "$3" "$2"; then ok "$1"; else
        bad "$1" "expected a line like /$3/ in $(basename "$2"), came: $(tail -n 5 "$2")"
    fi
}

# nothing_wrong NAME: what is wrong was written to $t/wrong, a line each
nothing_wrong() {
    if [ -s "$t/wrong" ]; then
        bad "$1" "$(head -n 1 "$t/wrong")"
        sed -n '2,40s/^/    /p' "$t/wrong"
    else
        ok "$1"
    fi
}

# fits_screen NAME COMMAND...: it exits with 0 and prints at most 24 lines of 80 characters
fits_screen() {
    verdict "$1" "$(shift
        "$@" >"$t/screen" || echo "$* ended with $?"
        awk 'length > 80 { print "too long: " $0 }
            END { if (!NR || NR > 24) print "expected 1 to 24 lines, came " NR }' "$t/screen")"
}

# --- waiting --------------------------------------------------------------------------------

# wait_until COMMAND...: twenty seconds are a guard
wait_until() {
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        [ $tries -lt 400 ] || return 1
        sleep 0.05
    done
}

# allows N: may a process here have so many descriptors?
allows() {
    # shellcheck disable=SC3045 # dash, busybox and bash all have it
    hard=$(ulimit -Hn)
    [ "$hard" = unlimited ] || [ "$hard" -ge "$1" ]
}

# --- one server -----------------------------------------------------------------------------

# up COMMAND...: starts it; $serving is who, $port where, by the first line that it prints
up() {
    [ -p "$t/banner" ] || mkfifo "$t/banner" || exit 1
    "$@" >"$t/banner" 2>"$t/server.err" &
    serving=$!
    read -r port <"$t/banner" || port=
    port=${port##*:}
}

down() {
    [ -z "$serving" ] || { kill "$serving" && wait "$serving"; } 2>/dev/null
    serving=
}
