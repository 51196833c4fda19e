#!/usr/bin/env bash
# Runs a command in a container of its own. With APP; NAME of the container; IMAGE, NETWORK; ENVIRONMENT, lines
# of NAME=value; MOUNTS, lines of volume:path; MEMORY and MEMORY_AND_SWAP in MiB; CONFINEMENT, options of
# `docker run`, and COMMAND, both quoted for a shell; DONE_BEFORE, the text by which a failing command says that
# its work was done already, or nothing; THEN, the command to run in that case, or nothing; ALONE, 1 if older
# containers of the app must have stopped before.
set -euo pipefail

variables=$(mktemp)
trap 'rm -f "$variables"' EXIT
# shellcheck disable=SC2153
printf '%s\n' "$ENVIRONMENT" >"$variables"

volumes=()
# shellcheck disable=SC2153
while read -r mount; do
    [[ -z "$mount" ]] || volumes+=(--volume "$mount")
done <<<"$MOUNTS"

# One that was cut off with its update would go on beside this one.
docker rm --force --volumes "$NAME" >/dev/null 2>&1 || true

((ALONE == 0)) || stop_older "$APP"

run() {
    local words confinement
    # shellcheck disable=SC2153
    eval "words=($1) confinement=($CONFINEMENT)"
    # shellcheck disable=SC2154  # eval sets them
    docker run --rm --name "$NAME" --network "$NETWORK" --env-file "$variables" "${volumes[@]}" \
        --memory "${MEMORY}m" --memory-swap "${MEMORY_AND_SWAP}m" "${confinement[@]}" \
        --log-driver none "$IMAGE" "${words[@]}" </dev/null
}

status=0
output=$(run "$COMMAND" 2>&1) || status=$?
if ((status == 0)); then
    printf '%s\n' "$output"
elif [[ -n "$DONE_BEFORE" && "$output" == *"$DONE_BEFORE"* ]]; then
    [[ -z "$THEN" ]] || run "$THEN"
else
    printf '%s\nexit code %s\n' "$output" "$status" >&2
    exit 1
fi
