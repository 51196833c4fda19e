#!/usr/bin/env bash
# Tells Cloud Monitoring how the backups are, as two numbers, 0 or 1: whether the last run or the last restore on
# trial failed, and whether the backup is overdue. Comes behind pause.sh. With STACK, the stack's name;
# FAILED_METRIC and OVERDUE_METRIC, the types of the two; PAUSES and UNKNOWN_PAUSE, see overdue.py; PATIENCE, the
# seconds after which a refusal counts; KNOWN, not empty to return only when a policy can name the metrics.
set -euo pipefail
export LC_ALL=C TZ=UTC

readonly RESULTS=/var/lib/homeport/backup
readonly SINCE=$RESULTS/since
readonly API=https://monitoring.googleapis.com/v3

metadata() {
    curl --silent --show-error --fail --max-time 10 --header 'Metadata-Flavor: Google' \
        "http://169.254.169.254/computeMetadata/v1/$1"
}

# Asks Google. The token goes to standard input, since arguments are seen by every process.
google() {
    local token
    token=$(metadata instance/service-accounts/default/token | jq --raw-output .access_token)
    curl --silent --show-error --fail-with-body --max-time 30 --header @- --header 'Content-Type: application/json' "$@" \
        <<<"Authorization: Bearer $token"
}

# Whether one of the files that runs leave tells of a failure, or of nothing that can be read.
failed() {
    local file
    for file in "$RESULTS"/{last,verified}.json; do
        # Not by the exit status: of an empty file it is 0.
        if [[ -e "$file" && "$(jq '.ok == true' "$file" 2>/dev/null)" != true ]]; then
            echo 1
            return
        fi
    done
    echo 0
}

# Seconds since 1970 of the last good backup; of the first report where there was none. What cannot be read is a
# failure and not overdue besides.
last_good() {
    local time
    if [[ -e "$RESULTS/last.json" ]]; then
        time=$(jq --raw-output --slurp \
            'if length == 1 then .[0].lastSuccess.time // "" else "now" end' "$RESULTS/last.json" 2>/dev/null) || time=now
    fi
    date -d "${time:-$(cat "$SINCE")}" +%s
}

overdue() {
    local pause
    pause=$(backup_pause)
    echo $(($(date +%s) - $(last_good) > PAUSES * ${pause:-$UNKNOWN_PAUSE}))
}

# On the boot disk, as the results are: a new machine has all the time that a new stack has.
remember_since() {
    [[ ! -s "$SINCE" ]] || return 0
    (
        umask 077
        mkdir -p "$RESULTS"
        date +%FT%TZ >"$SINCE.new"
    )
    mv -f "$SINCE.new" "$SINCE"
}

main() {
    local project instance zone failed overdue points said type
    local deadline=$((SECONDS + PATIENCE))
    remember_since
    project=$(metadata project/project-id)
    instance=$(metadata instance/id)
    zone=$(metadata instance/zone)
    while true; do
        failed=$(failed)
        overdue=$(overdue)
        points=$(jq --null-input --compact-output --arg time "$(date +%FT%TZ)" --arg stack "$STACK" \
            --arg project_id "$project" --arg instance_id "$instance" --arg zone "${zone##*/}" \
            --arg failed_type "$FAILED_METRIC" --arg failed "$failed" \
            --arg overdue_type "$OVERDUE_METRIC" --arg overdue "$overdue" '
            def series($type; $value): {
                metric: {$type, labels: {$stack}},
                resource: {type: "gce_instance", labels: {$project_id, $instance_id, $zone}},
                metricKind: "GAUGE", valueType: "INT64",
                points: [{interval: {endTime: $time}, value: {int64Value: $value}}]
            };
            {timeSeries: [series($failed_type; $failed), series($overdue_type; $overdue)]}')
        ! said=$(google --data "$points" "$API/projects/$project/timeSeries" 2>&1) || break
        if ((SECONDS >= deadline)); then
            printf 'Cloud Monitoring does not take what this machine reports of its backups. It says:\n%s\n' "$said" >&2
            exit 1
        fi
        # A new role takes minutes until it counts, and two points of a series must be seconds apart.
        sleep 10
    done
    echo "reported: failed $failed, overdue $overdue"
    [[ -n "$KNOWN" ]] || return 0
    for type in "$FAILED_METRIC" "$OVERDUE_METRIC"; do
        until said=$(google "$API/projects/$project/metricDescriptors/$type" 2>&1); do
            if ((SECONDS >= deadline)); then
                printf 'Cloud Monitoring took the report, but does not know its metric %s:\n%s\n' "$type" "$said" >&2
                exit 1
            fi
            sleep 10
        done
    done
}

main
