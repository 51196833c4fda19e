#!/bin/bash
# The entry point of acme-companion's image. What it checks there, the program checks here.
set -euo pipefail
exec "$@"
