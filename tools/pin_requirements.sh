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
newest_of() { python3 -c "from $1 import NEWEST; print(NEWEST)"; }

# pin FOLDER NEWEST [OPTION...]: for Python 3.11, and a mistake if the newest has to build anything from source.
pin() {
  local folder="$1" newest="$2"
  shift 2
  # The versions of the present file are kept where they still fit; `make requirements UPGRADE=1` takes the newest.
  cp "$folder/requirements.txt" "$pinned"
  (
    cd "$folder"
    uv pip compile --quiet --no-header --no-emit-index-url --generate-hashes --python-version 3.11 \
      ${UPGRADE:+--upgrade} requirements.in -o "$pinned"
    uv pip compile --quiet --no-deps --python-version "$newest" --only-binary :all: "$@" "$pinned" -o /dev/null
  )
  {
    # Renovate reads the second line, and runs it in the file's folder.
    printf '%s\n' "# Pinned from requirements.in by: make requirements" \
      "#    uv pip compile --generate-hashes --python-version=3.11 --output-file=requirements.txt requirements.in"
    cat "$pinned"
  } >"$folder/requirements.txt"
}

pin . "$(newest_of tools.python_environment)"
# The scanner has an environment of its own: see environment.py in its folder. sslyze itself is only to be had as
# source, which is Python and needs no compiler.
pin tools/tls_scanner "$(newest_of tools.tls_scanner.environment)" --no-binary sslyze
