#!/usr/bin/env bash
# Gives volumes to the users that the containers run as. With IMAGE, one with a shell, and VOLUMES, lines of
# uid:gid, the path where an image mounts it, the volume's name and that image, with blanks between them. What
# already belongs to the right user is left alone.
set -euo pipefail

while read -r owner path volume filler; do
    # Docker fills an empty volume with what the image has at the path, and gives it that folder's owner. It
    # does so when a container is made: better now than after the owner was set.
    docker rm --volumes "$(docker create --network none --volume "$volume:$path" "$filler" true)" >/dev/null
    docker run --rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges:true \
        --cap-add CHOWN --cap-add DAC_OVERRIDE --entrypoint sh --volume "$volume:/volume" "$IMAGE" -euc \
        "[ \"\$(stat -c %u:%g /volume)\" = $owner ] || chown -R $owner /volume"
done <<<"$VOLUMES"
