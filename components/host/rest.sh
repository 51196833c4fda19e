#!/usr/bin/env bash
# Puts the old machine at rest before its data disk is copied to another zone: what runs is stopped, the disk
# is unmounted, and nothing starts Docker again, a boot or a timer neither, until `await_ready.sh` wants the
# machine back. Runs as root, with FROM and TO, the two zones, and DEVICE, the data disk. A machine
# that does not come to rest serves on.
set -euo pipefail
readonly RUN=/run/homeport
readonly DATA=/mnt/data
readonly METADATA=169.254.169.254
readonly UNITS=(docker.socket docker.service)

serve_on() {
    exec 9>&-
    systemctl unmask --quiet "${UNITS[@]}"
    systemctl start google-startup-scripts.service || true
}

# Jobs of timers, such as a backup, that run just now. The rules of the firewall may stay.
running_jobs() {
    systemctl list-units --plain --no-legend --type=service --state=active,activating 'homeport-*' |
        awk '$1 != "homeport-metadata.service" && $1 != "homeport-input.service" { print $1 }'
}

# Mounted or not: Docker detaches its folder lazily, and while a process has a file there the kernel goes on
# writing to the disk. It lists a file system for as long as it lives.
in_use() { mountpoint -q "$DATA" || [[ -e "/sys/fs/ext4/$(basename "$(readlink -f "$DEVICE")")" ]]; }

users() {
    local disk processes
    disk=$(stat --dereference --format %r "$DEVICE")
    processes=$(stat --dereference --format '%d %n' /proc/[0-9]*/{cwd,root,fd/*} 2>/dev/null |
        awk -v disk="$disk" '$1 == disk { split($2, path, "/"); print path[3] }' | sort -u | paste -sd,)
    ps -o pid=,args= -p "$processes"
}

zone=$(curl --fail --silent --show-error --retry 5 --retry-connrefused --header 'Metadata-Flavor: Google' \
    "http://$METADATA/computeMetadata/v1/instance/zone")
zone=${zone##*/}
if [[ "$zone" == "$TO" ]]; then
    echo "the machine is in $TO already"
    exit 0
elif [[ "$zone" != "$FROM" ]]; then
    echo "The machine is in $zone: host.movedFrom must be that zone, not $FROM. Nothing was changed." >&2
    exit 1
fi

mkdir -p "$RUN"
# The bootstrap holds this lock while it works.
exec 9>"$RUN/lock"
flock 9
trap '(($? == 0)) || serve_on' EXIT
# Whoever waits for the machine from now on has the bootstrap run, which starts everything again.
rm -f "$RUN/ready"
systemctl mask --quiet "${UNITS[@]}"
running_jobs | xargs -r systemctl stop
if systemctl is-active --quiet docker.service; then
    # Each gets its own time to stop. Docker alone would leave them running when it stops.
    docker ps --quiet | xargs -r docker stop >/dev/null
fi
systemctl stop "${UNITS[@]}"
if mountpoint -q "$DATA"; then
    # `arrive.sh` looks for it on the copy.
    echo "$FROM" >"$DATA/homeport-moved-from"
fi
for ((try = 0; try < 30; try++)); do
    ! mountpoint -q "$DATA" || umount "$DATA" 2>/dev/null || true
    in_use || break
    sleep 1
done
if in_use; then
    echo "The data disk cannot be unmounted: processes of the machine use it. The machine serves on. End them:" >&2
    users >&2 || true
    exit 1
fi
echo "at rest"
