#!/usr/bin/env bash
# shellcheck disable=SC2034,SC2153  # variables that repository.sh, which comes before this, reads or sets
# Saves every app's data. With PLAN, JSON about the apps; KEEP, words for `restic forget`.
#
# Databases first, then files. An app writes a file before the row that names it, so a row of the dump finds
# its file among those that are read later; a file that is newer than the dump is one too many, and harms
# nobody. The other way round, rows would name files that were not saved.

# The volumes are mounted below one folder, so that paths are the same in every stack. In a namespace of its
# own, the mounts end with the script, however it ends.
[[ -n "${HOMEPORT_MOUNTS:-}" ]] || HOMEPORT_MOUNTS=own exec unshare --mount --propagation private "$0" "$@"

readonly STAGE=$WORK/stage LISTS=$WORK/lists

container() {
    local found
    found=$(containers "app=$1" "service=$2" | head -n 1)
    [[ -n "$found" ]] || die "$1: its $2 does not run, so its data cannot be saved"
    echo "$found"
}

# A dump and the number of rows of each table, both as of one moment.
save_database() {
    local app=$1 service=$2 database=$3 file=$4 session rows
    session=$(container "$app" "$service")
    # Without compression: restic compresses, and finds again what did not change since the last dump. psql
    # runs pg_dump, so that its transaction, whose snapshot both use, is open as long as that runs.
    # shellcheck disable=SC2046  # several words
    docker exec --interactive "$session" $(psql_words "$database") >"$file" 2>"$RUN/rows" <<-EOF ||
	BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
	SELECT pg_export_snapshot() AS snapshot \\gset
	\\setenv SNAPSHOT :snapshot
	\\o | cat >&2
	$ROWS \\gexec
	\\o
	\\! pg_dump --username $database --dbname $database --format custom --compress 0 --snapshot "\$SNAPSHOT" && echo dumped >&2
	COMMIT;
	EOF
        die "$app: the database $database cannot be dumped: $(grep -v '^{' "$RUN/rows" | tail -n 3 | tr '\n' ' ')$(full)"
    grep -qx dumped "$RUN/rows" ||
        die "$app: the dump of the database $database broke off: $(grep -v '^{' "$RUN/rows" | tail -n 3 | tr '\n' ' ')$(full)"
    rows=$(sed -n '/^{/p' "$RUN/rows" | jq --slurp 'map({(.table): .rows}) | add // {}')
    jq --arg app "$app" --arg database "$database" --argjson rows "$rows" \
        '.apps[$app].databases |= map(if .name == $database then .tables = $rows else . end)' \
        "$STAGE/manifest.json" >"$STAGE/manifest.new"
    mv "$STAGE/manifest.new" "$STAGE/manifest.json"
}

# The append-only files as upstream says: no rewrite while they are copied. A cut-off end is cut off at the
# next start, as after a crash.
save_redis() {
    local app=$1 service=$2 from=$3 to=$4 server tries
    server=$(container "$app" "$service")
    docker exec "$server" redis-cli CONFIG SET auto-aof-rewrite-percentage 0 >/dev/null ||
        die "$app: its $service does not answer, so its data cannot be saved"
    REWRITES+=("$server")
    for ((tries = 0; tries < 300; tries++)); do
        docker exec "$server" redis-cli INFO persistence | grep -Eq '^aof_rewrite_(in_progress|scheduled):1' || break
        sleep 1
    done
    ((tries < 300)) || die "$app: $service has rewritten its file for five minutes"
    cp --archive "$from/." "$to/" || die "$app: the data of $service cannot be copied$(full)"
    rewrites_again
}

REWRITES=()
rewrites_again() {
    local server
    for server in "${REWRITES[@]}"; do
        docker exec "$server" redis-cli CONFIG SET auto-aof-rewrite-percentage 100 >/dev/null || true
    done
    REWRITES=()
}

