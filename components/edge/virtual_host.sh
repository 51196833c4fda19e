#!/usr/bin/env bash
# Has nginx include what an app wants for one of its host names, at once or, where another app has the name's requests,
# when the app takes them over. With APP and its host name NAME; DEPLOYMENT, whose containers these are; VHOSTS and
# PASSWORDS, volumes of nginx; IMAGE, one with a shell; NAMES, the text of names.sh; FILES, lines of a file's name, a
# blank and its content in base64. Files that nginx refuses are taken back.
set -euo pipefail

ours() { docker ps "${@:2}" --quiet --filter "label=homeport.deployment=$DEPLOYMENT" --filter "label=$1"; }
signal() { for container in $(ours "homeport.role=$1"); do docker kill --signal HUP "$container" >/dev/null; done; }
names() {
    docker run --rm --interactive --network none --read-only --cap-drop ALL --security-opt no-new-privileges:true \
        --entrypoint sh --volume "$VHOSTS:/vhost.d" --volume "$PASSWORDS:/htpasswd" "$IMAGE" -c "$NAMES" sh "$@"
}

in_docker_gen() {
    local docker_gen _
    # After a boot it is started twice.
    for _ in {1..10}; do
        docker_gen=$(ours homeport.role=docker-gen)
        [[ -n "$docker_gen" ]] && docker exec "$docker_gen" sh /etc/homeport/serving.sh "$@" && return
        sleep 1
    done
    echo "docker-gen does not write nginx's configuration" >&2
    return 1
}
# docker-gen includes a file only if it was there when it looked.
generate() {
    signal docker-gen
    in_docker_gen await
}

# One that crashes again and again counts, too: it may come back.
holder=""
if containers=$(ours homeport.app --all) && [[ -n "$containers" ]]; then
    # shellcheck disable=SC2016  # a template of Docker's
    environments='{{$app := index .Config.Labels "homeport.app"}}{{range .Config.Env}}{{println $app .}}{{end}}'
    # One that goes meanwhile is an error, and of the others all is told.
    # shellcheck disable=SC2086
    holder=$({ docker inspect --format "$environments" $containers 2>/dev/null || true; } |
        awk -v app="$APP" -v name="$NAME" '
            $1 != app && sub(/^VIRTUAL_HOST=/, "", $2) && index("," $2 ",", "," name ",") { found = $1 }
            END { print found }')
fi
# Until the app takes over, the containers of now have all requests, whichever joins them.
[[ -z "$holder" ]] || in_docker_gen hold "$holder" "$NAME"

# shellcheck disable=SC2153
owner=$(names claim "$APP" "$NAME" "$holder" <<<"$FILES")
if [[ "$owner" != "$APP" ]]; then
    echo "$NAME stays with $owner until $APP takes it over"
    exit 0
fi

generate
for nginx in $(ours homeport.role=nginx); do
    # nginx reads them only when it reloads.
    if ! output=$(docker exec "$nginx" nginx -t 2>&1); then
        names undo "$APP" "$NAME" </dev/null
        generate
        printf 'nginx refuses the settings of %s, and goes on with the old ones:\n%s\n' "$NAME" "$output" >&2
        exit 1
    fi
done
signal nginx
