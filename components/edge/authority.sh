#!/usr/bin/env bash
# Starts acme-companion. acme.sh keeps a certificate until it is due, whichever authority it came from: what it
# noted of certificates of other authorities than ACME_CA_URI goes first, so that it asks this one. The certificates
# themselves stay and are shown until the new ones are there. In FOLDER, /etc/acme.sh, is one folder for each address,
# and in it one for each certificate, of keys of either kind; that of Let's Encrypt's staging authority has no other's.
set -euo pipefail
shopt -s nullglob

for noted in "${FOLDER:-/etc/acme.sh}"/*/*/*.conf; do
    certificate=${noted%/*}
    [[ "${certificate%/*}" != */staging ]] || continue
    if grep -q "^Le_API=" "$noted" && ! grep -qxF "Le_API='$ACME_CA_URI'" "$noted"; then
        echo "${certificate##*/}: its certificate is of another authority: $ACME_CA_URI is asked for one"
        rm -r "$certificate"
    fi
done
exec "$@"
