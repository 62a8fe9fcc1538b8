# report.awk REASONS GCOV - a row a file, then what was missed and why that is so.
#
# REASONS: one a line, FILE | a piece of the source line | why no test reaches it.

function percent(part, all)
{
    return all > 0 ? sprintf("%.1f %%", 100 * part / all) : "-"
}

# The reason for a miss, "" if there is none.
function reason_for(file, text,    i)
{
    for (i = 1; i <= reasons; i++)
        if (reason_file[i] == file && index(text, reason_text[i])) {
            reason_used[i] = 1
            return reason[i]
        }
    return ""
}

function miss(what, file, line,    why)
{
    why = reason_for(file, source[file, line])
    sub(/^ +/, "", source[file, line])
    if (why != "")
        missed = missed sprintf("%s:%d: %s: %s\n", file, line, what, why)
    else {
        failed++
        missed = missed sprintf("FAIL coverage/%s:%d: %s is missed: %s\n", file, line,
                                what, source[file, line])
    }
}

FILENAME == ARGV[1] {
    if ($0 !~ /^#/ && split($0, field, " *[|] *") == 3) {
        reason_file[++reasons] = field[1]
        reason_text[reasons] = field[2]
        reason[reasons] = field[3]
    }
    next
}

/^ *-: *0:Source:/ {
    file = $0
    sub(/^.*Source:/, "", file)
    wanted = file !~ /^\// && !(file in order_of)
    if (wanted) {
        order[++files] = file
        order_of[file] = files
    }
    wanted = file !~ /^\//
    line = branch = 0
    next
}

!wanted { next }

/^ *[-#=0-9]+\*?: *[0-9]+:/ {
    split($0, part, ":")
    line = part[2] + 0
    branch = 0
    if (line == 0)
        next
    text = $0
    sub(/^[^:]*:[^:]*:/, "", text)
    source[file, line] = text
    if (line > last[file])
        last[file] = line
    count = part[1]
    gsub(/[ *]/, "", count)
    if (count == "-")
        next
    if (count ~ /^[#=]/)
        count = 0
    is_line[file, line] = 1
    if (count + 0 > 0)
        line_taken[file, line] = 1
    next
}

/^branch +[0-9]+ / {
    branch = $2 + 0
    if (branch >= branches[file, line])
        branches[file, line] = branch + 1
    is_branch[file, line, branch] = 1       # calls are counted in the same row
    if ($3 == "taken" && $4 + 0 > 0)
        branch_taken[file, line, branch] = 1
}

END {
    printf "%-40s %6s %8s %10s %8s\n", "file", "lines", "reached", "branches", "taken"
    for (f = 1; f <= files; f++) {
        file = order[f]
        lines = reached = all = taken = 0
        for (line = 1; line <= last[file]; line++) {
            if (!((file, line) in is_line))
                continue
            lines++
            if ((file, line) in line_taken)
                reached++
            else
                miss("the line", file, line)
            for (b = 0; b < branches[file, line]; b++) {
                if (!((file, line, b) in is_branch))
                    continue
                all++
                if ((file, line, b) in branch_taken)
                    taken++
                else if ((file, line) in line_taken)
                    miss("branch " b, file, line)
            }
        }
        printf "%-40s %6d %8s %10d %8s\n", file, lines, percent(reached, lines), all,
            percent(taken, all)
        sum_lines += lines
        sum_reached += reached
        sum_all += all
        sum_taken += taken
    }
    printf "%-40s %6d %8s %10d %8s\n\n", "all", sum_lines, percent(sum_reached, sum_lines),
        sum_all, percent(sum_taken, sum_all)
    printf "%s", missed
    for (i = 1; i <= reasons; i++)
        if (!reason_used[i])
            printf "not needed this time: %s | %s\n", reason_file[i], reason_text[i]
    exit failed > 0
}
