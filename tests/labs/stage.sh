# shellcheck shell=sh
# stage.sh - what the script of a sheet has at hand (sheet.awk, tests/labs/run).  Needs
# $sheet, its name, and $t, the folder of this run; verdicts go to $t/verdicts.

server='' client='' failed=0
trap 'command kill -KILL $server $client 2>/dev/null; exit $failed' EXIT
trap 'exit 1' INT TERM

# Where loadgen says that it had no processor, what it measured says nothing of the sheet.
verdict() { # NAME REASON; no reason: ok
    if [ -z "$2" ]; then
        echo "ok labs/${sheet:?}/$1"
    elif grep -qs 'had a processor for only' build/labs/*.txt; then
        echo "skip labs/$sheet/$1: the machine is too busy for loadgen; run it alone"
    else
        failed=1
        echo "FAIL labs/${sheet:?}/$1: $2"
    fi >>"${t:?}/verdicts"
}

bad_comment() {
    verdict "line-$1" "a block without an end, or a comment that is neither \
'figures vary' nor 'check NAME: CONDITION'"
}

bad_line() {
    verdict "line-$1" "$2"
}

# console LINE VARY <EXPECTED: did the command in line LINE print this?
console() {
    cat >"$t/shown"
    reason=$(awk -f tests/labs/match.awk -v vary="${2:+1}" "$t/shown" "$t/came")
    verdict "line-$1" "$reason"
    [ -z "$reason" ] || sed 's/^/    /' "$t/came" >>"$t/verdicts"
}

# holds NAME CONDITION: does the condition, a command, succeed?
holds() {
    reason=
    eval "$2" || reason="expected $2, came $(eval "echo $2")"
    verdict "$1" "$reason"
}

# figure LEDGER NAME; each is per request, as a whole number
figure() {
    tr ',' '\n' <"build/labs/$1.json" | sed -n "s/.*\"$2\": *\([0-9]*\).*/\1/p"
}

each() {
    echo $(($(figure "$1" "$2") / $(figure "$1" requests)))
}

# turn NAME: the most requests that it answered in one turn (sheet 9)
turn() {
    sed -n "s/^$1: answered \([0-9]*\) .*/\1/p" build/labs/turns.txt
}

# until_guarded WHAT COMMAND...: repeats the command until it succeeds; ten seconds are a
# guard, not a measurement.
until_guarded() {
    what=$1 tries=0
    shift
    until "$@"; do
        tries=$((tries + 1))
        [ "$tries" -le 500 ] || { verdict "$what" "waited for it in vain"; return; }
        sleep 0.02
    done
}

state() {
    sed 's/.*) \(.\).*/\1/' "/proc/$1/stat" 2>/dev/null
}

stopped() {
    [ "$(state "$1")" = T ]
}

# Asleep, seen twice: it has nothing left to do.
rests() {
    [ "$(state "$1")" = S ] && sleep 0.05 && [ "$(state "$1")" = S ]
}

# A reader at the keyboard is slow: a server that runs has rested before the next signal,
# and one that is to be stopped is, before the next command.
kill() {
    [ "$1" = -USR1 ] || [ "$1" = -STOP ] || [ ! -d "/proc/${server:-none}" ] ||
        stopped "$server" || until_guarded server-rests rests "$server"
    command kill "$@"
    [ "$1" != -STOP ] || until_guarded stopped stopped "$2"
}
