#!/usr/bin/env bash
# Prints a line of JSON for each container of NAMES, one a line, that is there: its id, image, environment and
# deployment, and the environment of its image. Changes nothing. What it prints holds passwords.
set -euo pipefail
shopt -s inherit_errexit

docker version --format '{{.Server.Version}}' >/dev/null
while IFS= read -r name; do
    [[ -n "$name" ]] || continue
    # One that is gone is told by its absence.
    image=$(docker container inspect --format '{{.Image}}' "$name" 2>/dev/null) || continue
    own=$(docker container inspect --format '"id": {{json .ID}}, "environment": {{json .Config.Env}},
        "deployment": {{json (index .Config.Labels "homeport.deployment")}}' "$name")
    # The image may be removed while its container stays.
    given=$(docker image inspect --format '{{json .Config.Env}}' "$image" 2>/dev/null) || given=null
    printf '{"name": "%s", %s, "image": "%s", "given": %s}\n' "$name" "${own//$'\n'/ }" "$image" "$given"
done <<<"$NAMES"
