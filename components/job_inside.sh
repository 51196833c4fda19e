#!/usr/bin/env bash
# Runs a command in the running container of a service, the newest where there are two. With APP, SERVICE and the
# service's GENERATION, or nothing where it has none; COMMAND, quoted for a shell; DONE_BEFORE, the text by which a
# failing command says that its work was done already, or nothing; THEN, the command to run in that case, or
# nothing; INPUT that the command reads, or nothing; ALONE, 1 if older containers of the app must have stopped before.
set -euo pipefail

# shellcheck disable=SC2153
labels=(--filter "label=homeport.app=$APP" --filter "label=homeport.service=$SERVICE")
[[ -z "$GENERATION" ]] || labels+=(--filter "label=homeport.generation=$GENERATION")
container=$(docker ps --quiet "${labels[@]}" | head -n 1)
[[ -n "$container" ]] || {
    echo "no container of $APP's service $SERVICE is running" >&2
    exit 1
}

if ((ALONE)); then
    # One with generations has data of its own: which of them stays is not said by age.
    services=$(docker ps --filter "label=homeport.app=$APP" \
        --format '{{.Label "homeport.service"}} {{.Label "homeport.generation"}}' | awk 'NF == 1' | sort -u)
    for other in $services; do
        # The newest comes first.
        docker ps --quiet --filter "label=homeport.app=$APP" --filter "label=homeport.service=$other" |
            tail -n +2 | xargs --no-run-if-empty docker stop >/dev/null
    done
fi

run() {
    local words
    eval "words=($1)"
    # shellcheck disable=SC2154  # eval sets it
    docker exec --interactive "$container" "${words[@]}" <<<"$INPUT"
}

if output=$(run "$COMMAND" 2>&1); then
    printf '%s\n' "$output"
elif [[ -n "$DONE_BEFORE" && "$output" == *"$DONE_BEFORE"* ]]; then
    [[ -z "$THEN" ]] || run "$THEN"
else
    printf '%s\n' "$output" >&2
    exit 1
fi
