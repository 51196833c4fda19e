#!/usr/bin/env bash
# Returns once an app answers at every one of its host names over HTTPS with a certificate of its own. With APP; NAMES;
# REDIRECTED, those of them at which nginx answers for it; WAIT (seconds); AUTHORITY (URL of the ACME directory that the
# certificate must come from); TRUSTED (1: it must chain to a root this machine knows); PAGE (the path that is asked
# for); STATUS (that the answer must have, or nothing where every one below 400 will do); DEPLOYMENT, whose containers
# these are, and whose label nginx takes for the question who answered.
set -euo pipefail

options=(--silent --show-error --output /dev/null --max-time 10)
((TRUSTED)) || options+=(--insecure)

ours() { docker ps --quiet --filter "label=homeport.deployment=$DEPLOYMENT" --filter "label=$1"; }

# The certificates that acme.sh has for a name from AUTHORITY, in PEM. It is noted when the next one is due once it
# is there.
issued() {
    local container
    container=$(ours homeport.role=acme-companion | head -n 1)
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

addresses() {
    ours "homeport.app=$APP" |
        xargs docker inspect --format '{{range .NetworkSettings.Networks}}{{println .IPAddress}}{{end}}'
}

answers() {
    local headers status from
    # Not as an argument, which every user of the machine sees.
    headers=$(curl "${options[@]}" --header @- --dump-header - --resolve "$1:443:127.0.0.1" "https://$1$PAGE" \
        <<<"X-Homeport-Check: $DEPLOYMENT" | tr -d '\r') || return
    status=$(awk '/^HTTP\// { status = $2 } END { print status }' <<<"$headers")
    if [[ -n "$STATUS" && "$status" != "$STATUS" ]] || ((10#${status:-999} >= 400 && 10#${STATUS:-0} == 0)); then
        echo "status ${status:-unknown}, not ${STATUS:-below 400}"
        return 1
    fi
    # nginx tells it in a header whose name is the app's: the settings of the name are this app's, then.
    from=$(awk -v header="x-homeport-answer-$APP:" 'tolower($1) == header { print $NF }' <<<"$headers")
    if [[ -z "$from" ]]; then
        echo "status $status, but not with the settings of $APP"
        return 1
    fi
    # What is refused for want of a password, or sent elsewhere, is answered by nginx itself.
    [[ -z "$STATUS" && " $REDIRECTED " != *" $1 "* ]] || return 0
    grep --quiet --line-regexp --fixed-strings "${from%:*}" < <(addresses) || {
        [[ "$from" != by ]] || from="nginx itself"
        echo "status $status, but from $from, which is no container of $APP"
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
                for container in $(ours homeport.role=acme-companion); do
                    docker logs --tail 30 "$container" 2>&1
                done
            } >&2
            exit 1
        fi
        sleep 1
    done
    echo "https://$name answers"
done
