#!/usr/bin/env bash
# Pins each requirements.in into the requirements.txt beside it, with the hash of every file.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v uv >/dev/null; then
  printf '%s\n' "requirements: needs uv (https://docs.astral.sh/uv/): pip install uv" >&2
  exit 1
fi
pinned="$(mktemp)"
trap 'rm -f "$pinned"' EXIT
# The scanner has an environment of its own: see environment.py in its folder.
for folder in . tools/tls_scanner; do
  # The versions of the present file are kept where they still fit; `make requirements UPGRADE=1` takes the newest.
  cp "$folder/requirements.txt" "$pinned"
  (
    cd "$folder"
    uv pip compile --quiet --no-header --no-emit-index-url --generate-hashes --python-version 3.11 \
      ${UPGRADE:+--upgrade} requirements.in -o "$pinned"
  )
  {
    printf '%s\n' "# Pinned from requirements.in by: make requirements"
    cat "$pinned"
  } >"$folder/requirements.txt"
done
