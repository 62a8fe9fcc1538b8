# remake.awk - prints a page with its quotations made anew.
#
# A comment on a line of its own says where the fenced block after it comes from:
#
#     <!-- made by: COMMAND -->      what sh prints for it, but for ports and seconds
#     <!-- made like: COMMAND -->    the same, but for all numbers
#     <!-- made by strace: COMMAND -->   as made by, where strace works (straces=1)
#     <!-- from: FILE -->            occurs in the file, line for line
#
# and `<!-- numbers: COMMAND -->` that the numbers of the text after it, up to the next empty
# line, are among those that the command prints; not the numbers `between backticks`.
#
# A block that still holds is printed as it stands; so the page comes out as it went in
# exactly if all of its blocks hold.  With few=1 there are not the descriptors for a
# thousand clients, and the blocks that have them are let alone; with gnu=0 those that show
# what GNU diff or od print.

function masked(text, like)
{
    gsub(/127\.0\.0\.1:[0-9]+/, "127.0.0.1:PORT", text)
    gsub(/"seconds": *[0-9.]+/, "\"seconds\":S", text)
    gsub(/(after|for) [0-9.]+ s/, "for S s", text)
    if (like) {
        gsub(/[0-9]+([.][0-9]+)?/, "N", text)
        gsub(/ +/, " ", text)
    }
    return text
}

# Of our descriptors the command gets 0, 1 and 2, so that the next one it opens is 3.
function output(command,    text, line)
{
    command = "exec </dev/null 3<&- 4<&- 5<&-; " command
    text = ""
    while ((command | getline line) > 0)
        text = text line "\n"
    close(command)
    return text
}

function contents(file,    text, line)
{
    text = "\n"
    while ((getline line < file) > 0)
        text = text line "\n"
    close(file)
    return text
}

function needs_gnu(command)
{
    return command ~ /(^|[ (|;])(diff|od) |tests\/docs\/apart/
}

function fresh(old,    new)
{
    if (kind == "from")
        return index(contents(source), "\n" old) ? old : "(these lines are not in " source ")\n"
    if (!gnu && needs_gnu(source))
        return old
    if ((few && source ~ /-I 1000|ladder 0[56]/) || (kind == "made by strace" && !straces))
        return old
    new = output(source)
    if (new ~ /(^|\n)skip /)    # the suite that the command is from says so, too
        return old
    if (new == "")
        return "(nothing was printed by: " source ")\n"
    return masked(old, kind == "made like") == masked(new, kind == "made like") ? old : new
}

# The text with each number marked that the command does not print.
function numbered(text, command,    printed, rest, number)
{
    if (!gnu && needs_gnu(command))
        return text
    printed = " " output(command) " "
    gsub(/[^0-9]+/, " ", printed)
    rest = text
    gsub(/(^|\n) *[0-9]+\. |`[^`]*`/, " ", rest)
    while (match(rest, /[0-9]+/)) {
        number = substr(rest, RSTART, RLENGTH)
        if (index(printed, " " number " ") == 0)
            text = text "(no number " number " is printed by: " command ")\n"
        rest = substr(rest, RSTART + RLENGTH)
    }
    return text
}

numbers != "" && (/^$/ || /^```/) {
    printf "%s", numbered(block, numbers)
    numbers = ""
}

numbers != "" { block = block $0 "\n"; next }

/^<!-- numbers: .* -->$/ {
    print
    numbers = $0
    sub(/^<!-- numbers: /, "", numbers)
    sub(/ -->$/, "", numbers)
    block = ""
    next
}

/^<!-- (made by|made by strace|made like|from): .* -->$/ {
    kind = source = $0
    sub(/^<!-- /, "", kind)
    sub(/:.*/, "", kind)
    sub(/^[^:]*: /, "", source)
    sub(/ -->$/, "", source)
}

/^```/ {
    if (inside) {
        printf "%s", fresh(block)
        inside = 0
        kind = ""
    } else if (kind != "") {
        inside = 1
        block = ""
        print
        next
    }
}

inside { block = block $0 "\n"; next }
{ print }
