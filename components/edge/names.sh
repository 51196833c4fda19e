#!/bin/sh
# Whose settings nginx includes for a host name. In VHOSTS, the folder that nginx reads, .names/<host>/<app> keeps
# the files that an app wants for the name, and .names/<host>/.owner the app whose files nginx reads: a name has
# another one's only once that takes it over. PASSWORDS is nginx's folder of passwords.
#
#   claim APP HOST [HOLDER]   notes what the app wants, from lines of a file's name and its content in base64. HOLDER
#                             is another app that has requests of the name; without one the files are taken at once.
#                             Tells who owns the name now
#   undo APP HOST             takes the last claim back
#   take APP HOST             has nginx include the app's files, and no other
#   release APP HOST          the app has no more requests of the name: what is there goes, if it is still its own, or
#                             gives way to what another app wants. Tells whether the app has other names
set -eu

cd "${VHOSTS:-/vhost.d}"
action=$1 app=$2 name=$3
kept=.names/$name

owner() { cat "$kept/.owner" 2>/dev/null || true; }

own() {
    echo "$1" >"$kept/.owner.new"
    mv "$kept/.owner.new" "$kept/.owner"
}

# Makes what nginx includes for the name the same as what the app wants: a folder, or none.
include() {
    for file in "$1"/*; do
        [ -f "$file" ] || continue
        cp "$file" ".$name.new"
        mv ".$name.new" "${file##*/}"
    done
    for file in "$name" "$name"_*; do
        [ ! -e "$file" ] || [ -e "$1/$file" ] || rm "$file"
    done
    # What releases before this one left: copies, and passwords for a host name, now each app has its own file.
    rm -f ".$name.before" ".$name"_*.before "${PASSWORDS:-/htpasswd}/$name" "${PASSWORDS:-/htpasswd}/$name"_*
}

take() {
    include "$kept/$1"
    own "$1"
}

release() {
    if [ "$(owner)" = "$app" ]; then
        for other in "$kept"/*; do
            [ -d "$other" ] || continue
            take "${other##*/}"
            return
        done
        include "$kept/$app"
        rm -rf "$kept"
    elif [ -z "$(owner)" ]; then
        rmdir "$kept" 2>/dev/null || true
    fi
}

case $action in
claim)
    holder=${4:-}
    mkdir -p "$kept"
    # Of a release that kept no notes.
    if [ -n "$holder" ] && [ -z "$(owner)" ]; then
        rm -rf "${kept:?}/$holder"
        mkdir "$kept/$holder"
        for file in "$name" "$name"_*; do
            [ ! -f "$file" ] || cp "$file" "$kept/$holder"
        done
        own "$holder"
    fi
    rm -rf "$kept/.$app.new"
    mkdir "$kept/.$app.new"
    while read -r file content; do
        [ -z "$file" ] || printf %s "$content" | base64 -d >"$kept/.$app.new/$file"
    done
    rm -rf "$kept/.$app.before"
    [ ! -e "$kept/$app" ] || mv "$kept/$app" "$kept/.$app.before"
    mv "$kept/.$app.new" "$kept/$app"
    if [ -z "$holder" ] || [ "$(owner)" = "$app" ]; then take "$app"; fi
    owner
    ;;
undo)
    rm -rf "${kept:?}/$app"
    if [ -e "$kept/.$app.before" ]; then
        mv "$kept/.$app.before" "$kept/$app"
        [ "$(owner)" != "$app" ] || take "$app"
    else
        release
    fi
    ;;
take) [ ! -d "$kept/$app" ] || take "$app" ;;
release)
    rm -rf "${kept:?}/$app" "$kept/.$app.before" "$kept/.$app.new"
    release
    for other in .names/*/"$app"; do
        [ ! -d "$other" ] || echo "$other"
    done
    ;;
esac
