#!/usr/bin/env bash
# Writes the files that `ssh` reads into DIRECTORY, LOGIN_KEY and, for ADDRESS, HOST_KEY; then asks the machine for its
# host key and prints the one that it shows, if that is another. A machine that does not answer says nothing: it may
# not be there yet, or this computer may not be let in. Runs on the computer that deploys, in previews too.
set -euo pipefail
umask 077
mkdir -p "$DIRECTORY"
cd "$DIRECTORY"
printf '%s' "$LOGIN_KEY" >id_ed25519.new
mv -f id_ed25519.new id_ed25519
printf '%s %s\n' "$ADDRESS" "$HOST_KEY" >known_hosts.new
mv -f known_hosts.new known_hosts

command -v ssh-keyscan >/dev/null || exit 0
# Of the type of ours alone: each further one costs 3 s where the machine does not answer.
# A machine at its first boot shows a key of its own for some seconds, until the bootstrap has put the right one in.
for ((try = 0; try < 6; try++)); do
    ((try == 0)) || sleep 5
    shown=$(ssh-keyscan -T 3 -t ed25519 "$ADDRESS" 2>/dev/null | cut -d' ' -f2,3) || true
    [[ -n "$shown" ]] && ! grep -qxF "$HOST_KEY" <<<"$shown" || exit 0
done
head -n 1 <<<"$shown"
