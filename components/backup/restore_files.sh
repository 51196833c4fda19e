#!/usr/bin/env bash
# shellcheck disable=SC2034,SC2153  # variables that repository.sh, which comes before this, reads or sets
# Fills the volumes of an app that is new from a backup, before any of its containers starts. With APP;
# VOLUMES, lines of a volume's name in the app, a blank and its name at Docker; RESTORE_FROM, an id or "latest";
# SERVERS, the names at Docker of the volumes of database servers, which must be empty.
#
# Prints the snapshot and the app's saved identity as JSON. A volume that is being filled carries a note; what
# is in it then is only ours, and a run after one that was killed begins it again. A volume with anything else
# in it is never touched.
readonly WANTED=$RESTORE_FROM SCRATCH=$WORK/restore NOTE=.homeport-restore
# An app may have a database and no files.
mapfile -t volumes < <(grep . <<<"$VOLUMES" || true)
exec 3>&1 1>&2

note() { cut -d ' ' -f "$2" "$1/$NOTE" 2>/dev/null || true; }
is_empty() { [[ -z "$(find "$1" -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit)" ]]; }

choose_snapshot() {
    local all stacks
    all=$(quiet_restic snapshots --json --no-lock --host homeport --tag homeport) || explain "listing the backups"
    if [[ "$WANTED" != latest ]]; then
        jq -er --arg id "$WANTED" 'first(.[] | select(.id | startswith($id))).id[:8]' <<<"$all" ||
            die "there is no backup $WANTED at $RESTIC_REPOSITORY; there are: $(jq -r '[.[].id[:8]] | join(", ")' <<<"$all")"
        return
    fi
    # This stack's own come first: it lost its disk. Else those of the one stack there is.
    stacks=$(jq -r '[.[].tags[] | select(startswith("stack=")) | .[6:]] | unique[]' <<<"$all")
    [[ -n "$stacks" ]] || die "there are no backups at $RESTIC_REPOSITORY"
    ! grep -qx -- "$STACK" <<<"$stacks" || stacks=$STACK
    [[ "$stacks" != *$'\n'* ]] || die "there are backups of several stacks at $RESTIC_REPOSITORY: ${stacks//$'\n'/, }." \
        "Say which: backup.restoreFrom: <id>, as restic snapshots shows it"
    jq -r --arg tag "stack=$stacks" '[.[] | select(.tags | index($tag))] | max_by(.time).id[:8]' <<<"$all"
}

refuse_data() {
    local line name volume folder has=()
    for line in "${volumes[@]}"; do
        read -r name volume <<<"$line"
        folder=$(volume "$volume")
        [[ -e "$folder/$NOTE" ]] || is_empty "$folder" || has+=("$volume")
    done
    if ((NOTES == 0)); then
        for volume in $SERVERS; do is_empty "$(volume "$volume")" || has+=("$volume"); done
    fi
    ((${#has[@]} == 0)) || die "$APP has data, and a restore never overwrites any; nothing was changed. Without" \
        "backup.restoreFrom it is deployed with what it has. Not empty: ${has[*]}"
}

fill() {
    local name=$1 folder=$2 from=$SCRATCH$TREE/$APP/volumes/$1
    rm -rf "$SCRATCH"
    mkdir -p "$SCRATCH"
    quiet_restic restore --quiet --no-lock "$SNAPSHOT" --target "$SCRATCH" --include "$TREE/$APP/volumes/$name" >/dev/null ||
        explain "$APP: the files of $name cannot be restored"
    echo "$SNAPSHOT partial" >"$folder/$NOTE"
    find "$folder" -mindepth 1 -maxdepth 1 ! -name "$NOTE" ! -name lost+found -exec rm -rf {} +
    if [[ -d "$from" ]]; then
        # Renamed, as both are on the data disk.
        find "$from" -mindepth 1 -maxdepth 1 ! -name "$NOTE" -exec mv -t "$folder" {} +
        chown --reference="$from" "$folder"
        chmod --reference="$from" "$folder"
    else
        echo "$APP: the backup $SNAPSHOT has no volume $name; it stays empty"
    fi
    sync --file-system "$folder"
    echo "$SNAPSHOT done" >"$folder/$NOTE.new"
    mv -f "$folder/$NOTE.new" "$folder/$NOTE"
}

finish() {
    local status=$?
    rm -rf "$SCRATCH"
    exit "$status"
}

main() {
    local line name volume folder manifest identity="" known=""
    NOTES=0
    lock
    trap finish EXIT
    for line in "${volumes[@]}"; do
        read -r name volume <<<"$line"
        folder=$(docker volume create "$volume" >/dev/null && volume "$volume")
        if [[ -e "$folder/$NOTE" ]]; then known=$(note "$folder" 1) NOTES=1; fi
    done
    open_repository
    # One that was begun is finished from the same backup.
    SNAPSHOT=${known:-$(choose_snapshot)}
    manifest=$(saved_file manifest.json) || explain "the backup $SNAPSHOT cannot be read"
    if ! jq -e --arg app "$APP" '.apps[$app]' <<<"$manifest" >/dev/null; then
        echo "$APP starts empty: the backup $SNAPSHOT has only $(jq -r '.apps | keys | join(", ")' <<<"$manifest")"
        jq --null-input --compact-output '{snapshot: "", identity: ""}' >&3
        return
    fi
    refuse_data
    for line in "${volumes[@]}"; do
        read -r name volume <<<"$line"
        folder=$(volume "$volume")
        [[ "$(note "$folder" 2)" == "done" ]] || fill "$name" "$folder"
        [[ "$name" != identity ]] || identity=$(cat "$folder/identity" 2>/dev/null || true)
    done
    jq --null-input --compact-output --arg snapshot "$SNAPSHOT" --arg identity "$identity" '{$snapshot, $identity}' >&3
}

main