save_app() {
    local app=$1 service database name kind from
    mkdir -p "$STAGE/$app/databases" "$STAGE/$app/lists" "$STAGE/$app/volumes" ||
        die "nothing can be written to the data disk$(full)"
    while IFS=$'\t' read -r service database; do
        save_database "$app" "$service" "$database" "$STAGE/$app/databases/$database.dump" </dev/null
    done < <(jq -r --arg app "$app" '.apps[$app].databases[] | [.service, .name] | @tsv' <<<"$PLAN")
    while IFS=$'\t' read -r name from kind service; do
        from=$(volume "$from")
        mkdir -p "$STAGE/$app/volumes/$name"
        if [[ "$kind" == redis ]]; then
            save_redis "$app" "$service" "$from" "$STAGE/$app/volumes/$name" </dev/null
        else
            mount --bind "$from" "$TREE/$app/volumes/$name"
        fi
        checksums "$TREE/$app/volumes/$name" "$LISTS/$app-$name" >"$STAGE/$app/lists/$name" ||
            die "$app: the files of $name cannot be read$(full)"
    done < <(jq -r --arg app "$app" '.apps[$app].volumes[] | [.name, .volume, .kind, .service] | @tsv' <<<"$PLAN")
}

finish() {
    local status=$?
    trap - EXIT
    rewrites_again
    # The mounts inside are of this process's namespace; only without them may the folder be removed.
    umount --recursive "$TREE" 2>/dev/null || true
    mountpoint -q "$TREE" || rm -rf --one-file-system "$STAGE"
    report "$status" "$RESULTS/last.json"
    exit "$status"
}

main() {
    local app summary sums status=0
    lock
    trap finish EXIT
    open_repository make
    mkdir -p "$STAGE" "$LISTS" "$TREE" || die "nothing can be written to the data disk$(full)"
    mount --bind "$STAGE" "$TREE"
    jq --arg time "$(date -u +%FT%TZ)" '{format: 1, $time} + .' <<<"$PLAN" >"$STAGE/manifest.json" ||
        die "nothing can be written to the data disk$(full)"
    while read -r app; do save_app "$app"; done < <(jq -r '.apps | keys[]' <<<"$PLAN")
    sums=$(cd "$STAGE" && find . -type f \( -path './*/databases/*' -o -path './*/lists/*' \) -exec sha256sum {} + |
        jq --raw-input --slurp 'split("\n") | map(select(. != "") | {(.[68:]): .[:64]}) | add // {}')
    jq --argjson sums "$sums" '.files = $sums' "$STAGE/manifest.json" >"$STAGE/manifest.new"
    mv "$STAGE/manifest.new" "$STAGE/manifest.json"

    quiet_restic backup --quiet --json --host homeport --tag "homeport,stack=$STACK" "$TREE" >"$RUN/summary" || status=$?
    # 3: some files could not be read. Those that went while it read were not there to be saved.
    if ((status == 3)) && ! grep -v '"Err":2[,}]\|no such file or directory' "$RUN/errors" | grep -q '"message_type":"error"'; then
        status=0
    fi
    ((status == 0)) || explain "the backup could not be written"
    summary=$(grep '"message_type":"summary"' "$RUN/summary")
    SNAPSHOT=$(jq -r .snapshot_id <<<"$summary")
    BYTES=$(jq .total_bytes_processed <<<"$summary")
    SUCCEEDED=1
    while read -r app; do
        find "$STAGE/$app/lists" -type f -printf '%f\n' | while read -r name; do
            mv -f "$STAGE/$app/lists/$name" "$LISTS/$app-$name"
        done
    done < <(jq -r '.apps | keys[]' <<<"$PLAN")

    # shellcheck disable=SC2086  # several words
    quiet_restic forget --quiet --prune --host homeport --tag "homeport,stack=$STACK" --group-by host $KEEP >/dev/null ||
        explain "the backup $SNAPSHOT is safe, but old ones could not be removed"
    echo "saved $SNAPSHOT: $((BYTES / 1048576)) MiB in $SECONDS s"
}

main
