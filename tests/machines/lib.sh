#!/bin/sh
# shellcheck disable=SC1091,SC2154 # suite.sh sets them
# lib.sh - what the parts have: all of suite.sh, with $B as a whole path, and `runs`.
CDPATH='' cd "$(dirname "$0")/../.." || exit 1
. tests/lib/suite.sh
B=$(cd "$B" && pwd) || exit 1

# runs NAME STATUS PATTERN COMMAND...: ends with this status (`wrong`: any but 0), and some
# line matches
runs() {
    runs_name=$1 want=$2 pattern=$3
    shift 3
    "$@" >"$t/said" 2>&1 </dev/null
    got=$?
    [ "$want" != wrong ] || [ $got -eq 0 ] || want=$got
    if [ $got != "$want" ]; then
        bad "$runs_name" "expected status $want, came $got: $(tail -n 3 "$t/said")"
    elif [ -n "$pattern" ] && ! grep -q -e "$pattern" "$t/said"; then
        bad "$runs_name" "expected a line like \"$pattern\", came: $(tail -n 3 "$t/said")"
    else
        ok "$runs_name"
    fi
}
