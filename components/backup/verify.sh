#!/usr/bin/env bash
# shellcheck disable=SC2034,SC2153  # variables that repository.sh, which comes before this, reads or sets
# Proves the newest backup: checks the repository, restores everything into a scratch place, and compares it
# with what was written down when it was saved.
readonly SCRATCH=$WORK/verify SERVER=$STACK-backup-verify
DIFFERENT=() ROWS_SEEN=0 TABLES=0 DATABASES=0 FILES=0 CHANGED=0

different() {
    printf 'different: %s\n' "$1"
    DIFFERENT+=("$1")
}

# Files against their list. What was written or removed while the backup ran shows in its own time of
# modification, or its folder's; it is counted and not compared.
verify_volume() {
    local app=$1 name=$2 from=$SCRATCH$TREE/$1/volumes/$2 list=$SCRATCH/list counts line
    rm -rf "$SCRATCH"
    mkdir -p "$SCRATCH"
    saved_file "$app/lists/$name" >"$list" || explain "$app: the list of $name's files cannot be read"
    [[ "$(sha256sum <"$list" | cut -d ' ' -f 1)" == "$(jq -r --arg file "$app/lists/$name" '.files[$file]' <<<"$MANIFEST")" ]] ||
        different "$app: the list of $name's files is not the one that was saved"
    quiet_restic restore --quiet --no-lock "$SNAPSHOT" --target "$SCRATCH" --include "$TREE/$app/volumes/$name" >/dev/null ||
        explain "$app: the files of $name cannot be restored"
    mkdir -p "$from"
    checksums "$from" /dev/null >"$SCRATCH/found"
    (cd "$from" && find . -type d -printf '%T@\t%P\n') >"$SCRATCH/folders"
    awk -F '\t' -v since="$(date -d "$(jq -r .time <<<"$MANIFEST")" +%s)" '
        function moment(stamp, parts) { split(stamp, parts, ":"); return parts[3] ":" parts[4] }
        FILENAME == ARGV[1] { folder[$2] = $1; next }
        FILENAME == ARGV[2] { stamp[$3] = moment($1); sum[$3] = $2; next }
        {
            files++
            if (!($3 in sum)) {
                parent = $3
                do { if (!sub("/[^/]*$", "", parent)) parent = "" } while (!(parent in folder) && parent != "")
                if (folder[parent] >= since) changed++
                else print "is missing: " $3
            } else if (stamp[$3] != moment($1)) changed++
            else if (sum[$3] != $2) print "has other content: " $3
        }
        END { print files + 0, changed + 0 }' "$SCRATCH/folders" "$SCRATCH/found" "$list" >"$SCRATCH/result"
    counts=$(tail -n 1 "$SCRATCH/result")
    FILES=$((FILES + ${counts% *})) CHANGED=$((CHANGED + ${counts#* }))
    while read -r line; do different "$app: in $name, a file $line"; done < <(head -n -1 "$SCRATCH/result")
}

verify_database() {
    local app=$1 database=$2 image=$3 dump=$SCRATCH/dump tries line tables
    rm -rf "$SCRATCH"
    mkdir -p "$SCRATCH"
    docker rm --force --volumes "$SERVER" >/dev/null 2>&1 || true
    fetch_dump "$app/databases/$database.dump" "$dump" "$MANIFEST"
    docker run --detach --name "$SERVER" --label homeport.role=backup-verify --network none \
        --user postgres --cap-drop ALL --security-opt no-new-privileges:true \
        --memory 256m --memory-swap 768m --shm-size 64m --env "POSTGRES_USER=$database" \
        --env "POSTGRES_DB=$database" --env POSTGRES_HOST_AUTH_METHOD=trust "$image" postgres -c fsync=off \
        >/dev/null 2>"$RUN/errors" || die "$app: no scratch database server: $(complaint)"
    for ((tries = 0; tries < 120; tries++)); do
        ! docker exec "$SERVER" pg_isready -q -h 127.0.0.1 -U "$database" -d "$database" || break
        sleep 1
    done
    ((tries < 120)) || die "$app: the scratch database server did not start: $(docker logs --tail 3 "$SERVER" 2>&1 | tr '\n' ' ')"
    docker exec --interactive "$SERVER" pg_restore --no-owner --no-privileges --exit-on-error \
        --username "$database" --dbname "$database" <"$dump" 2>"$RUN/errors" ||
        die "$app: the dump of $database cannot be restored: $(complaint)"
    tables=$(jq -c --arg app "$app" --arg name "$database" '.apps[$app].databases[] | select(.name == $name).tables' <<<"$MANIFEST")
    while read -r line; do
        [[ -z "$line" ]] || different "$app: in $database, $line"
    done < <(different_rows "$SERVER" "$database" "$tables")
    DATABASES=$((DATABASES + 1)) TABLES=$((TABLES + $(jq length <<<"$tables")))
    ROWS_SEEN=$((ROWS_SEEN + $(jq 'add // 0' <<<"$tables")))
}

finish() {
    local status=$?
    trap - EXIT
    docker rm --force --volumes "$SERVER" >/dev/null 2>&1 || true
    rm -rf "$SCRATCH"
    COUNTS=$(jq --null-input "{databases: $DATABASES, tables: $TABLES, rows: $ROWS_SEEN, files: $FILES, changed: $CHANGED}")
    report "$status" "$RESULTS/verified.json"
    exit "$status"
}

main() {
    local app name image
    lock
    trap finish EXIT
    open_repository
    quiet_restic check --quiet --read-data-subset=5% >"$RUN/check" || {
        cat "$RUN/errors"
        die "the repository at $RESTIC_REPOSITORY is damaged: $(complaint)"
    }
    SNAPSHOT=$(snapshots_of "$STACK" | tail -n 1)
    [[ -n "$SNAPSHOT" ]] || die "there is no backup of $STACK at $RESTIC_REPOSITORY yet: make backup STACK=$STACK"
    MANIFEST=$(saved_file manifest.json) || explain "the backup $SNAPSHOT cannot be read"
    BYTES=$(quiet_restic stats --json --no-lock "$SNAPSHOT" | jq .total_size) || explain "the backup $SNAPSHOT cannot be read"
    while IFS=$'\t' read -r app name; do
        verify_volume "$app" "$name" </dev/null
    done < <(jq -r '.apps | to_entries[] | .key as $app | .value.volumes[] | [$app, .name] | @tsv' <<<"$MANIFEST")
    while IFS=$'\t' read -r app name image; do
        verify_database "$app" "$name" "$image" </dev/null
    done < <(jq -r '.apps | to_entries[] | .key as $app | .value.databases[] | [$app, .name, .image] | @tsv' <<<"$MANIFEST")
    ((${#DIFFERENT[@]} == 0)) || die "the backup $SNAPSHOT is not what was saved, ${#DIFFERENT[@]} differences:" \
        "$(printf '%s; ' "${DIFFERENT[@]:0:10}")"
    SUCCEEDED=1
    echo "verified $SNAPSHOT: $DATABASES databases with $ROWS_SEEN rows, $FILES files, $CHANGED changed while saved"
}

main
