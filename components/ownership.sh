#!/usr/bin/env bash
# Gives volumes to the users that the containers run as. With IMAGE, one with a shell, and VOLUMES, lines
# of a volume's name, a blank and uid:gid. What already belongs to the right user is left alone.
set -euo pipefail

while read -r volume owner; do
    docker run --rm --network none --entrypoint sh --volume "$volume:/volume" "$IMAGE" -euc \
        "[ \"\$(stat -c %u:%g /volume)\" = $owner ] || chown -R $owner /volume"
done <<<"$VOLUMES"
