#!/usr/bin/env bash
# Prints what there is to know about a machine as one JSON object, and changes nothing. With DEPLOYMENT, the
# value of the label by which its containers are known; DATA, where the data disk is mounted, empty where there
# is none of its own. What is missing on the machine is null, so that one failure does not hide the rest.
set -euo pipefail
shopt -s inherit_errexit

readonly BACKUP=/var/lib/homeport/backup
export LC_ALL=C TZ=UTC

# A text as JSON. What is no text for JSON, control characters, becomes a space.
text() {
    local value
    value=$(tr '\000-\037\177' ' ' <<<"$1")
    value=${value% }
    value=${value//\\/\\\\}
    printf '"%s"' "${value//\"/\\\"}"
}

# What a file holds, as JSON text; null where there is none.
content() {
    if [[ -r "$1" ]]; then text "$(cat "$1")"; else printf 'null'; fi
}

# Lines of JSON as one list.
list() { printf '['; paste -s -d, | tr -d '\n'; printf ']'; }

disk() {
    local used free
    if [[ -n "$1" ]] && read -r used free < <(df --block-size=1 --output=used,avail "$1" 2>/dev/null | tail -n 1); then
        # Not the size of the file system: a part of it may be kept for root.
        printf '{"path": %s, "used": %d, "total": %d, "mounted": %s}' \
            "$(text "$1")" "$used" "$((used + free))" "$(mountpoint -q "$1" && echo true || echo false)"
    else
        printf 'null'
    fi
}

swap() {
    awk '/^SwapTotal:/ {total = $2} /^SwapFree:/ {free = $2}
        END {printf "{\"used\": %.0f, \"total\": %.0f}", (total - free) * 1024, total * 1024}' /proc/meminfo
}

described() {
    local ids
    ids=$(containers --all --no-trunc)
    [[ -n "$ids" ]] || return 0
    local fields='"id": {{json .ID}}, "name": {{json .Name}}, "labels": {{json .Config.Labels}}'
    fields+=', "image": {{json .Image}}, "status": {{json .State.Status}}'
    fields+=', "health": {{if .State.Health}}{{json .State.Health.Status}}{{else}}null{{end}}'
    fields+=', "exitCode": {{.State.ExitCode}}, "outOfMemory": {{.State.OOMKilled}}'
    fields+=', "restarts": {{.RestartCount}}, "started": {{json .State.StartedAt}}'
    fields+=', "finished": {{json .State.FinishedAt}}, "limit": {{.HostConfig.Memory}}'
    # Fields by name: the environment holds passwords and stays here.
    # shellcheck disable=SC2086
    gone_is_well docker inspect --format "{$fields}" $ids
}

# Runs a docker command on several objects. One that went meanwhile fails it, after it has told of the others.
gone_is_well() {
    local errors
    errors=$(mktemp)
    "$@" 2>"$errors" || true
    if grep -v -i 'no such \(object\|container\|image\)' "$errors" >&2; then
        rm -f "$errors"
        return 1
    fi
    rm -f "$errors"
}

images() {
    local ids images
    ids=$(containers --all)
    [[ -n "$ids" ]] || return 0
    # shellcheck disable=SC2086
    images=$(gone_is_well docker inspect --format '{{.Image}}' $ids | sort -u)
    [[ -n "$images" ]] || return 0
    # shellcheck disable=SC2086
    gone_is_well docker image inspect --format '{"id": {{json .ID}}, "tags": {{json .RepoTags}}}' $images
}

memory() {
    local ids
    ids=$(containers)
    [[ -n "$ids" ]] || return 0
    # shellcheck disable=SC2086
    gone_is_well docker stats --no-stream --no-trunc \
        --format '{"id": {{json .ID}}, "usage": {{json .MemUsage}}}' $ids
}

engine() {
    local version containers images memory
    if version=$(timeout 20 docker version --format '{{.Server.Version}}' 2>&1); then
        containers=$(described | list)
        images=$(images | list)
        memory=$(memory | list)
        printf '{"version": %s, "error": null, "containers": %s, "images": %s, "memory": %s}' \
            "$(text "$version")" "$containers" "$images" "$memory"
    else
        printf '{"version": null, "error": %s, "containers": [], "images": [], "memory": []}' "$(text "$version")"
    fi
}

# A computer of one's own may have none.
has_systemd() { [[ -d /run/systemd/system ]]; }

failed_units() {
    has_systemd || return 0
    systemctl list-units --all --state=failed --plain --no-legend --no-pager 'homeport-*' |
        while read -r unit _; do
            text "$unit"
            printf '\n'
        done
}

restart_packages() {
    if [[ -e /var/run/reboot-required ]]; then
        { cat /var/run/reboot-required.pkgs 2>/dev/null || true; } | sort -u | while read -r package; do
            text "$package"
            printf '\n'
        done | list
    else
        printf 'null'
    fi
}

main() {
    local engine units packages pause
    engine=$(engine)
    units=$(failed_units | list)
    packages=$(restart_packages)
    pause=$(backup_pause)
    printf '{"time": "%s", "up": %d,\n' "$(date +%FT%TZ)" "$(cut -d. -f1 /proc/uptime)"
    printf '"boot": %s,\n"data": %s,\n"swap": %s,\n' "$(disk /)" "$(disk "$DATA")" "$(swap)"
    printf '"engine": %s,\n' "$engine"
    printf '"failedUnits": %s,\n"restartPackages": %s,\n' "$units" "$packages"
    printf '"backup": {"last": %s, "verified": %s, "pause": %s}}\n' \
        "$(content "$BACKUP/last.json")" "$(content "$BACKUP/verified.json")" "${pause:-null}"
}

main
