#!/usr/bin/env bash
# Checks on the new machine that its data disk is a copy of the old one's, made after that was put at rest by
# `rest.sh`. Runs as root, with FROM, the old zone, before any container is made.
set -euo pipefail
readonly NOTE=/mnt/data/homeport-moved-from

found=$(cat "$NOTE" 2>/dev/null || echo nothing)
[[ "$found" == "$FROM" ]] || {
    echo "The data disk is no copy of the one in $FROM: its note $NOTE says $found. No container was made." \
        "The disk in $FROM is as it was." >&2
    exit 1
}
