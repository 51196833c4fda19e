#!/usr/bin/env bash
# Returns once every host name of an app answers over HTTPS with a certificate of its own. With NAMES,
# WAIT (seconds), AUTHORITY (URL of the ACME directory that the certificate must come from), TRUSTED (1: it must
# chain to a root this machine knows), PAGE (the path that is asked for) and STATUS (that the answer must have, or
# nothing where every one below 400 will do).
set -euo pipefail

options=(--silent --show-error --output /dev/null --max-time 10)
((TRUSTED)) || options+=(--insecure)

# The certificates that acme.sh has for a name from AUTHORITY, in PEM. It is noted when the next one is due once it
# is there.
issued() {
    local container
    container=$(docker ps --quiet --filter label=homeport.role=acme-companion | head -n 1)
    [[ -n "$container" ]] || return
    # shellcheck disable=SC2016  # for the shell in the container
    docker exec "$container" bash -c '
        link=$(readlink "/etc/nginx/certs/$1.crt") || exit 0
        name=$(basename "$(dirname "$link")")
        for noted in /etc/acme.sh/*/"${name#_test_}"{,_ecc}/*.conf; do
            if grep -qsxF "$2" "$noted" && grep -qs "^Le_NextRenewTime=" "$noted"; then
                cat "${noted%.conf}.cer"
            fi
        done' issued "$1" "Le_API='$AUTHORITY'"
}

# Whether nginx shows a certificate that AUTHORITY issued.
has_certificate() {
    local shown
    shown=$(openssl s_client -connect 127.0.0.1:443 -servername "$1" </dev/null 2>/dev/null | openssl x509 2>/dev/null) || return
    [[ "$(issued "$1")" == *"$shown"* ]]
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
