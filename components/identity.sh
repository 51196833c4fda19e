#!/usr/bin/env bash
# Refuses an update that would change what must never change once an app has data. With APP; VOLUME that keeps
# what was said at first; IMAGE, one with a shell; IDENTITY, lines of a name, a blank and a value or fingerprint.
set -euo pipefail

in_volume() {
    docker run --rm --interactive --network none --entrypoint sh --volume "$VOLUME:/identity" "$IMAGE" -euc "$1"
}

before=$(in_volume 'cat /identity/identity 2>/dev/null || true' </dev/null)
refused=0
while read -r name value; do
    old=$(sed -n "s/^$name //p" <<<"$before")
    if [[ -n "$old" && "$old" != "$value" ]]; then
        refused=1
        if [[ "$value" == sha256:* ]]; then
            echo "$APP: $name is not the one its data was written with. Put the old one back." >&2
        else
            echo "$APP: $name was $old when the app was first deployed, and can never change to $value." >&2
        fi
    fi
done <<<"$IDENTITY"
if ((refused)); then
    echo "Nothing of $APP was changed. To start over without its data, remove the app with deleteData: true first." >&2
    exit 1
fi
in_volume 'cat >/identity/identity.new; mv /identity/identity.new /identity/identity' <<<"$IDENTITY"
