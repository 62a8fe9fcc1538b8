#!/bin/sh
# shellcheck disable=SC1091,SC2154,SC2317 # lib.sh
# output.sh - what a tool prints cannot be written: the status is 1, and one line says why.
. "$(dirname "$0")/lib.sh"

guard=
command -v timeout >/dev/null && guard='timeout 20'

# lost HOW NAME COMMAND...: full, closed, or all three streams closed
lost() {
    how=$1 lost_name=$2
    shift 2
    case $how in
    full) $guard "$@" >/dev/full ;;
    closed) $guard "$@" >&- ;;
    all-closed) $guard "$B/tests/odd" -c "$@" ;;
    esac 2>"$t/said" </dev/null
    status=$? lines=$(grep -c 'stdout.*: ..' "$t/said")
    [ "$how" != all-closed ] || lines=1
    verdict "output/$lost_name-$how" "$([ "$status.$lines" = 1.1 ] ||
        echo "expected status 1 and a line about stdout, came $status: $(cat "$t/said")")"
}

up "$B/poll_server" -p 0
for how in full closed all-closed; do
    [ "$how" != full ] || [ -w /dev/full ] || { skip output/full "needs /dev/full"; continue; }
    for tool in loadgen compare race badclient grade tests/scenarios tests/same tests/replay tests/facts; do
        lost "$how" "${tool#tests/}-h" "$B/$tool" -h
    done
    lost "$how" causes "$B/grade" --causes
    lost "$how" grade "$B/grade" --only 1 --brief "$B/poll_server {port}"
    lost "$how" race "$B/race" --rows -d 1
    lost "$how" loadgen "$B/loadgen" -n 10 "$port"
    lost "$how" loadgen-json "$B/loadgen" -n 10 --json - "$port"
    lost "$how" badclient "$B/badclient" idle -n 2 -d 0 "$port"
    lost "$how" herd "$B/herd" 1
    lost "$how" oneshot "$B/oneshot"
    lost "$how" together "$B/together" 127.0.0.1 0 "$B/select_server"
done
down
exit "$failed"
