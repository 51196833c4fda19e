#!/usr/bin/env bash
# Refuses an update that would change what must never change once an app has data, or that goes back to a version
# that cannot use them. With APP; VOLUME that keeps what was said at first, and the version that served last; IMAGE,
# one with a shell; IDENTITY, lines of a name, a blank and a value; SECRETS, the names whose values are secret;
# VERSION; NUMBERS, how many of its numbers, from the left, must not become lower; REASON.
set -euo pipefail

in_volume() {
    docker run --rm --interactive --network none --read-only --cap-drop ALL --security-opt no-new-privileges:true \
        --entrypoint sh --volume "$VOLUME:/identity" "$IMAGE" -euc "$1"
}

# The version in the first line; none is an empty line.
# shellcheck disable=SC2016  # what is in single quotes is for the shell in the container
kept=$(in_volume 'echo "$(cat /identity/version 2>/dev/null)"; cat /identity/identity 2>/dev/null || true' </dev/null)
served=$(head -n 1 <<<"$kept")
before=$(tail -n +2 <<<"$kept")
refused=()
while read -r name value; do
    old=$(sed -n "s/^$name //p" <<<"$before")
    [[ -n "$old" && "$old" != "$value" ]] || continue
    if [[ " $SECRETS " == *" $name "* ]]; then
        refused+=("$name is not the one that the data of $APP was written with.")
    else
        refused+=("$name was $old when $APP was first deployed, and can never change to $value.")
    fi
done <<<"$IDENTITY"

numbers() { cut --delimiter . --fields "1-$NUMBERS" <<<"$1"; }
if ((NUMBERS)) && [[ -n "$served" && "$(numbers "$VERSION")" != "$(numbers "$served")" ]] &&
    [[ "$(printf '%s\n' "$(numbers "$VERSION")" "$(numbers "$served")" | sort --version-sort | head -n 1)" == \
        "$(numbers "$VERSION")" ]]; then
    {
        echo "$APP ran version $served, and version: $VERSION is lower. $REASON"
        echo "Nothing of $APP was changed. Go back with a backup that was made before version $served, or, if you"
        echo "know that both have the same database, say allowDowngrade: true."
    } >&2
    exit 1
fi

if ((${#refused[@]})); then
    {
        printf '%s\n' "${refused[@]}"
        echo "Nothing of $APP was changed. What it was deployed with is on the machine:"
        echo "  docker run --rm --volume $VOLUME:/identity $IMAGE cat /identity/identity"
        echo "To start over without its data, deploy it with deleteData: true and then remove it."
    } >&2
    exit 1
fi
[[ -z "$IDENTITY" ]] ||
    in_volume 'umask 077; cat >/identity/identity.new; mv /identity/identity.new /identity/identity' <<<"$IDENTITY"
