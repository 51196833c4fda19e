#!/usr/bin/env bash
# Removes the Python environment, test and lint caches and builds. A sandbox that still runs keeps its folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rm -rf .venv .mypy_cache .ruff_cache .pytest_cache
find . -name __pycache__ -type d -not -path './build/*' -prune -exec rm -rf {} +
if [[ -d build ]]; then
  find build -mindepth 1 -maxdepth 1 -not -name sandbox -exec rm -rf {} +
  # A folder of a sandbox holds the state of what runs in Docker: without it nobody could tear that down.
  if [[ -d build/sandbox ]]; then
    rmdir build/sandbox 2>/dev/null ||
      printf '%s\n' "clean: build/sandbox stays, it belongs to sandboxes; take them down first (make demo-down)"
  fi
  rmdir build 2>/dev/null || true
fi
