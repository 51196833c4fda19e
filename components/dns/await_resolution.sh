#!/usr/bin/env bash
# Runs on the machine, with ADDRESS, NAMES, WAIT (seconds) and DELEGATIONS (lines of a zone and its name
# servers, for zones made with this stack) set in front of it: returns when every name resolves to the address. Five failed validations an hour lock a name out at the
# certificate authority, so none is asked for before.
set -euo pipefail

resolve() { getent ahostsv4 "$1" | awk '{print $1}' | sort -u | paste -sd' ' || true; }

deadline=$((SECONDS + WAIT))
for name in $NAMES; do
    until found=$(resolve "$name") && [[ "$found" == "$ADDRESS" ]]; do
        if ((SECONDS >= deadline)); then
            echo "$name resolves to ${found:-nothing}, not to $ADDRESS, after $WAIT seconds." >&2
            echo "Create the record '$name. A $ADDRESS' or correct it, wait until it is seen, and run" >&2
            echo "pulumi up again. No certificate was asked for." >&2
            while read -r zone servers; do
                [[ -z "$zone" ]] || echo "The registrar of $zone must delegate it to: $servers" >&2
            done <<<"$DELEGATIONS"
            exit 1
        fi
        sleep 2
    done
    echo "$name resolves to $ADDRESS"
done
