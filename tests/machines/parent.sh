#!/bin/sh
# shellcheck disable=SC1091,SC2016,SC2154,SC2317 # lib.sh; scripts in quotes
# parent.sh - whatever a parent left odd, a server serves, hears and ends as ever.
. "$(dirname "$0")/lib.sh"

state() { sed 's/.*) \(.\).*/\1/' "/proc/$serving/stat"; }
sleeps() { [ "$(state)" = S ] && sleep 0.05 && [ "$(state)" = S ]; }

# calm: it sleeps, and nearly whenever one looks
calm() {
    wait_until sleeps || return 1
    asleep=0
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        [ "$(state)" = S ] && asleep=$((asleep + 1))
        sleep 0.01
    done
    [ $asleep -ge 3 ]
}

# ends NAME: SIGTERM ends it in good order, with status 0
ends() {
    kill "$serving"
    wait_until sh -c "! kill -0 $serving 2>/dev/null || grep -q '^State:.Z' /proc/$serving/status 2>/dev/null"
    [ -d "/proc/$serving" ] && ! grep -q '^State:.Z' "/proc/$serving/status" 2>/dev/null && kill -KILL "$serving"
    wait "$serving"
    status=$?
    serving=
    verdict "$1" "$([ $status = 0 ] || echo "expected status 0 after SIGTERM, came $status")"
}

# own_port: one that was free a moment ago, for a server whose first line goes nowhere
own_port() {
    up "$B/poll_server" -p 0
    down
}

serves() { "$B/loadgen" -q -n 1 "$port" 2>/dev/null; }

for name in select_server poll_server epoll_lt_server epoll_et_server; do
    # Descriptors 0 to 2 closed: no socket, and not the self-pipe, may take their numbers.
    own_port
    "$B/tests/odd" -c "$B/$name" -vv -p "$port" -l "$t/ledger" &
    serving=$!
    wait_until serves || verdict "parent/$name/closed-descriptors" "it does not serve"
    kill -USR1 "$serving"
    reason=
    calm || reason="after SIGUSR1 it does not sleep"
    serves || reason="$reason after SIGUSR1 it does not serve"
    verdict "parent/$name/closed-descriptors" "$reason"
    ends "parent/$name/closed-descriptors-end"
    runs "parent/$name/ledger-is-alone" 0 '^{"server":' head -n 1 "$t/ledger"

    # A mask is inherited: TERM and USR1 must be heard all the same.
    up "$B/tests/odd" -b -i "$B/$name" -p 0
    kill -USR1 "$serving"
    reason=
    wait_until grep -q 'calls of' "$t/server.err" || reason="SIGUSR1 brings no table"
    verdict "parent/$name/blocked-usr1" "$reason"
    ends "parent/$name/blocked-term"

    # A table for each SIGUSR1, on a terminal that nobody reads: no write may wait for it.
    up "$B/tests/odd" -t "$B/$name" -p 0
    reason=
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
        kill -USR1 "$serving"
        serves || reason="it does not serve: it waits for the terminal"
        [ -z "$reason" ] || break
    done
    verdict "parent/$name/unread-terminal" "$reason"
    ends "parent/$name/unread-terminal-end"
done

# A refused start leaves the ledger of an earlier run alone; a refused write is told.
up "$B/poll_server" -p 0
echo kept >"$t/old"
runs parent/taken-port 1 'Address already in use' "$B/select_server" -l "$t/old" -p "$port"
runs parent/ledger-kept-if-taken 0 '^kept$' cat "$t/old"
runs parent/bad-option 2 '' "$B/select_server" -l "$t/old" -p 70000
runs parent/ledger-kept-if-refused 0 '^kept$' cat "$t/old"
down

# No file may grow: an error of the write, and no death without a line.
mkfifo "$t/pipe"
cat "$t/pipe" >"$t/said" &
up sh -c 'exec "$0/tests/odd" -f "$0/poll_server" -p 0 -l "$1/large" 2>"$1/pipe"' "$B" "$t"
kill "$serving"
wait "$serving"
status=$?
serving=
wait
reason=
if [ $status != 1 ] || ! grep -q 'File too large' "$t/said"; then
    reason="expected status 1 and a line, came $status: $(cat "$t/said")"
fi
verdict parent/file-size-limit "$reason"
runs parent/file-size-limit-help 0 'File too large' \
    sh -c '"$0/tests/odd" -f "$0/poll_server" -h 2>&1 >"$1/help" | cat' "$B" "$t"

# As many descriptors as there can be: neither memory nor time.
if "$B/tests/odd" -n true; then
    for name in select_server poll_server epoll_lt_server epoll_et_server; do
        up "$B/tests/odd" -n "$B/$name" -p 0
        memory=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$serving/status")
        verdict "parent/$name/descriptors-without-end" \
            "$([ "$memory" -lt 20000 ] || echo "it holds $memory KiB at the start")"
        down
    done
else
    skip parent/descriptors-without-end "needs a hard limit of fs.nr_open (ulimit -Hn)"
fi

# The tools, too: a SIGCHLD that is ignored costs the status of every child.
runs parent/scenarios-sigchld 0 '^ok ' \
    "$B/tests/odd" -i "$B/tests/scenarios" --only frames/sum "$B/poll_server"
runs parent/compare-sigchld 0 '^The page' "$B/tests/odd" -i "$B/compare" -q --quick --rounds 1 \
    --only 6 --standard poll --out "$t/out"
runs parent/run-sigchld 0 '^[1-9][0-9]* passed, 0 failed' \
    "$B/tests/odd" -i sh tests/run "$B" unit
exit "$failed"
