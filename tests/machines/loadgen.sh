#!/bin/sh
# shellcheck disable=SC1091,SC2016,SC2154,SC2317 # lib.sh; scripts in quotes
# loadgen.sh - loadgen where the ground gives way: no device, no port, no /proc, no time.
. "$(dirname "$0")/lib.sh"

up "$B/poll_server" -p 0
runs loadgen/one-request-is-no-rate 0 'too few for a rate' "$B/loadgen" -n 1 "$port"
runs loadgen/no-percentile-of-few 0 '^   *[0-9.]*   *[0-9.]*  *-  *-  *[0-9.]*  *[0-9.]*$' \
    "$B/loadgen" -n 20 "$port"
"$B/loadgen" -q -n 9 --json "$t/json" "$port"
runs loadgen/few-are-null-in-json 0 '"rate": null' cat "$t/json"
runs loadgen/json-refused-before-the-run 2 '--json .*/nowhere/json: No such file' \
    "$B/loadgen" -d 60 --json "$t/nowhere/json" "$port"
if [ -w /dev/full ]; then
    runs loadgen/full-json-is-told 1 '/dev/full cannot be written: No space' \
        "$B/loadgen" -n 20 --json /dev/full "$port"
    runs loadgen/full-json-leaves-the-table 1 'errors: none' \
        "$B/loadgen" -n 20 --json /dev/full "$port"
    # shellcheck disable=SC2016 # for the shell within
    runs loadgen/full-stdout-is-told 1 'stdout cannot be written: No space' \
        sh -c '"$0" -n 20 "$1" >/dev/full' "$B/loadgen" "$port"
fi
down

# A name with several addresses: the one that is served.
if up "$B/poll_server" -b ::1 -p 0 && [ -n "$port" ]; then
    runs loadgen/second-address 0 '\[::1\]:.*, closed loop' "$B/loadgen" -n 20 "localhost:$port"
else
    serving=
    skip loadgen/second-address "there is no IPv6 loopback here"
fi
down

# Two ports on each of 250 source addresses: 600 clients find none.  A namespace of our own.
few_ports() {
    unshare -rn sh -c '
        ip link set lo up 2>/dev/null || ifconfig lo up || exit 99
        echo 40000 40001 >/proc/sys/net/ipv4/ip_local_port_range || exit 99
        "$0/poll_server" 39999 & server=$!
        until "$0/loadgen" -q -n 1 39999; do sleep 0.05; done
        "$0/loadgen" -c 600 39999; status=$?
        kill $server; wait $server; exit $status' "$B"
}
if unshare -rn sh -c 'ip link set lo up || ifconfig lo up' 2>/dev/null; then
    runs loadgen/no-port-left 1 'connect: Cannot assign.* no port left for so many' few_ports
    runs loadgen/no-invented-timeouts 1 '^  errors: connect 1$' few_ports
else
    skip loadgen/no-port-left "needs unshare -rn and ip (util-linux, iproute2)"
fi

# No smaps_rollup, as in some sandboxes: hidden by a mount in a namespace of our own.
up "$B/poll_server" -p 0
hidden() {
    unshare -rm sh -c 'mount --bind /dev/null "/proc/$1/smaps_rollup" || exit 99
        "$0/loadgen" -n 100 --pid "$1" "$2"' "$B" "$serving" "$port"
}
if unshare -rm true 2>/dev/null; then
    runs loadgen/no-smaps-rollup 0 'CPU per request.* [1-9][0-9,]* KiB resident' hidden
else
    skip loadgen/no-smaps-rollup "needs unshare -rm (util-linux)"
fi
down

exit "$failed"
