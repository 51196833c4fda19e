#!/usr/bin/env bash
# shellcheck disable=SC2034,SC2153  # variables that repository.sh, which comes before this, reads or sets
# Fills the empty databases of an app from a backup. With APP; FROM, the snapshot, or nothing where it has
# none of this app; DATABASES, lines of a service and its database.
#
# A database is filled in one transaction, which ends with a comment that names the snapshot: it has all or
# nothing, and a run after one that was killed knows which.
readonly SCRATCH=$WORK/restore.dump

fill() {
    local server=$1 database=$2 has tables psql
    local done="Homeport restored $FROM"
    read -r -a psql <<<"docker exec --interactive $server $(psql_words "$database")"
    has=$("${psql[@]}" <<<"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database();")
    [[ "$has" != "$done" ]] || return 0
    tables=$("${psql[@]}" <<<"SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f');")
    [[ "$tables" == 0 ]] || die "$APP: the database $database has tables, and a restore never overwrites any." \
        "Without backup.restoreFrom it is used as it is"
    fetch_dump "$APP/databases/$database.dump" "$SCRATCH" "$MANIFEST"
    # Cut off before its COMMIT, the transaction was none.
    {
        echo 'BEGIN;'
        docker exec --interactive "$server" pg_restore --no-owner --no-privileges --file - <"$SCRATCH" &&
            printf "COMMENT ON DATABASE %s IS '%s';\nCOMMIT;\n" "$database" "$done"
    } 2>"$RUN/errors" | "${psql[@]}" >/dev/null 2>"$RUN/psql" ||
        die "$APP: the database $database cannot be restored: $(cat "$RUN/errors" "$RUN/psql" | tail -n 3 | tr '\n' ' ')"
    different=$(different_rows "$server" "$database" "$(jq -c --arg app "$APP" --arg name "$database" \
        '.apps[$app].databases[] | select(.name == $name).tables' <<<"$MANIFEST")")
    [[ -z "$different" ]] || die "$APP: the restored database $database is not what was saved: ${different//$'\n'/; }"
    "${psql[@]}" <<<'ANALYZE;'
}

finish() {
    local status=$?
    rm -f "$SCRATCH"
    exit "$status"
}

main() {
    local service database server different
    [[ -n "$FROM" ]] || return 0
    lock
    trap finish EXIT
    open_repository
    SNAPSHOT=$FROM
    MANIFEST=$(saved_file manifest.json) || explain "the backup $SNAPSHOT cannot be read"
    while read -r service database; do
        server=$(containers "app=$APP" "service=$service" | head -n 1)
        [[ -n "$server" ]] || die "$APP: its $service does not run"
        fill "$server" "$database" </dev/null
    done <<<"$DATABASES"
}

main
