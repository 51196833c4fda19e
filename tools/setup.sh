#!/usr/bin/env bash
# Makes the machine ready: `setup.sh python [docker] [engine] [--later PART...]`. Safe to run again; then it
# says one line. What the parts behind --later need is only looked for, since a later call makes them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
trap 'exit 130' INT

# Any Python can tell whether the environment is current, its own too; finding one takes longer.
if .venv/bin/python -m tools.python_environment --check 2>/dev/null; then
  exec .venv/bin/python -m tools -m tools.setup "$@"
fi
python="$(tools/find_python.sh)"
# It goes on with tools.setup: a shell in between would not hand on a signal that make sends.
exec "$python" -m tools -m tools.python_environment "$@"
