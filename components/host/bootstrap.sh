#!/usr/bin/env bash
# Turns a fresh Debian or Ubuntu machine into a Docker host. Runs as root at each boot and whenever it
# changes; every step looks at what is there first, so running it twice is the same as once, and a run
# that was killed is finished by the next.
#
# `bootstrap.py` puts a header of variables in front of this file:
#   BOOTSTRAP_HASH  of the header and this file; the ready marker carries it
#   USER_NAME       login user, gets Docker and sudo
#   SWAP_MIB        size of the swap file in MiB, 0 for none
#   DATA_GB         size of the data disk; a larger one makes this another script, which then runs again
#   BOOT_GB         size of the boot disk; so does a larger one
#   DATA_DEVICE     block device of the data disk
#   DOCKER_SOURCE   "distribution" or "docker-ce"
#   HOST_KEY        public half of the SSH host key that clients have pinned
set -euo pipefail

readonly RUN=/run/homeport
readonly PENDING=/var/lib/homeport/restart
readonly LOG=/var/log/homeport-bootstrap.log
readonly FETCHING=$RUN/fetching
readonly METADATA=169.254.169.254
readonly SWAP_FILE=/var/swap/swapfile
readonly DATA=/mnt/data
readonly DOCKER_CE_FINGERPRINT=9DC858229FC7DD38854AE2D88D81803C0EBFCD88
export DEBIAN_FRONTEND=noninteractive

log() { printf '%s %s\n' "$(date -u +%FT%TZ)" "$*" | tee -a "$LOG" || true; }

# Writes stdin to a file, and where that changes it notes that the service has to be restarted. The note is
# a file and comes first: a run that is killed in between leaves it to the next.
file() {
    local path=$1 mode=$2 service=${3:-} new
    mkdir -p "$PENDING" "$(dirname "$path")"
    new=$(mktemp --tmpdir="$RUN")
    cat >"$new"
    if ! cmp -s "$new" "$path"; then
        [[ -z "$service" ]] || touch "$PENDING/$service"
        install -m "$mode" "$new" "$path.homeport"
        mv -f "$path.homeport" "$path"
    fi
    chmod "$mode" "$path"
    rm -f "$new"
}

# Runs systemctl with an action (restart, reload) for a service that has it pending, else starts it.
apply() {
    local name=$1 action=$2
    if [[ -e "$PENDING/$name" ]]; then
        systemctl daemon-reload
        systemctl "$action" "$name"
        rm -f "$PENDING/$name"
    fi
    systemctl start "$name"
}

installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

# Docker unpacks images with pigz where it is there. The other is for the step after: one run of dpkg, not two.
readonly WITH_DOCKER=(pigz unattended-upgrades)
readonly APT=(apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -qq)

# Which of the named packages are not installed, one a line.
missing() {
    local package
    for package in "$@"; do installed "$package" || echo "$package"; done
}

# Fetches the lists of packages, once in a run.
lists() {
    [[ -e "$RUN/lists" ]] || "${APT[@]}" update
    touch "$RUN/lists"
}

