#!/bin/sh
# shellcheck disable=SC1091,SC2016,SC2154,SC2317 # lib.sh; scripts in quotes
# student.sh - a language with a decimal comma, a path with a space, few descriptors, busybox's
# commands, a compiler with ideas of its own.
. "$(dirname "$0")/lib.sh"

# A locale whose decimal mark is a comma, made here: most machines have but a few.
mkdir "$t/locale"
if localedef -c -f UTF-8 -i de_DE "$t/locale/de_DE.UTF-8" >/dev/null 2>&1; then
    comma() { env LOCPATH="$t/locale" LC_ALL=de_DE.UTF-8 "$@"; }
    printf '{"server":"x","requests":6,"waits":1}\n' >"$t/x.json"
    runs student/comma-figures 0 '0\.17$' comma sh docs/labs/figures -r waits "$t/x.json"
    mkdir -p "$t/tree/tests/comma" "$t/tree/build"
    cp tests/run "$t/tree/tests/run"
    echo 'echo "ok comma/$(awk "BEGIN { print 1 / 2 }")"' >"$t/tree/tests/comma/run"
    runs student/comma-suites 0 '^1 passed, 0 failed' comma sh "$t/tree/tests/run" "$t/tree/build" comma
    up "$B/poll_server" -p 0
    runs student/comma-json 0 '"seconds": 0\.[0-9]' comma "$B/loadgen" -q -n 10 --json - "$port"
    down
else
    skip student/comma "needs localedef and its sources (apt-get install locales)"
fi

# A clone in `my lab/`: a link to this one will do.
mkdir "$t/my lab"
ln -s "$PWD" "$t/my lab/muxlab"
case $B in
"$PWD"/*)
    runs student/space-in-path 0 '^[1-9][0-9]* passed, 0 failed' \
        sh -c 'cd "$0" && exec sh tests/run "$PWD/$1" same together' \
        "$t/my lab/muxlab" "${B#"$PWD"/}" ;;
*) skip student/space-in-path "the build is not in this clone" ;;
esac

# The kernel's own hard limit of descriptors, or less: what cannot be tried is skipped.
# shellcheck disable=SC3045 # dash, busybox and bash all have it
runs student/few-descriptors 0 '^[1-9][0-9]* passed, 0 failed' \
    sh -c 'ulimit -S -n 1024 && ulimit -H -n 1024 && exec sh tests/run "$0" unit' "$B"

# A sheet pasted into another shell: up, and the line when nothing came up.
for shell in dash bash zsh busybox; do
    command -v $shell >/dev/null || { skip student/sheets-in-$shell "needs $shell"; continue; }
    set -- $shell
    [ $shell != busybox ] || set -- busybox sh
    [ $shell != zsh ] || set -- zsh -f
    mkdir -p "$t/$shell/docs" "$t/$shell/build"
    ln -s "$PWD/docs/labs" "$t/$shell/docs/labs"
    ln -s "$B"/* "$t/$shell/build/"
    runs student/sheets-in-$shell 0 '^NOT UP: build/poll_server --nonsense: .*--nonsense' \
        "$@" -c 'cd "$1" && . docs/labs/shell && up -n 64 build/poll_server -l build/l.json &&
            build/loadgen -q -c 2 -I 60 -n 100 --may-refuse 60 $port && down
            up -o build/said build/poll_server --nonsense || [ -s build/l.json ]' - "$t/$shell"
    runs student/limit-in-$shell 0 '"refused":14,' cat "$t/$shell/build/l.json"
done

# Compilers that define _FORTIFY_SOURCE, or do not optimize, bring no warning.
mkdir "$t/make"
ln -s "$PWD"/* "$t/make/"
for flags in -O0 -Og '-O2 -D_FORTIFY_SOURCE=3'; do
    define=${flags#-O*[0-9g]}
    (cd "$t/make" && MAKEFLAGS='' make -s B=b CC="cc$define" CFLAGS="${flags%% *} -Werror" \
        b/common/calc.o b/poll_server.o b/o/tests/lib/figures.o) >"$t/said" 2>&1 ||
        echo "make fails" >>"$t/said"
    verdict "student/compiles-with$(echo "$flags" | tr -d ' ')" "$(grep -v '^[A-Z][A-Z] ' "$t/said")"
done

# A folder in which make cannot build is refused by name.
runs student/odd-build-folder 2 'B=my lab: make cannot build there' make -n B='my lab'
exit "$failed"
