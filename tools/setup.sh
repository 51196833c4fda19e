#!/usr/bin/env bash
# Makes the machine ready: `setup.sh python [engine] [docker]`. Safe to run again; then it says one line.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Any Python can tell whether the environment is current, its own too; finding one takes longer.
if ! .venv/bin/python -m tools.python_environment --check 2>/dev/null; then
  python="$(tools/find_python.sh)"
  "$python" -m tools.python_environment
fi
exec .venv/bin/python -m tools.setup "$@"