# Downloads what is to be installed later while the first steps work, which wait for disks and services. What goes
# wrong here is not told: the step that needs it tries again, and tells.
fetch() {
    local wanted=(iptables "${WITH_DOCKER[@]}")
    [[ "$DOCKER_SOURCE" == docker-ce ]] || wanted+=(docker.io)
    mapfile -t wanted < <(missing "${wanted[@]}")
    ((${#wanted[@]})) || return 0
    lists
    "${APT[@]}" -y --no-install-recommends --download-only install "${wanted[@]}"
}

# Installs what is missing of the named packages.
packages() {
    local wanted
    # When `fetch` is done: dpkg does not wait for a lock that another has.
    flock "$FETCHING" dpkg --configure -a
    mapfile -t wanted < <(missing "$@")
    ((${#wanted[@]})) || return 0
    lists
    "${APT[@]}" -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
        -y --no-install-recommends install "${wanted[@]}"
}

# Grows the file system of a partition to the end of its disk, or of a disk without partitions, while it is in use.
# $1: its folder in /sys. growpart tells "nothing to do" by status 1; its scratch files go where a full disk does not
# matter.
grow() {
    local disk free
    if [[ -e "$1/partition" ]]; then
        disk=$(dirname "$1")
        # Sectors of 512 bytes. The last ones of a disk belong to the copy of its partition table.
        free=$(($(<"$disk/size") - $(<"$1/start") - $(<"$1/size")))
        if ((free > 4096)); then
            command -v growpart >/dev/null || packages cloud-guest-utils
            TMPDIR=$RUN growpart "/dev/$(basename "$disk")" "$(<"$1/partition")" || (($? == 1))
        fi
    fi
    resize2fs "/dev/$(basename "$1")" 2>&1
}

# First of all: a full boot disk is why it grows. At a boot the images see to it themselves.
step_root() {
    local number type part
    # Not by name: without an initial file system the kernel calls it /dev/root. In a container it may be a folder of
    # a file system of the computer's.
    read -r number type part < <(findmnt --noheadings --raw --output MAJ:MIN,FSTYPE,FSROOT /)
    if [[ "$type" == ext4 && "$part" == / && -e "/sys/dev/block/$number" ]]; then
        echo "the boot disk has $BOOT_GB GB"
        grow "$(readlink -f "/sys/dev/block/$number")"
    else
        echo "the root file system, $type, does not grow"
    fi
}

step_login() {
    local key=/etc/ssh/ssh_host_ed25519_key
    id -u "$USER_NAME" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash "$USER_NAME"
    file /etc/sudoers.d/homeport 0440 <<<"$USER_NAME ALL=(ALL) NOPASSWD:ALL"
    # The private half is no part of this script: scripts are shown in consoles, attributes less so.
    if [[ "$(ssh-keygen -y -f "$key" 2>/dev/null | cut -d' ' -f1,2)" != "$HOST_KEY" ]]; then
        # Before there is anything in it, so that at no moment others can read it.
        rm -f "$key.new"
        install -m 0600 /dev/null "$key.new"
        curl --fail --silent --show-error --retry 10 --retry-connrefused --header 'Metadata-Flavor: Google' \
            "http://$METADATA/computeMetadata/v1/instance/attributes/homeport-host-key" >"$key.new"
        [[ "$(ssh-keygen -y -f "$key.new" | cut -d' ' -f1,2)" == "$HOST_KEY" ]] || {
            echo "the host key in the metadata does not belong to the pinned public key"
            return 1
        }
        touch "$PENDING/ssh"
        mv -f "$key.new" "$key"
    fi
    file "$key.pub" 0644 ssh <<<"$HOST_KEY homeport"
    # One host key only: some clients would otherwise negotiate another than the pinned one.
    file /etc/ssh/sshd_config.d/10-homeport.conf 0644 ssh <<-EOF
	HostKey $key
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	PermitRootLogin no
	MaxStartups 60:30:120
	MaxSessions 60
	EOF
    apply ssh restart
}

step_swap() {
    local want=$((SWAP_MIB * 1024 * 1024)) entry="$SWAP_FILE none swap sw 0 0" have error
    have=$(stat -c %s "$SWAP_FILE" 2>/dev/null || echo 0)
    if [[ "$have" != "$want" ]] || ((want == 0)); then
        if [[ -e "$SWAP_FILE" ]]; then
            # "Invalid argument" is how the kernel says that it was not in use.
            error=$(swapoff "$SWAP_FILE" 2>&1) || [[ "$error" == *"Invalid argument"* ]] || {
                echo "$error"
                return 1
            }
            rm -f "$SWAP_FILE"
        fi
        sed -i "\\#^$SWAP_FILE #d" /etc/fstab
    fi
    ((want)) || return 0
    mkdir -p "$(dirname "$SWAP_FILE")"
    if [[ "$(stat -c %s "$SWAP_FILE" 2>/dev/null)" != "$want" ]]; then
        rm -f "$SWAP_FILE.new"
        fallocate -l "$want" "$SWAP_FILE.new"
        chmod 0600 "$SWAP_FILE.new"
        # Before it has its name: whatever has that name is whole, and mkswap refuses a name that /proc/swaps
        # has already, which in the sandbox may be another machine's.
        mkswap "$SWAP_FILE.new"
        mv "$SWAP_FILE.new" "$SWAP_FILE"
    fi
    chmod 0600 "$SWAP_FILE"
    # "busy": it is on already. /proc/swaps would tell by name only, and a name may be another file's.
    error=$(swapon "$SWAP_FILE" 2>&1) || [[ "$error" == *[Bb]usy* ]] || {
        echo "$error"
        return 1
    }
    grep -qxF "$entry" /etc/fstab || echo "$entry" >>/etc/fstab
}

step_disk() {
    local tries uuid type
    command -v mkfs.ext4 >/dev/null || packages e2fsprogs
    for ((tries = 0; tries < 60; tries++)); do [[ -b "$DATA_DEVICE" ]] && break; sleep 1; done
    [[ -b "$DATA_DEVICE" ]] || { echo "no data disk at $DATA_DEVICE"; return 1; }
    if ! mountpoint -q "$DATA"; then
        type=$(blkid -p -s TYPE -o value "$DATA_DEVICE" || true)
        if [[ -z "$type" ]]; then
            # Anything else than a blank disk may be somebody's data: a partition table, a foreign format.
            [[ -z "$(wipefs --noheadings --no-act "$DATA_DEVICE")" ]] || {
                echo "the data disk holds something that is not a file system; nothing was formatted"
                return 1
            }
            mkfs.ext4 -q -m 0 "$(readlink -f "$DATA_DEVICE")"
        elif [[ "$type" != ext4 ]]; then
            echo "the data disk holds a $type file system, not ext4; nothing was formatted"
            return 1
        fi
        uuid=$(blkid -p -s UUID -o value "$DATA_DEVICE")
        sed -i "\\# $DATA ext4 #d" /etc/fstab
        echo "UUID=$uuid $DATA ext4 defaults,nofail 0 2" >>/etc/fstab
        mkdir -p "$DATA"
        mount "$DATA"
    fi
    # After the disk has grown; without growth it does nothing.
    echo "the disk has $DATA_GB GB"
    resize2fs "$(findmnt -n -o SOURCE "$DATA")" 2>&1
}

step_metadata() {
    command -v iptables >/dev/null || packages iptables
    # Containers need the address for DNS only: it is Google's resolver as well as the metadata server,
    # which would hand the machine's identity to any process tricked into asking.
    file /etc/homeport/metadata.rules 0644 homeport-metadata <<-EOF
	*raw
	:HOMEPORT-METADATA - [0:0]
	-A HOMEPORT-METADATA -d $METADATA/32 -p udp --dport 53 -j RETURN
	-A HOMEPORT-METADATA -d $METADATA/32 -p tcp --dport 53 -j RETURN
	-A HOMEPORT-METADATA -d $METADATA/32 -j DROP
	COMMIT
	EOF
    file /etc/systemd/system/homeport-metadata.service 0644 homeport-metadata <<-'EOF'
	[Unit]
	Description=Keep containers from the metadata server
	Before=docker.service
	[Service]
	Type=oneshot
	RemainAfterExit=yes
	ExecStart=/usr/sbin/iptables-restore --noflush /etc/homeport/metadata.rules
	ExecStart=/bin/sh -c 'iptables -t raw -C PREROUTING -j HOMEPORT-METADATA 2>/dev/null || iptables -t raw -I PREROUTING -j HOMEPORT-METADATA'
	[Install]
	WantedBy=multi-user.target
	EOF
    systemctl -q enable homeport-metadata
    apply homeport-metadata restart
}

step_input() {
    command -v iptables >/dev/null || packages iptables
    # To what listens on the machine, sshd above all, a container is a stranger. The ports that nginx publishes stay
    # open, since the host names may resolve to an address of the machine. ICMPv6 is how IPv6 finds neighbours.
    file /etc/homeport/input.rules 0644 homeport-input <<-'EOF'
	*filter
	:HOMEPORT-INPUT - [0:0]
	:HOMEPORT-CONTAINER - [0:0]
	-A HOMEPORT-INPUT -i docker+ -j HOMEPORT-CONTAINER
	-A HOMEPORT-INPUT -i br-+ -j HOMEPORT-CONTAINER
	-A HOMEPORT-CONTAINER -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN
	-A HOMEPORT-CONTAINER -p tcp -m multiport --dports 80,443 -j RETURN
	-A HOMEPORT-CONTAINER -p udp --dport 443 -j RETURN
	-A HOMEPORT-CONTAINER -p ipv6-icmp -j RETURN
	-A HOMEPORT-CONTAINER -j REJECT
	COMMIT
	EOF
    # Bridges have addresses of their own where the kernel has IPv6, whether or not Docker hands any out.
    file /etc/homeport/input.sh 0755 homeport-input <<-'EOF'
	#!/bin/sh
	set -eu
	for iptables in iptables ip6tables; do
	    [ "$iptables" = iptables ] || [ -e /proc/net/if_inet6 ] || continue
	    "$iptables-restore" --noflush /etc/homeport/input.rules
	    "$iptables" -C INPUT -j HOMEPORT-INPUT 2>/dev/null || "$iptables" -I INPUT -j HOMEPORT-INPUT
	done
	EOF
    # Reloaded, not restarted: a restart would restart Docker, which requires it.
    file /etc/systemd/system/homeport-input.service 0644 homeport-input <<-'EOF'
	[Unit]
	Description=Keep containers from what listens on the machine
	Before=docker.service
	[Service]
	Type=oneshot
	RemainAfterExit=yes
	ExecStart=/etc/homeport/input.sh
	ExecReload=/etc/homeport/input.sh
	[Install]
	WantedBy=multi-user.target
	EOF
    systemctl -q enable homeport-input
    apply homeport-input reload-or-restart
}

step_docker() {
    local action=reload
    file /etc/docker/daemon.json 0644 docker <<-EOF
	{
	  "data-root": "$DATA/docker",
	  "live-restore": true,
	  "log-driver": "local",
	  "log-opts": {"max-size": "10m", "max-file": "3"}
	}
	EOF
    # With live-restore containers outlive the engine, but not the socket that they were given: an update of
    # Docker's package makes a new one.
    file /etc/systemd/system/docker.service.d/homeport.conf 0644 docker <<-EOF
	[Unit]
	RequiresMountsFor=$DATA
	Requires=homeport-metadata.service homeport-input.service
	After=homeport-metadata.service homeport-input.service
	[Service]
	ExecStartPost=-/bin/sh -c "docker ps --quiet --filter label=homeport.docker-socket | xargs --no-run-if-empty docker restart"
	EOF
    if [[ "$DOCKER_SOURCE" == docker-ce ]]; then
        docker_ce_repository
        packages docker-ce docker-ce-cli containerd.io "${WITH_DOCKER[@]}"
    else
        packages docker.io "${WITH_DOCKER[@]}"
        # Newer releases have split the client from the server.
        command -v docker >/dev/null || packages docker-cli
    fi
    systemctl -q enable docker
    # A reload leaves the containers alone, but cannot move Docker's data.
    [[ "$(docker_root)" == "$DATA/docker" ]] || action=restart
    apply docker "$action"
    docker info --format 'Docker {{.ServerVersion}}, {{.Driver}}, data in {{.DockerRootDir}}'
    [[ "$(docker_root)" == "$DATA/docker" ]] || { echo "Docker keeps its data in $(docker_root)"; return 1; }
    usermod --append --groups docker "$USER_NAME"
}

docker_root() { docker info --format '{{.DockerRootDir}}' 2>/dev/null; }

docker_ce_repository() {
    local id codename key=/etc/apt/keyrings/docker.asc
    packages ca-certificates curl gnupg
    # shellcheck source=/dev/null
    id=$(. /etc/os-release && echo "$ID")
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    if [[ ! -s "$key" ]]; then
        mkdir -p /etc/apt/keyrings
        curl --fail --silent --show-error --location --retry 5 "https://download.docker.com/linux/$id/gpg" >"$key.new"
        gpg --show-keys --with-colons "$key.new" | grep -q "^fpr:::::::::$DOCKER_CE_FINGERPRINT:" || {
            echo "the key of Docker's repository is not the one that was expected"
            return 1
        }
        mv "$key.new" "$key"
    fi
    file /etc/apt/sources.list.d/docker.list 0644 \
        <<<"deb [signed-by=$key] https://download.docker.com/linux/$id $codename stable"
    rm -f "$RUN/lists"
}

step_updates() {
    packages unattended-upgrades
    file /etc/apt/apt.conf.d/20auto-upgrades 0644 <<-'EOF'
	APT::Periodic::Update-Package-Lists "1";
	APT::Periodic::Unattended-Upgrade "1";
	EOF
}

run() {
    local name=$1 output
    # Not on a boot disk that may be full.
    output=$(mktemp --tmpdir="$RUN")
    log "$name: start"
    # Not `if "step_$name"`: inside a condition the step would go on after a failing command.
    set +e
    (
        set -e
        "step_$name"
    ) >"$output" 2>&1
    local status=$?
    set -e
    sed 's/^/    /' "$output" >>"$LOG" || true
    if ((status)); then
        {
            echo "$BOOTSTRAP_HASH"
            echo "The bootstrap failed in step '$name' (exit status $status):"
            tail -n 40 "$output"
        } >"$RUN/failed.new"
        mv -f "$RUN/failed.new" "$RUN/failed"
        log "$name: failed with exit status $status"
        exit 1
    fi
    rm -f "$output"
    log "$name: done"
}

main() {
    mkdir -p "$RUN"
    exec 9>"$RUN/lock"
    flock 9
    rm -f "$RUN/ready" "$RUN/failed" "$RUN/lists"
    # Held by `fetch` until it ends.
    exec 8>"$FETCHING"
    flock 8
    fetch 2>&1 9>&- | sed 's/^/    /' >>"$LOG" 9>&- &
    exec 8>&-
    for name in root login swap disk metadata input docker updates; do run "$name"; done
    echo "$BOOTSTRAP_HASH" >"$RUN/ready.new"
    mv -f "$RUN/ready.new" "$RUN/ready"
    log "ready: $BOOTSTRAP_HASH"
}

main
