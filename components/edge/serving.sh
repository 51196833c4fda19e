#!/bin/sh
# Makes nginx's configuration of what docker-gen generated. docker-gen runs it before it has nginx reload, and
# takeover.sh runs it. Files of FOLDER/serving name the containers that serve, one a line: an upstream that holds
# one of them sends its requests to these alone, every other server of it is down. An upstream that holds none
# of them stays as it is.
set -eu

cd "${FOLDER:-/etc/nginx/conf.d}"
exec 9>.serving.lock
flock 9
# At least one line, by which awk tells the names from the configuration after them.
{ cat serving/* 2>/dev/null || true; echo; } >.serving.names
awk '
    FNR == 1 { text++ }
    text == 1 { if ($1 != "") serves[$1]; next }
    /^upstream / { upstream = $2; name = "" }
    /^ *# Container: / { name = $3 }
    text == 2 { if (/^ *server / && name in serves) decided[upstream]; next }
    /^ *server [^ ]+;$/ && upstream in decided && !(name in serves) { sub(/;$/, " down;") }
    /^}/ { upstream = "" }
    { print }
' .serving.names default.conf.generated default.conf.generated >.default.conf.new
# In one step: nginx never reads half of it.
mv .default.conf.new default.conf
