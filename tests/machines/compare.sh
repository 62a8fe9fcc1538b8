#!/bin/sh
# shellcheck disable=SC1091,SC2016,SC2154,SC2317 # lib.sh; scripts in quotes
# compare.sh - servers that a script starts; compare with files that cannot be written, and
# where it is broken off.
. "$(dirname "$0")/lib.sh"
TMPDIR=$t/tmp
export TMPDIR t
mkdir "$TMPDIR"

compare() { "$B/compare" -q --quick --rounds 1 --only 6 --standard none "$@"; }

# A script without exec: not its own time is measured, but the server's.
cat >"$t/wrapper" <<END
#!/bin/sh
"\$B"/poll_server "\$@"
END
runs compare/script-is-looked-through 0 'µs of server CPU' \
    compare --server "mine=sh \"\$t\"/wrapper -p {port}" --out "$t/out"
cpu=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    { print $(at["cpu_s"]) * 1e6 }' "$t/out/results.csv")
if [ "${cpu%.*}" -gt 0 ]; then
    verdict compare/script-costs-time
else
    verdict compare/script-costs-time "the server used $cpu us of processor time"
fi

runs scenarios/script-is-looked-through 0 '^all  *6 of 6' \
    "$B/tests/scenarios" --only descriptors/ sh "$t/wrapper"

runs compare/nothing-measured 1 '^Nothing could be measured: it does not start' \
    compare --server 'mine=false {port}' --out "$t/out"

runs compare/out-refused-before 2 '--out .*: cannot make' \
    compare --server 'mine=false {port}' --out "$B/flags/out"
runs compare/charts-refused-before 2 '--charts .*: cannot make' \
    compare --server 'mine=false {port}' --out "$t/out" --charts "$B/flags/charts"
[ ! -w /dev/full ] || runs compare/full-stdout 1 'stdout cannot be written: No space' \
    sh -c '"$0" --render "$1" --out "$2" >/dev/full' "$B/compare" "$t/out/results.json" "$t/out"

# Its path, and that of its files, may have spaces and a quote.
mkdir "$t/my 'lab'"
cp "$B/compare" "$B/loadgen" "$B/poll_server" "$t/my 'lab'/"
TMPDIR="$t/my 'lab'" runs compare/spaces-in-paths 0 '^The page' \
    "$t/my 'lab'/compare" -q --quick --rounds 1 --only 6 --standard poll --out "$t/out 2"

# Broken off: server, script, load client and files are gone.
"$B/compare" -q --only 2 --standard none --server "mine=sh \"\$t\"/wrapper -p {port}" --out "$t/out" >"$t/said" 2>&1 &
running=$!
tries=0
until [ -s "$(echo "$TMPDIR"/compare-*/server.err)" ] || [ $tries = 300 ]; do
    tries=$((tries + 1))
    sleep 0.02
    [ ! -e "$(echo "$TMPDIR"/compare-*/loadgen.err)" ] || break
done
kill -TERM $running
wait $running 2>/dev/null
status=$?
if [ $status = 143 ] && [ -z "$(ls "$TMPDIR")" ]; then
    verdict compare/broken-off
else
    verdict compare/broken-off "status $status, left: $(ls "$TMPDIR")"
fi
exit "$failed"
