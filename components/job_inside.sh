#!/usr/bin/env bash
# Runs a command in the running container of a service, the newest where there are two. With APP and SERVICE;
# COMMAND, quoted for a shell; ENVIRONMENT, lines of NAME=value besides the container's own; DONE_BEFORE, the
# text by which a failing command says that its work was done already, or nothing; THEN, the command to run in
# that case, or nothing.
set -euo pipefail

container=$(docker ps --quiet --filter "label=homeport.app=$APP" --filter "label=homeport.service=$SERVICE" | head -n 1)
[[ -n "$container" ]] || {
    echo "no container of $APP's service $SERVICE is running" >&2
    exit 1
}

variables=$(mktemp)
trap 'rm -f "$variables"' EXIT
# shellcheck disable=SC2153
printf '%s\n' "$ENVIRONMENT" >"$variables"

run() {
    local words
    eval "words=($1)"
    # shellcheck disable=SC2154  # eval sets it
    docker exec --env-file "$variables" "$container" "${words[@]}" </dev/null
}

if output=$(run "$COMMAND" 2>&1); then
    printf '%s\n' "$output"
elif [[ -n "$DONE_BEFORE" && "$output" == *"$DONE_BEFORE"* ]]; then
    [[ -z "$THEN" ]] || run "$THEN"
else
    printf '%s\n' "$output" >&2
    exit 1
fi
