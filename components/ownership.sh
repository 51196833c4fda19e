#!/usr/bin/env bash
# Gives volumes to the users that the containers run as. With IMAGE, one with a shell, and VOLUMES, lines of
# uid:gid, the path where an image mounts it, the volume's name and that image, with blanks between them. What
# already belongs to the right user is left alone.
set -euo pipefail

mounts=()
while read -r filler; do
    # Docker fills an empty volume with what the image has at the path, and gives it that folder's owner. It
    # does so when a container is made: better now than after the owner was set.
    filled=()
    while read -r _ path volume image; do
        [[ "$image" != "$filler" ]] || filled+=(--volume "$volume:$path")
    done <<<"$VOLUMES"
    docker rm --volumes "$(docker create --network none "${filled[@]}" "$filler" true)" >/dev/null
done < <(awk '{ print $4 }' <<<"$VOLUMES" | sort -u)

while read -r _ _ volume _; do mounts+=(--volume "$volume:/volumes/$volume"); done <<<"$VOLUMES"
# shellcheck disable=SC2016,SC2153  # what is in single quotes is for the shell in the container; IMAGE is given
docker run --rm --interactive --network none --read-only --cap-drop ALL --security-opt no-new-privileges:true \
    --cap-add CHOWN --cap-add DAC_OVERRIDE --entrypoint sh "${mounts[@]}" "$IMAGE" -euc '
    while read -r owner _ volume _; do
        [ "$(stat -c %u:%g "/volumes/$volume")" = "$owner" ] || chown -R "$owner" "/volumes/$volume"
    done' <<<"$VOLUMES"
