#!/bin/sh
# shellcheck disable=SC2154 # suite.sh sets them
# browser.sh - pages in a headless Chromium, for a suite that has read suite.sh.  Without one,
# the suite ends here, with a skip.

browser=
for name in chromium chromium-browser google-chrome; do
    [ -n "$browser" ] || browser=$(command -v "$name")
done
[ -n "$browser" ] || {
    skip browser "no headless Chromium; on Debian: apt-get install chromium"
    exit "$failed"
}

# browse THEME WIDTH,HEIGHT ARGUMENT...: theme 0 is dark, 1 is light
browse() {
    scheme=$1 size=$2
    shift 2
    rm -rf "$t/profile"
    HOME=$t timeout 100 "$browser" --headless --no-sandbox --disable-gpu --disable-quic \
        --no-first-run --disable-background-networking --disable-component-update \
        --disable-sync --user-data-dir="$t/profile" --hide-scrollbars \
        --enable-logging=stderr --blink-settings=preferredColorScheme="$scheme" \
        --allow-file-access-from-files --window-size="$size" "$@" 2>"$t/log"
}

# judge NAME THEME WIDTH PAGE: opens the page in a frame so wide (a window has a least width);
# the lines that its own script wrote, and whether the console is empty, go to $t/verdict
judge() {
    cat >"${4%/*}/frame.html" <<END
<!DOCTYPE html><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">
<iframe src="${4##*/}" style="width:$3px; height:900px; border:0"></iframe>
<script>
onload = () => setTimeout(() => document.body.append(frames[0].document.getElementById("verdict")));
</script>
END
    browse "$2" 1440,950 --dump-dom "file://${4%/*}/frame.html" >"$t/dom"
    sed -n '/<pre id="verdict">/,/^end/p' "$t/dom" | grep '^ok \|^FAIL \|^note ' >"$t/verdict"
    grep -q '^note ' "$t/verdict" ||
        echo "FAIL $suite/verdict: check.js did not come to its end" >>"$t/verdict"
    if grep -q ':CONSOLE' "$t/log"; then
        echo "FAIL $suite/console: $(grep ':CONSOLE' "$t/log" | head -n 1)"
    else
        echo "ok $suite/console"
    fi >>"$t/verdict"
    sed -i "s#^\(ok\|FAIL\) $suite/#&$1-#" "$t/verdict"
}

# report: shows these lines
report() {
    grep -v '^note ' "$t/verdict"
    ! grep -q '^FAIL ' "$t/verdict" || failed=1
}

# notices CHECK...: of a page that was broken on purpose, each of these checks is red
notices() {
    for check; do
        verdict "notices-$check" "$(grep -q "^FAIL $suite/broken-$check: " "$t/verdict" ||
            echo "the page was broken, and the check $check saw nothing")"
    done
}
