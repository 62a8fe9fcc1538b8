#!/bin/sh
# shellcheck disable=SC2034 # failed is for the part
# lib.sh - what the parts share: $t, a folder of their own, and how a verdict is said.

CDPATH='' cd "$(dirname "$0")/../.." || exit 1
B=$(CDPATH='' cd "${B:-build}" && pwd) || exit 1
t=$(mktemp -d) || exit 1
server='' failed=0
trap 'down; rm -rf "$t"' EXIT
trap 'exit 130' INT TERM HUP

# up COMMAND...: starts a server; sets server and port, by its first line
up() {
    mkfifo "$t/banner"
    "$@" >"$t/banner" 2>"$t/errors" &
    server=$!
    read -r port <"$t/banner" || port=
    port=${port##*:}
    rm -f "$t/banner"
}

down() {
    [ -z "$server" ] || { kill "$server" && wait "$server"; }
    server=
}

# verdict NAME REASON...: no reason is ok
verdict() {
    verdict_name=$1
    shift
    if [ -z "$*" ]; then
        echo "ok machines/$verdict_name"
    else
        failed=1
        echo "FAIL machines/$verdict_name: $*"
    fi
}

# says NAME STATUS PATTERN COMMAND...: ends with this status (`wrong`: any but 0), and some
# line matches
says() {
    says_name=$1 want=$2 pattern=$3
    shift 3
    "$@" >"$t/said" 2>&1 </dev/null
    got=$?
    [ "$want" != wrong ] || [ $got -eq 0 ] || want=$got
    if [ $got != "$want" ]; then
        verdict "$says_name" "expected status $want, came $got: $(tail -n 3 "$t/said")"
    elif [ -n "$pattern" ] && ! grep -q -e "$pattern" "$t/said"; then
        verdict "$says_name" "expected a line like \"$pattern\", came: $(tail -n 3 "$t/said")"
    else
        verdict "$says_name"
    fi
}
