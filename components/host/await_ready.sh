#!/usr/bin/env bash
# Runs on the machine as root, with BOOTSTRAP_HASH set in front of it: returns when the bootstrap of that
# hash is done, or fails with the text the failed step left behind.
set -euo pipefail
readonly RUN=/run/homeport

is_ready() { [[ "$(cat "$RUN/ready" 2>/dev/null)" == "$BOOTSTRAP_HASH" ]]; }

has_failed() { [[ "$(head -n 1 "$RUN/failed" 2>/dev/null)" == "$BOOTSTRAP_HASH" ]]; }

# A machine that was put at rest for a move, see `rest.sh`, and is wanted back.
for unit in docker.service docker.socket; do
    [[ "$(readlink "/etc/systemd/system/$unit")" != /dev/null ]] || systemctl unmask --quiet "$unit"
done

# A changed script reaches a running machine as metadata only; starting the unit runs it now. While the
# boot runs it already, this joins that run. Metadata takes a moment to arrive, hence more than one try.
for ((try = 0; try < 10; try++)); do
    is_ready && break
    systemctl start google-startup-scripts.service || true
    is_ready && break
    if has_failed; then
        tail -n +2 "$RUN/failed" >&2
        exit 1
    fi
    sleep 3
done
is_ready || {
    echo "The startup script ran but left no marker of this version. The end of its log:" >&2
    tail -n 40 /var/log/homeport-bootstrap.log >&2 || true
    exit 1
}
cat "$RUN/ready"
