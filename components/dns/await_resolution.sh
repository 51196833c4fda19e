#!/usr/bin/env bash
# Runs on the machine, with ADDRESS, NAMES, WAIT (seconds), DELEGATIONS (lines of a zone and its name servers,
# for zones made with this stack) and, where the machine has one, its IPv6 address as AAAA set in front of it:
# returns when every name resolves to the machine and to nothing else. Five failed validations an hour lock a
# name out at the certificate authority, and it prefers IPv6, so none is asked for before.
set -euo pipefail

own=${AAAA:-}

ipv4() { getent ahostsv4 "$1" | awk '{print $1}' | sort -u | paste -sd' ' || true; }
# Not `ahostsv6`, which does not ask for AAAA records on a machine without IPv6. Where there are none, this
# answers with the addresses of the other kind.
ipv6() { getent hosts "$1" | awk '{print $1}' | { grep : || true; } | { grep -v '^::ffff:' || true; } | sort -u | paste -sd' ' || true; }
# Where an alias (CNAME) leads to, or nothing.
canonical() { getent ahostsv4 "$1" | awk -v name="$1" '$3 != "" && $3 != name {print $3; exit}' || true; }
# What is in the first list and is not the machine's own address.
others() { tr ' ' '\n' <<<"$1" | { grep -vxF -e "$2" -e '' || true; } | paste -sd' '; }

explain() {
    local name=$1 foreign alias alone=
    [[ " $found " != *" $ADDRESS "* ]] || alone=" alone"
    echo "$name resolves to ${found:-nothing}${found6:+ and $found6}, not to $ADDRESS$alone, after $WAIT seconds." >&2
    alias=$(canonical "$name")
    if [[ -n "$alias" ]]; then
        echo "It is an alias (CNAME) of $alias: delete the CNAME record of $name." >&2
    fi
    foreign=$(others "$found6" "$own")
    if [[ -n "$foreign" ]]; then
        echo "Delete the AAAA record '$name. AAAA $foreign': it leads elsewhere, as this machine has" >&2
        echo "${own:-no IPv6 address}${own:+ only}, and certificate authorities ask there first." >&2
    fi
    foreign=$(others "$found" "$ADDRESS")
    if [[ -n "$foreign" && -z "$alias" ]]; then
        echo "Delete the A record '$name. A $foreign': it leads elsewhere." >&2
    fi
    if [[ -z "$alone" ]]; then
        echo "Create the record '$name. A $ADDRESS' or correct it." >&2
    fi
    echo "Wait until that is seen, and run pulumi up again. No certificate was asked for." >&2
    while read -r zone servers; do
        [[ -z "$zone" ]] || echo "The registrar of $zone must delegate it to: $servers" >&2
    done <<<"$DELEGATIONS"
}

deadline=$((SECONDS + WAIT))
for name in $NAMES; do
    until found=$(ipv4 "$name") && found6=$(ipv6 "$name") &&
        [[ "$found" == "$ADDRESS" && -z "$(others "$found6" "$own")" ]]; do
        if ((SECONDS >= deadline)); then
            explain "$name"
            exit 1
        fi
        sleep 2
    done
    echo "$name resolves to $ADDRESS"
done
