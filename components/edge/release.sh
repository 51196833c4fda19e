#!/usr/bin/env bash
# What an app had at the edge for a host name goes, if it is still its own: run when the app has none of the name's
# requests any more. With APP, NAME, DEPLOYMENT, VHOSTS, PASSWORDS and NAMES as virtual_host.sh has them.
set -euo pipefail

ours() { docker ps "${@:2}" --quiet --filter "label=homeport.deployment=$DEPLOYMENT" --filter "label=$1" | head -n 1; }

# Where nginx is gone, so are its volumes.
nginx=$(ours homeport.role=nginx --all)
[[ -n "$nginx" ]] || exit 0
image=$(docker inspect --format '{{.Image}}' "$nginx")
others=$(docker run --rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges:true \
    --entrypoint sh --volume "$VHOSTS:/vhost.d" --volume "$PASSWORDS:/htpasswd" "$image" \
    -c "$NAMES" sh release "$APP" "$NAME" </dev/null)

docker_gen=$(ours homeport.role=docker-gen)
[[ -n "$docker_gen" ]] || exit 0
[[ -n "$others" ]] || docker exec "$docker_gen" sh /etc/homeport/serving.sh drop "$APP"
docker kill --signal HUP "$docker_gen" >/dev/null
