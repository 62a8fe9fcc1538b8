# match.awk EXPECTED CAME - is what came what the sheet shows?  Silent if so; else says
# where they part, and exits with 1.  A line `...` in EXPECTED stands for any lines; with
# -v vary=1 all numbers, and all bars of #, are alike.

function plain(line)
{
    gsub(/127\.0\.0\.[0-9]+:[0-9][0-9][0-9][0-9][0-9]/, "CLIENT", line)
    gsub(/(after|for) [0-9.]+ s/, "for S s", line)
    if (vary) {
        gsub(/[0-9][0-9.,]*/, "N", line)
        gsub(/#+/, "#", line)
        gsub(/ +/, " ", line)
        gsub(/ -/, " N", line)      # too few samples for this one
    }
    sub(/ +$/, "", line)
    return line
}

FILENAME == ARGV[1] { shown[++n] = $0; next }
{ came[++m] = $0 }

# As for `*` in a file name: on a mismatch the last `...` takes one line more.
END {
    i = j = 1
    star = 0
    while (j <= m || i <= n) {
        if (i <= n && shown[i] == "...") {
            star = i++
            mark = j
        } else if (i <= n && j <= m && plain(shown[i]) == plain(came[j])) {
            i++
            j++
            if (i > best) {
                best = i
                at = j
            }
        } else if (star && mark <= m) {
            i = star + 1
            j = ++mark
        } else {
            break
        }
    }
    if (i > n && j > m)
        exit 0
    if (!best)
        best = at = 1
    want = best <= n ? "\"" shown[best] "\"" : "no more"
    got = at <= m ? "\"" came[at] "\"" : "no more"
    print "the sheet shows " want ", and came " got
    exit 1
}
