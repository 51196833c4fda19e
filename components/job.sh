#!/usr/bin/env bash
# Runs a command in the running container of a service. With APP and SERVICE, COMMAND quoted for a shell,
# and DONE_BEFORE, the text by which a failing command says that its work was done already.
set -euo pipefail

container=$(docker ps --quiet --filter "label=homeport.app=$APP" --filter "label=homeport.service=$SERVICE" | head -n 1)
[[ -n "$container" ]] || {
    echo "no container of $APP's service $SERVICE is running" >&2
    exit 1
}
eval "words=($COMMAND)"
# shellcheck disable=SC2154  # eval sets it
if ! output=$(docker exec "$container" "${words[@]}" 2>&1 </dev/null); then
    [[ "$output" == *"$DONE_BEFORE"* ]] && exit 0
    printf '%s\n' "$output" >&2
    exit 1
fi
