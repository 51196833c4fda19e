#!/bin/sh
# Makes nginx's configuration of what docker-gen generated, which runs it before it has nginx reload. An upstream that
# holds containers which are known to serve it sends its requests to these alone, every other server of it is down; one
# that holds none stays as it is. FOLDER/serving/<app> names them, in lines of a container and an upstream. Lines of a
# container alone, of releases before, are of all its upstreams. With `held` after the two nobody else gets a request,
# even if the container is gone: who comes may need a password that the name does not ask for yet.
#
#   take APP CONTAINER...   the containers that are read, one a line, serve their upstreams from now on, and none of
#                           another app any more. The arguments are all containers that there are
#   hold APP HOST           the servers of the name, which is the app's, are held until another app takes it
#   drop APP                the app is gone
#   await [HOST...]         waits until docker-gen knows which files there are to be included, all of these hosts among
#                           them: nginx refuses a configuration that names one that is gone
set -eu

cd "${FOLDER:-/etc/nginx/conf.d}"

settled() {
    grep -oE '/etc/nginx/(vhost\.d|htpasswd)/[^;]*' default.conf.generated | sort -u | while read -r file; do
        [ -e "${ROOT:-}$file" ] || exit 1
    done || return 1
    for host; do
        for file in "${ROOT:-}/etc/nginx/vhost.d/$host" "${ROOT:-}/etc/nginx/vhost.d/$host"_*; do
            [ ! -e "$file" ] || grep -qF "include ${file#"${ROOT:-}"};" default.conf.generated || return 1
        done
    done
}

if [ "${1:-}" = await ]; then
    shift
    deadline=$(($(date +%s) + ${WAIT:-10}))
    until settled "$@"; do
        [ "$(date +%s)" -lt "$deadline" ] || exit 1
        sleep 0.1
    done
    set --
fi

exec 9>.serving.lock
flock 9
mkdir -p serving

# Lines of a container and an upstream that holds it.
pairs() {
    awk '/^upstream / { upstream = $2; name = "" }
        /^ *# Container: / { name = $3 }
        /^ *server / && upstream && name { print name, upstream }
        /^}/ { upstream = "" }' default.conf.generated
}

put() {
    if [ -s .serving.new ]; then mv .serving.new "$1"; else rm -f .serving.new "$1"; fi
}

action=${1:-}
case $action in
take)
    app=$2
    shift 2
    cat >.serving.taking
    printf '%s\n' "$@" >.serving.existing
    pairs >.serving.pairs
    awk 'part == 1 { takes[$1]; next }
        $1 in takes { print; named[$1] }
        END { for (name in takes) if (name != "" && !(name in named)) print name }' \
        part=1 .serving.taking part=2 .serving.pairs >.serving.mine
    # Its own comes first: cut off after that, both serve until this runs again.
    for file in "serving/$app" serving/*; do
        touch .serving.before
        [ ! -e "$file" ] || cp "$file" .serving.before
        {
            [ "$file" != "serving/$app" ] || cat .serving.mine
            awk 'part == 1 { exists[$1]; next }
                part == 2 { taken[$1]; if (NF > 1) taken[$2, ""]; next }
                part == 3 { upstreams[$1] = upstreams[$1] " " $2; next }
                $3 != "held" && !($1 in exists) || $1 in taken { next }
                NF == 1 && $1 in upstreams {
                    count = split(upstreams[$1], each, " ")
                    for (i = 1; i <= count; i++) if (!((each[i], "") in taken)) print $1, each[i]
                    next
                }
                NF == 1 || !(($2, "") in taken)' \
                part=1 .serving.existing part=2 .serving.mine part=3 .serving.pairs part=4 .serving.before
        } >.serving.new
        put "$file"
        rm .serving.before
    done
    ;;
hold)
    pairs >.serving.pairs
    {
        cat "serving/$2" 2>/dev/null || true
        { cat serving/* 2>/dev/null || true; } | awk -v name="$3" '
            part == 1 { if ($3 == "held") held[$2]; if (NF == 1) serves[$1]; else serves[$1, $2]; next }
            $2 in held || $2 != name && !(index($2, name "-") == 1 && length($2) == length(name) + 41) { next }
            { all[$2] = all[$2] $0 " held\n" }
            $1 in serves || ($1, $2) in serves { serving[$2] = serving[$2] $0 " held\n" }
            END { for (upstream in all) printf "%s", ((upstream in serving) ? serving[upstream] : all[upstream]) }' \
            part=1 - part=2 .serving.pairs
    } >.serving.new
    put "serving/$2"
    ;;
drop) rm -f "serving/$2" ;;
esac

{ cat serving/* 2>/dev/null || true; } >.serving.names
awk '
    part == 1 { if ($3 == "held") decided[$2]; if (NF == 1) serves[$1]; else serves[$1, $2]; next }
    /^upstream / { upstream = $2; name = "" }
    /^ *# Container: / { name = $3 }
    part == 2 { if (/^ *server / && (name in serves || (name, upstream) in serves)) decided[upstream]; next }
    /^ *server [^ ]+;$/ && upstream in decided && !(name in serves || (name, upstream) in serves) {
        sub(/;$/, " down;")
    }
    /^}/ { upstream = "" }
    { print }
' part=1 .serving.names part=2 default.conf.generated part=3 default.conf.generated >.default.conf.new
# In one step: nginx never reads half of it.
mv .default.conf.new default.conf
