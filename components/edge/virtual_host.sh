#!/usr/bin/env bash
# Writes the files that nginx includes for the host names of one app, and has nginx read them. With
# VOLUME, the volume of /etc/nginx/vhost.d; IMAGE, one with a shell; FILES, lines of a file's name, a
# blank and its content in base64. Files that nginx refuses are taken back.
# shellcheck disable=SC2016  # what is in single quotes is for the shell in the container
set -euo pipefail

in_volume() {
    docker run --rm --interactive --network none --read-only --cap-drop ALL --security-opt no-new-privileges:true \
        --entrypoint sh --volume "$VOLUME:/vhost.d" "$IMAGE" -euc "$1"
}
labelled() { docker ps --quiet --filter "label=$1"; }

in_volume 'cd /vhost.d; while read -r name content; do
    if [ -e "$name" ]; then cp "$name" ".$name.before"; else rm -f ".$name.before"; fi
    printf %s "$content" | base64 -d >".$name.new"; mv ".$name.new" "$name"
done' <<<"$FILES"

# docker-gen includes a file only if it was there when it looked; nginx reads it only when it reloads.
for container in $(labelled com.github.nginx-proxy.docker-gen); do docker kill --signal HUP "$container" >/dev/null; done
for container in $(labelled com.github.nginx-proxy.nginx); do
    if ! output=$(docker exec "$container" nginx -t 2>&1); then
        in_volume 'cd /vhost.d; while read -r name content; do
            if [ -e ".$name.before" ]; then mv ".$name.before" "$name"; else rm -f "$name"; fi
        done' <<<"$FILES"
        printf 'nginx refuses the location settings, and goes on with the old ones:\n%s\n' "$output" >&2
        exit 1
    fi
    docker kill --signal HUP "$container" >/dev/null
done
