#!/usr/bin/env bash
# Runs the make target TARGET as a job of CI does: `make ci TARGET=test-e2e`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${TARGET:-}" in
lint | test-unit) exec make "$TARGET" ;;
test-engine | test-e2e | test-long)
  # As root: make then installs what is missing.
  if ((EUID)); then exec sudo env CI="${CI:-}" PATH="$PATH" HOME="$HOME" make "$TARGET"; fi
  exec make "$TARGET"
  ;;
*)
  echo "ci: TARGET is '${TARGET:-}'; it can be lint, test-unit, test-engine, test-e2e or test-long" >&2
  exit 2
  ;;
esac
