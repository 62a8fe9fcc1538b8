# sheet.awk - turns a sheet of docs/labs into a script that does it (tests/labs/run).
#
# All blocks of a sheet run in one shell, in their order:
#
#     ```sh         commands, as they stand
#     ```console    a line `$ COMMAND`, then what it prints; `...` stands for any lines
#
# and comments, each on a line of its own, say what a reader need not see:
#
#     <!-- figures vary -->           of the console block that follows: any number will do
#     <!-- check NAME: CONDITION -->  a command of the shell that has to succeed here
#     <!-- needs N descriptors -->    of the sheet as a whole; see tests/labs/run
#
# -v seconds=S: measurements last so long, whatever the sheet says.
#
# A line that an interactive zsh would not take as it is meant is a mistake: a comment, or an
# apostrophe in one.  So is a port that may be a neighbour's.

function command(line)
{
    if (line ~ /(^|[ ;])#/)
        print "bad_line " NR " \"a comment, which zsh does not take at the keyboard\""
    if (line ~ /808[0-9]/)
        print "bad_line " NR " \"a fixed port, which may be a neighbour\\047s\""
    if (seconds != "" && line ~ /build\/loadgen/)
        sub(/ -d [0-9.]+/, " -w 0.1 -d " seconds, line)
    print line
}

function end_console()
{
    if (asked != "") {
        print "} > \"$t/came\" 2>&1"
        print "console " asked " '" vary "' <<'END OF BLOCK'"
        printf "%s", expected
        print "END OF BLOCK"
    }
    asked = expected = ""
}

# A block in a list is indented.
inside != "" { sub("^" indent, "") }
/^ *```/ && inside == "" {
    indent = $0
    sub(/`.*/, "", indent)
    inside = $0
    sub(/^ *```/, "", inside)
    next
}
/^```$/ {
    end_console()
    vary = inside == "console" ? "" : vary
    inside = ""
    next
}

inside == "sh" { command($0) }
inside == "console" && /^\$ / {
    end_console()
    asked = NR
    print "{"
    command(substr($0, 3))
    next
}
inside == "console" { expected = expected $0 "\n" }
inside != "" { next }

/^ *<!-- figures vary -->$/ { vary = "figures vary"; next }
/^ *<!-- needs [0-9]+ descriptors -->$/ { next }
/^ *<!-- check [^:]*: .* -->$/ {
    name = $0
    sub(/^ *<!-- check /, "", name)
    sub(/:.*/, "", name)
    condition = $0
    sub(/^[^:]*: /, "", condition)
    sub(/ -->$/, "", condition)
    gsub(/'/, "'\\''", condition)
    print "holds '" name "' '" condition "'"
    next
}
/^ *<!--/ { print "bad_comment " NR }
END {
    if (inside != "")
        print "bad_comment " NR
}
