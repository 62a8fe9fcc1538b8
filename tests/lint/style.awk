# style.awk - the layout of the C sources, where they would differ most easily.
#
#     if (one                          /* A comment of several lines
#         && another)                   * has a star before each. */
#
# Four spaces and no tab, nothing behind the text, at most 112 columns where
# the line is no text.

function wrong(what) { printf "%s:%d: %s\n", FILENAME, FNR, what }

FNR == 1 { inside = 0 }
/\t/ { wrong("a tab") }
/[ \r]$/ { wrong("a blank at the end of the line") }
!/"/ {
    width = $0
    gsub(/[\200-\277]/, "", width) # the further bytes of a character
    if (length(width) > 112)
        wrong("longer than 112 columns")
}
inside && !/^ *\*/ { wrong("a comment goes on without a star") }
!inside && /(\|\||&&)$/ { wrong("the operator belongs at the start of the next line") }
/^ *\/\*/ { inside = 1 }
/\*\// { inside = 0 }
