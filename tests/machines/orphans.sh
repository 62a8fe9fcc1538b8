#!/bin/sh
# shellcheck disable=SC1091,SC2016,SC2154,SC2317 # lib.sh; scripts in quotes
# orphans.sh - a server that has left its parent and its group is measured, and is gone when the
# tool is: at the end, and where it is broken off.
. "$(dirname "$0")/lib.sh"
TMPDIR=$t
export TMPDIR t B

# left: who has the mark in its environment
left() { grep -l -a "MARK=$t" /proc/[0-9]*/environ 2>/dev/null | tr -dc '0-9\n'; }

# leaves NAME STATUS SIGNAL COMMAND...: with a signal once a server is up (`-`: none), it ends
# with this status; and then nothing runs that it has started
leaves() {
    leaves_name=$1 want=$2 signal=$3
    shift 3
    rm -f "$t/up" "$t/said"
    env MARK="$t" "$@" >"$t/said" 2>&1 </dev/null &
    running=$! tries=0
    until [ "$signal" = - ] || [ -e "$t/up" ] || [ -s "$t/said" ] || [ $tries = 500 ]; do
        tries=$((tries + 1))
        sleep 0.02
    done
    [ "$signal" = - ] || kill -s "$signal" $running
    wait $running 2>/dev/null
    got=$? found=$(left)
    verdict "orphans/$leaves_name" "$([ "$got $found" = "$want " ] ||
        echo "expected status $want, came $got; left: $found $(tail -n 2 "$t/said")")"
    # shellcheck disable=SC2086 # numbers
    [ -z "$found" ] || kill -KILL $found
}

if command -v setsid >/dev/null; then
    # setsid ends at once, and leaves the server in the background
    away='setsid sh -c '\'': >"$t/up"; exec "$B"/poll_server -p {port}'\'
    for how in - TERM; do
        [ $how = TERM ] && end=-broken-off status=143 || end='' status=0
        leaves "compare$end" "$status" "$how" "$B/compare" -q --quick --only 6 --rounds 1 --standard none \
            --server "x=$away" --out "$t/out"
        leaves "race$end" "$status" "$how" "$B/race" --rows -d 1 --server "x=$away"
    done
else
    skip orphans/setsid "needs setsid (util-linux)"
fi
# It takes its time, and the grader waits for it.
leaves grade-broken-off 143 TERM "$B/grade" 'sh -c "trap : TERM; : >\"\$t/up\"; \"\$B\"/poll_server -p {port} & wait; sleep 9"'
up "$B/poll_server" -p 0
leaves badclient-broken-off 143 TERM "$B/badclient" idle -d 60 "$port"
down
exit "$failed"
