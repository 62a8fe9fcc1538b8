# patch.sh - sources broken on purpose; sourced by the mutants and by the museum.
#
# A patch is a sed script whose first lines are settings: `# file: common/net.c` names what
# it breaks (or several files, divided by spaces).  It is written against the sources as
# they are, so it can rot: a command that matches nothing any more does nothing, and says
# nothing.  patch_check finds that out.

# patch_setting NAME PATCH
patch_setting() {
    sed -n "s/^# $1: //p" "$2"
}

# patch_apply PATCH FILE: the broken file, on stdout.
patch_apply() {
    sed -f "$1" "$2"
}

# patch_without N PATCH: the patch without its Nth command; N=0: how many there are.  A
# command goes on in the next line behind a backslash; braces stay where they are.
patch_without() {
    awk -v n="$1" '
        !more { braces = /^#/ || /^ *}$/ || /{$/; count += !braces }
        n > 0 && (braces || count != n)
        { more = !braces && /\\$/ }
        END { if (n == 0) print count + 0 }' "$2"
}

# patch_check PATCH FOLDER: do all its commands still change a file in FOLDER?  If not,
# says which does not, and fails.
patch_check() (
    files=$(patch_setting file "$1")
    for file in $files; do
        if patch_apply "$1" "$2/$file" | cmp -s - "$2/$file"; then
            echo "it changes nothing in $file"
            exit 1
        fi
    done
    whole=$(patched "$2" "$(cat "$1")" "$files")
    n=$(patch_without 0 "$1")
    while [ "$n" -gt 0 ]; do
        if [ "$(patched "$2" "$(patch_without "$n" "$1")" "$files")" = "$whole" ]; then
            echo "its command $n changes nothing"
            exit 1
        fi
        n=$((n - 1))
    done
)

# patched FOLDER SCRIPT FILES
patched() {
    for file in $3; do
        sed "$2" "$1/$file"
    done
}
