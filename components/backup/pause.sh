#!/usr/bin/env bash
# shellcheck disable=SC2329  # what comes behind this calls it
# The longest pause in seconds between runs of the backup, 8 of which are looked at: enough for the longest one of
# a weekly pattern to be among them. Nothing where no timer says so, as on a computer without systemd.
backup_pause() {
    local calendar="" previous="" at longest=0 when
    [[ ! -d /run/systemd/system ]] ||
        calendar=$(systemctl show homeport-backup.timer --property=TimersCalendar --value |
            sed -n 's/.*OnCalendar=\([^;]*[^; ]\) *;.*/\1/p' | head -n 1)
    while read -r when; do
        at=$(date -d "$when" +%s)
        if [[ -n "$previous" ]] && ((at - previous > longest)); then longest=$((at - previous)); fi
        previous=$at
    done < <([[ -z "$calendar" ]] || LC_ALL=C TZ=UTC systemd-analyze calendar --iterations=8 "$calendar" 2>/dev/null |
        sed -n -E 's/^ *(Next elapse|Iter.*): *[A-Z][a-z]+ (.*)$/\2/p')
    ((!longest)) || echo "$longest"
}
