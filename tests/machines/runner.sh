#!/bin/sh
# shellcheck disable=SC1091,SC2016,SC2154,SC2317 # lib.sh; scripts in quotes
# runner.sh - tests/run must not report a success that was none.
. "$(dirname "$0")/lib.sh"

mkdir -p "$t/tree/tests" "$t/tree/build/tests" "$t/temporary" "$t/tests" || exit 1
cp tests/run "$t/tree/tests/run"
cp "$B/tests/hold" "$t/tree/build/tests/hold"

# suite NAME LINES: a suite of the staged tree, not executable: a checkout may lose that
suite() {
    mkdir -p "$t/tree/tests/$1"
    printf '%s\n' "$2" >"$t/tree/tests/$1/run"
}
suite good 'echo "ok good/one"'
suite red 'echo "FAIL red/one: expected this"; exit 1'
suite empty ':'
suite dies 'echo "ok dies/one"; exit 3'
suite skips 'echo "skip skips/one: needs what is not here"'
suite litters 'echo "ok litters/one"; : >"$TMPDIR/file"'
suite orphans 'echo "ok orphans/one"; sleep 60 >/dev/null 2>&1 &'
suite hears '(sh -c "kill -HUP \$\$"); [ $? != 129 ] || echo "ok hears/one"'
suite comma 'echo "ok comma/one"; [ "$(awk "BEGIN { print 1 / 2 }")" = 0.5 ]'

# run SUITE...: the staged runner
run() { TMPDIR=$t/temporary sh "$t/tree/tests/run" "$t/tree/build" "$@"; }

runs run/good 0 '^1 passed, 0 failed$' run good
runs run/red 1 '^0 passed, 1 failed$' run red
runs run/red-is-not-hidden-by-others 1 '^2 passed, 1 failed, 1 skipped$' run good red skips good
runs run/unknown-suite 2 'there is no suite scenario; there are: ' run scenario
runs run/no-test 1 '^FAIL empty: no test ran' run empty good
runs run/status-without-fail 1 '^FAIL dies: it ended with status 3' run dies
runs run/nothing-but-skips 1 '^0 passed, 0 failed, 1 skipped$' run skips
runs run/bytes-are-compared 0 '^1 passed' env LC_ALL="${COMMA:-C}" sh "$t/tree/tests/run" "$t/tree/build" comma
runs run/nohup 0 '^1 passed' "$B/tests/odd" -i sh "$t/tree/tests/run" "$t/tree/build" hears
runs run/file-left 1 '^FAIL litters: it left a file behind: file$' run litters
runs run/process-left 1 '^FAIL orphans: it left process [0-9]* behind: sleep 60$' run orphans
runs run/no-temporary-folder wrong 'set TMPDIR' \
    env TMPDIR="$t/nowhere" sh "$t/tree/tests/run" "$t/tree/build" good
runs run/no-file-may-grow 0 'no room for .*ulimit -f$' \
    sh -c '"$0/tests/odd" -f sh "$1" "$2" good 2>&1 | cat' "$B" "$t/tree/tests/run" "$t/tree/build"
runs run/cdpath 0 '^1 passed' sh -c 'cd "$0/tree" && CDPATH=$0/temporary:$0 sh tests/run build good' "$t"
if [ -w /dev/full ]; then
    # shellcheck disable=SC2016 # for the shell within
    runs run/full-output wrong '' sh -c 'sh "$1" "$2" good >/dev/full' - "$t/tree/tests/run" "$t/tree/build"
fi

# Broken off, all it started ends, and its folder goes.
suite long 'echo $$ >"$TMPDIR/pid"; : >"$TMPDIR/file"; sleep 60; echo "ok long/one"'
TMPDIR=$t/temporary sh "$t/tree/tests/run" "$t/tree/build" long >"$t/said" 2>&1 &
runner=$!
tries=0
until cat "$t"/temporary/*/pid >"$t/pid" 2>/dev/null && [ -s "$t/pid" ] || [ $tries = 500 ]; do
    tries=$((tries + 1))
    sleep 0.02
done
kill -TERM $runner
wait $runner
status=$?
if [ $status = 0 ] || [ -n "$(ls -A "$t/temporary")" ] || kill -0 "$(cat "$t/pid")" 2>/dev/null; then
    verdict run/broken-off "status $status; left: $(ls -A "$t/temporary")"
else
    verdict run/broken-off
fi
exit "$failed"
