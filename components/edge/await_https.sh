#!/usr/bin/env bash
# Returns once every host name of an app answers over HTTPS with a certificate of its own. With NAMES,
# WAIT (seconds), TRUSTED (1: the certificate must chain to a root this machine knows), PAGE (the path that is
# asked for) and STATUS (that the answer must have, or nothing where every one below 400 will do).
set -euo pipefail

options=(--silent --show-error --output /dev/null --max-time 10)
((TRUSTED)) || options+=(--insecure)

has_certificate() {
    local container
    container=$(docker ps --quiet --filter label=com.github.nginx-proxy.nginx | head -n 1)
    [[ -n "$container" ]] && docker exec "$container" test -s "/etc/nginx/certs/$1.crt"
}

answers() {
    local found
    if [[ -z "$STATUS" ]]; then
        curl "${options[@]}" --fail --resolve "$1:443:127.0.0.1" "https://$1$PAGE"
        return
    fi
    found=$(curl "${options[@]}" --write-out '%{http_code}' --resolve "$1:443:127.0.0.1" "https://$1$PAGE") || return
    [[ "$found" == "$STATUS" ]] || {
        echo "status $found, not $STATUS" >&2
        return 1
    }
}

deadline=$((SECONDS + WAIT))
for name in $NAMES; do
    until has_certificate "$name" && problem=$(answers "$name" 2>&1); do
        if ((SECONDS >= deadline)); then
            {
                echo "https://$name does not answer after $WAIT seconds: ${problem:-no certificate was issued}"
                echo "What acme-companion said last:"
                for container in $(docker ps --quiet --filter label=homeport.role=acme-companion); do
                    docker logs --tail 30 "$container" 2>&1
                done
            } >&2
            exit 1
        fi
        sleep 1
    done
    echo "https://$name answers"
done
