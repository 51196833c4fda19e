#!/usr/bin/env bash
# Notes which version of an app serves, for identity.sh. With VOLUME, IMAGE, one with a shell, and VERSION.
set -euo pipefail

docker run --rm --interactive --network none --read-only --cap-drop ALL --security-opt no-new-privileges:true \
    --entrypoint sh --volume "$VOLUME:/identity" "$IMAGE" -euc \
    'cat >/identity/version.new; mv /identity/version.new /identity/version' <<<"$VERSION"
