#!/usr/bin/env bash
# Removes a container of that NAME which an update made and, killed, did not record. Data is in volumes, and they stay.
set -euo pipefail

for container in $(containers --all "name=$NAME"); do
    docker stop --time 60 "$container" >/dev/null
    docker rm --force --volumes "$container" >/dev/null
done
