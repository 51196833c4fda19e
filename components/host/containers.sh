#!/usr/bin/env bash
# Finds the containers of one deployment, since others may be on the same engine. It comes before each script that looks
# for any, with DEPLOYMENT, the value of the label `homeport.deployment`.

# containers WORD...: the ids of those that run, the newest first. A word `name=...` asks for a name; `app=...`,
# `service=...`, `generation=...`, `uses=...` and `role=...` for such labels, `app` alone for any app's. Words that
# begin with `-` are options of `docker ps`. Not --quiet: newer versions of Docker ignore a format beside it.
containers() {
    local word words=(--filter "label=homeport.deployment=${DEPLOYMENT:?}" --format '{{.ID}}')
    for word in "$@"; do
        case "$word" in
            -*) words+=("$word") ;;
            name=?*) words+=(--filter "name=^/?${word#name=}\$") ;;
            app | app=?* | service=?* | generation=?* | uses=?* | role=?*) words+=(--filter "label=homeport.$word") ;;
            # A word that selects nothing would select everything.
            *)
                echo "containers: $word" >&2
                return 2
                ;;
        esac
    done
    docker ps "${words[@]}"
}

# stop_older APP: of each service's containers the newest stays. A service with generations has data of its own:
# which of them stays is not said by age.
stop_older() {
    local service services
    services=$(containers "app=$1" --format='{{.Label "homeport.service"}} {{.Label "homeport.generation"}}' |
        awk 'NF == 1' | sort -u)
    for service in $services; do
        containers "app=$1" "service=$service" | tail -n +2 | xargs --no-run-if-empty docker stop >/dev/null
    done
}
