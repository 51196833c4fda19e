#!/usr/bin/env bash
# What an app had at the edge for a host name goes, if it is still its own: run when the app has none of the name's
# requests any more. With APP, NAME, DEPLOYMENT, VHOSTS, PASSWORDS and NAMES as virtual_host.sh has them.
set -euo pipefail

# Where nginx is gone, so are its volumes.
nginx=$(containers --all role=nginx | head -n 1)
[[ -n "$nginx" ]] || exit 0
image=$(docker inspect --format '{{.Image}}' "$nginx")
others=$(docker run --rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges:true \
    --entrypoint sh --volume "$VHOSTS:/vhost.d" --volume "$PASSWORDS:/htpasswd" "$image" \
    -c "$NAMES" sh release "$APP" "$NAME" </dev/null)

docker_gen=$(containers role=docker-gen | head -n 1)
[[ -n "$docker_gen" ]] || exit 0
[[ -n "$others" ]] || docker exec "$docker_gen" sh /etc/homeport/serving.sh drop "$APP"
docker kill --signal HUP "$docker_gen" >/dev/null
