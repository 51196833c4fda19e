#!/usr/bin/env bash
# Writes who may see an app, for nginx, which reads it anew with each request. With VOLUME, the volume of
# /etc/nginx/htpasswd; IMAGE, one with a shell; FILE, its name there; LOGIN and PASSWORD.
# shellcheck disable=SC2016  # what is in single quotes is for the shell in the container
set -euo pipefail

# crypt's SHA-512, which glibc and musl both know, with the fewest rounds: the password is 190 random bits, and
# nginx computes this for each request before it knows whether the password is right.
salt=$(openssl rand -hex 8)
hash=$(openssl passwd -6 -salt "rounds=1000\$$salt" -stdin <<<"$PASSWORD")

docker run --rm --interactive --network none --read-only --cap-drop ALL --security-opt no-new-privileges:true \
    --entrypoint sh --volume "$VOLUME:/htpasswd" "$IMAGE" -euc '
    umask 022
    cat >"/htpasswd/.$1.new"
    mv "/htpasswd/.$1.new" "/htpasswd/$1"' sh "$FILE" <<<"$LOGIN:$hash"
