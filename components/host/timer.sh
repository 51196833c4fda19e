#!/usr/bin/env bash
# Writes a systemd timer and starts it. With UNIT, its name; CALENDAR, in the form of systemd.time(7); TASK,
# the bash script that it runs.
set -euo pipefail

readonly PROGRAM=/usr/local/lib/homeport/$UNIT

# What runs must be what the stack says: a timer of before would go on unseen, with the program or the times of
# an update that counts as failed.
stop_old() {
    systemctl disable --now "$UNIT.timer" || true
    rm -f "/etc/systemd/system/$UNIT.timer" "/etc/systemd/system/$UNIT.service" "$PROGRAM" "$PROGRAM.new"
    systemctl daemon-reload || true
    echo "$UNIT does not run until an update succeeds." >&2
}
trap stop_old ERR

systemd-analyze calendar "$CALENDAR" >/dev/null
mkdir -p "$(dirname "$PROGRAM")"
(
    umask 077
    printf '%s\n' "$TASK" >"$PROGRAM.new"
)
chmod 0700 "$PROGRAM.new"
mv -f "$PROGRAM.new" "$PROGRAM"
cat >"/etc/systemd/system/$UNIT.service" <<EOF
[Unit]
Description=Homeport: $UNIT
Requires=docker.service
After=docker.service
[Service]
Type=oneshot
ExecStart=$PROGRAM
EOF
cat >"/etc/systemd/system/$UNIT.timer" <<EOF
[Unit]
Description=Homeport: $UNIT
[Timer]
OnCalendar=$CALENDAR
RandomizedDelaySec=300
Persistent=true
[Install]
WantedBy=timers.target
EOF
systemctl daemon-reload
systemctl -q enable "$UNIT.timer"
systemctl restart "$UNIT.timer"
