#!/bin/bash
# The command of acme-companion's image.
set -euo pipefail
exec acme-companion
