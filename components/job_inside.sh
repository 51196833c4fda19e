#!/usr/bin/env bash
# Runs a command in the running container of a service, the newest where there are two. With APP, SERVICE and the
# service's GENERATION, or nothing where it has none; COMMAND, quoted for a shell; ENVIRONMENT, lines of NAME=value
# besides the container's own; DONE_BEFORE, the text by which a failing command says that its work was done
# already, or nothing; THEN, the command to run in that case, or nothing; INPUT that the command reads, or nothing;
# ALONE, 1 if older containers of the app must have stopped before.
set -euo pipefail

# shellcheck disable=SC2153
container=$(containers "app=$APP" "service=$SERVICE" ${GENERATION:+"generation=$GENERATION"} | head -n 1)
[[ -n "$container" ]] || {
    echo "no container of $APP's service $SERVICE is running" >&2
    exit 1
}

variables=$(mktemp)
trap 'rm -f "$variables"' EXIT
# shellcheck disable=SC2153
printf '%s\n' "$ENVIRONMENT" >"$variables"

((ALONE == 0)) || stop_older "$APP"

run() {
    local words
    eval "words=($1)"
    # shellcheck disable=SC2154  # eval sets it
    docker exec --interactive --env-file "$variables" "$container" "${words[@]}" <<<"$INPUT"
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
