#!/usr/bin/env bash
# Prints the state and the log of the container of that NAME, one that did not become healthy.
set -euo pipefail

container=$(containers --all "name=$NAME")
[[ -n "$container" ]] || exit 1
docker inspect --format '{{.State.Status}}, exit code {{.State.ExitCode}}, restarted {{.RestartCount}} times' "$container"
docker logs --tail 30 "$container" 2>&1
