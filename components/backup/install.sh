#!/usr/bin/env bash
# Makes a machine ready to back up and to restore. With ENVIRONMENT, lines for a shell that say where the
# repository is and what opens it.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

missing=()
for package in restic jq; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if ((${#missing[@]})); then
    # A run that was killed may have left half of it.
    dpkg --configure -a >&2
    apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -qq update >&2
    apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 -qq -y --no-install-recommends \
        install "${missing[@]}" >&2
fi
umask 077
mkdir -p /etc/homeport/backup
printf '%s\n' "$ENVIRONMENT" >/etc/homeport/backup/environment.new
mv -f /etc/homeport/backup/environment.new /etc/homeport/backup/environment
