#!/usr/bin/env bash
# Hands an app's requests from older containers, its own or of an app that had the host name before, to the new ones,
# while both run. With APP; HOSTNAMES that it answers to; SERVICES, lines of a service, its new container, and the
# seconds that its requests may last; CLOSED, 1 if it asks for a password; DEPLOYMENT, whose containers these are;
# VHOSTS, PASSWORDS, IMAGE and NAMES as virtual_host.sh has them. When this ends, no request is on its way to an older
# container, unless one took longer than that, or it serves on for another host name; Pulumi deletes them then.
set -euo pipefail

ours() { docker ps --quiet --filter "label=homeport.deployment=$DEPLOYMENT" --filter "label=$1" | head -n 1; }
fail() {
    printf '%s\n' "$@" "The older containers serve on." >&2
    exit 1
}

nginx="" docker_gen=""
for _ in {1..60}; do
    nginx=$(ours homeport.role=nginx) docker_gen=$(ours homeport.role=docker-gen)
    [[ -z "$nginx" || -z "$docker_gen" ]] || break
    sleep 0.5
done
[[ -n "$nginx" && -n "$docker_gen" ]] || fail "nginx or docker-gen does not run."

# Again where it ends meanwhile: after a boot, docker-gen is started twice.
in_docker_gen() {
    local input output _
    input=$(cat)
    for _ in {1..10}; do
        output=$(docker exec --interactive "$docker_gen" sh -euc "$1" <<<"$input") && break
        output=""
        sleep 1
    done
    [[ -n "$output" ]] || return 1
    printf '%s\n' "$output"
}

names() {
    docker run --rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges:true \
        --entrypoint sh --volume "$VHOSTS:/vhost.d" --volume "$PASSWORDS:/htpasswd" "$IMAGE" -c "$NAMES" sh "$@" \
        </dev/null
}

# Lines of an upstream, a container, its address and port, and `down` for those that get no requests.
servers() {
    in_docker_gen 'cat /etc/nginx/conf.d/default.conf' </dev/null | awk '
        /^upstream / { upstream = $2 }
        /^ *# Container: / { name = $3 }
        /^ *server / && upstream { sub(/;$/, ""); print upstream, name, $2, $3 }
        /^}/ { upstream = "" }'
}
address() { servers | awk -v name="$1" '$2 == name { print $3; exit }'; }

# A request past nginx, as nginx would make it: an answer of any kind but an error of the server.
answers() {
    local status
    status=$(docker exec "$nginx" curl --silent --output /dev/null --max-time 5 --write-out '%{http_code}' \
        --header "Host: ${HOSTNAMES%% *}" --header 'X-Forwarded-Proto: https' "http://$1/" </dev/null) || true
    ((10#${status:-0} >= 100 && 10#${status:-0} < 500))
}

new=$(awk '{ print $2 }' <<<"$SERVICES")
while read -r _ container _; do
    deadline=$((SECONDS + 30))
    until address=$(address "$container") && [[ -n "$address" ]] && answers "$address"; do
        ((SECONDS < deadline)) ||
            fail "The new container $container is healthy, but does not answer nginx at ${address:-any address}."
        sleep 0.5
    done
done <<<"$SERVICES"

# Lines of a host name and the other app that it belongs to.
others=$(in_docker_gen "for name in $HOSTNAMES; do
    owner=\$(cat /etc/nginx/vhost.d/.names/\$name/.owner 2>/dev/null) || continue
    [ \$owner = $APP ] || echo \$name \$owner
done; echo end" </dev/null) || fail "docker-gen does not show whose host names they are."
others=$(sed '$d' <<<"$others")
take_names() { while read -r name _; do [[ -z "$name" ]] || names take "$APP" "$name"; done <<<"$others"; }
existing=$(docker ps --all --format '{{.Names}}' | tr '\n' ' ')

# In the order by which nobody gets in without the password of either, should this be cut off in between.
((!CLOSED)) || take_names
in_docker_gen "sh /etc/homeport/serving.sh take $APP $existing; echo written" <<<"$new" >/dev/null ||
    fail "docker-gen does not write nginx's configuration."
if [[ -n "$others" ]]; then
    ((CLOSED)) || take_names
    docker kill --signal HUP "$docker_gen" >/dev/null
    in_docker_gen "sh /etc/homeport/serving.sh await $HOSTNAMES; echo included" </dev/null >/dev/null ||
        fail "docker-gen does not include the settings of $APP."
    if ! output=$(docker exec "$nginx" nginx -t 2>&1); then
        while read -r name owner; do names take "$owner" "$name"; done <<<"$others"
        docker kill --signal HUP "$docker_gen" >/dev/null
        fail "nginx refuses the settings of $APP:" "$output"
    fi
fi
servers=$(servers) || fail "docker-gen does not show nginx's configuration."
# Lines of an older container's address and port, and of how many seconds its requests may last: 0 where it serves on
# for another host name, since its connections do not say which they are of.
old=$(awk '
    NR == FNR { if (NF) seconds[$2] = $3; next }
    { upstream[NR] = $1; name[NR] = $2; address[NR] = $3; if ($2 in seconds) lasts[$1] = seconds[$2] }
    !$4 { serves[$2] }
    END {
        for (i in name) if (upstream[i] in lasts && !(name[i] in seconds))
            print address[i], ((name[i] in serves) ? 0 : lasts[upstream[i]])
    }
' <(echo "$SERVICES") <(echo "$servers"))
[[ -n "$old" || -n "$others" ]] || exit 0

# nginx has read it once each of the workers that there were takes no more requests.
workers() { docker top "$nginx" -eo pid,args | awk '/nginx: worker process$/ { print $1 }'; }
before=$(workers)
docker kill --signal HUP "$nginx" >/dev/null
deadline=$((SECONDS + 15))
while grep --quiet --line-regexp --fixed-strings "$before" <<<"$(workers)"; do
    ((SECONDS < deadline)) || fail "nginx does not read its new configuration:" "$(docker exec "$nginx" nginx -t 2>&1)"
    sleep 0.1
done

# A worker of before keeps its clients' connections open for 5 s (keepalive_min_timeout), and may begin a request
# on each.
sleep 6

# Their requests end; a WebSocket stays until the app closes it, or this time is over.
connections() {
    local ip=${1%:*} port=${1#*:} a b c d
    IFS=. read -r a b c d <<<"$ip"
    docker exec "$nginx" cat /proc/net/tcp </dev/null |
        awk -v peer="$(printf '%02X%02X%02X%02X:%04X' "$d" "$c" "$b" "$a" "$port")" \
            '$3 == peer && ($4 == "01" || $4 == "02")' | wc -l
}
started=$SECONDS
while read -r address seconds; do
    [[ -n "$address" ]] || continue
    while (($(connections "$address") > 0 && SECONDS - started < seconds)); do sleep 0.2; done
done <<<"$old"
