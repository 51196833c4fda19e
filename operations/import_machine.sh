#!/usr/bin/env bash
# shellcheck disable=SC2153,SC2329  # the variables of the header; functions that traps and `patiently` call
# Takes an app's data in on its machine, as root. With TASK:
#   begin  remove what an import left that was cut off, refuse people's data, make room
#   lacking  say which of the dump's extensions the server's image has not
#   dump   take a dump from standard input
#   files  take a volume's files from standard input, as tar
#   run    load the dump beside the live database and swap; standard input stays open as long as it may go on
# APP; SERVICES, its stateless ones; SERVER and MAJOR, its database server; DATABASE, its name and owner; TABLES,
# that the data must have; COUNTS, a query for what people made; VOLUMES, lines of a volume, a service that
# mounts it and the path there; REPLACE, 1 to put people's data aside; FORMAT, custom or plain; EXTENSIONS of the
# dump; LACKING, those that were left out of it; SCHEMA, where its tables are; MIGRATION, the newest that it has seen
# or 0, and MIGRATIONS, the table of those; SUM, the dump's checksum; FILES, the volumes to swap; VOLUME, the one whose files come; SIZE, bytes
# to come; JOB_SERVICE and JOB, what brings the data to the version, with JOB_VARIABLE that names the database;
# QUEUE, the service of its Redis, or nothing.
#
# Everything is prepared beside the live data: the database $INCOMING, files below $STAGE. The swap is renames
# only, and $PHASE says that it has begun ("swapping") or is complete ("swapped"); without it nothing live was
# touched. A failed run goes back by itself. One that lost its power is judged by the next.
set -euo pipefail
export LC_ALL=C

readonly STAGE=/mnt/data/homeport/import/$APP
readonly PHASE=$STAGE/phase
readonly RUN=/run/homeport/import-$APP
readonly INCOMING=${DATABASE}_import
readonly HEALTHY_WITHIN=900
readonly MARK=homeport:import
STOPPED=() CHILD="" WATCHER="" COMMITTED=0

say() { printf '%s\n' "$*" || true; }

die() {
    printf '%s\n' "$*" >&2
    exit 1
}

# What takes long runs so that a signal is heeded meanwhile.
patiently() {
    local status=0
    # Without the redirection it would get no standard input.
    "$@" <&0 &
    CHILD=$!
    wait "$CHILD" || status=$?
    CHILD=""
    return "$status"
}

lock() {
    umask 077
    mkdir -p /run/homeport "$STAGE" "$RUN"
    exec 7>"$RUN/lock"
    flock --nonblock 7 || die "another import into $APP is at work"
}

# A backup or a restore must not see half of it. Children keep the lock.
lock_backups() {
    mkdir -p /run/homeport/backup
    exec 8>/run/homeport/backup/lock
    flock --timeout 900 8 || die "a backup has been at work for a quarter of an hour; nothing was changed"
}

# The one container of a service. $1: the service.
container() {
    local found generation=()
    [[ "$1" != "$SERVER" ]] || generation=(--filter "label=homeport.generation=$MAJOR")
    found=$(docker ps --all --quiet --filter "label=homeport.app=$APP" --filter "label=homeport.service=$1" \
        ${generation[@]+"${generation[@]}"})
    [[ -n "$found" ]] || die "$APP has no container $1: run pulumi up first"
    [[ "$found" != *$'\n'* ]] || die "$APP has several containers $1: an update was cut off; run pulumi up first"
    echo "$found"
}

# sql <database>: what statements from standard input say.
sql() {
    docker exec --interactive "$(container "$SERVER")" psql --no-psqlrc --quiet --tuples-only --no-align \
        --set ON_ERROR_STOP=1 --set "live=$DATABASE" --set "incoming=$INCOMING" --set "kept=${KEPT:-}" \
        --username "$DATABASE" --dbname "$1"
}

exists() { [[ "$(sql postgres <<<"SELECT count(*) FROM pg_database WHERE datname = '$1';")" == 1 ]]; }

# The folder of a volume of the app at Docker.
folder() {
    local volume service path
    read -r volume service path <<<"$(grep -- "^$1 " <<<"$VOLUMES")"
    [[ -n "$volume" ]] || die "$APP has no volume $1"
    docker inspect --format "{{range .Mounts}}{{if eq .Destination \"$path\"}}{{.Source}}{{end}}{{end}}" "$(container "$service")"
}

people() {
    local said
    said=$(sql "$DATABASE" <<<"$COUNTS" 2>"$RUN/errors") || die "the database of $APP cannot be read: $(complaint)"
    paste -sd , <<<"$said" | sed 's/,/, /g'
}

complaint() { grep -v '^$' "$RUN/errors" | tail -n 4 | tr '\n' ' ' | cut -c 1-800; }

refuse_people() {
    local found
    ((REPLACE == 0)) || return 0
    found=$(people)
    [[ -z "$found" ]] || die "$APP has data of people ($found); nothing was changed. With REPLACE=1 it is put aside" \
        "after a backup; or start over with an app that is new"
}

stop_app() {
    local service
    STOPPED=()
    for service in $SERVICES; do STOPPED+=("$(container "$service")"); done
    patiently docker stop "${STOPPED[@]}" >/dev/null
}

# Until all are healthy, or those without a check run. $1: seconds. One that ends again and again is not waited for.
await_health() {
    local deadline=$((SECONDS + $1)) states
    while :; do
        docker inspect --format '{{.RestartCount}}' "${STOPPED[@]}" | awk '$1 >= 5 {exit 1}' || return 1
        states=$(docker inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' "${STOPPED[@]}")
        grep -qvx -e healthy -e running <<<"$states" || return 0
        ((SECONDS < deadline)) || return 1
        patiently sleep 2
    done
}

# Live again, from whatever a swap left.
swap_back() {
    local name target
    if [[ -e "$STAGE/targets" ]]; then
        while read -r name target; do
            [[ -e "$STAGE/old/$name" ]] || continue
            if [[ -e "$target" ]]; then
                rm -rf "${STAGE:?}/new/$name"
                mkdir -p "$STAGE/new"
                mv -T "$target" "$STAGE/new/$name"
            fi
            mv -T "$STAGE/old/$name" "$target"
        done <"$STAGE/targets"
    fi
    [[ -z "$QUEUE" ]] || swap_queue_back
    KEPT=$(cut -d ' ' -f 2 "$PHASE")
    if exists "$KEPT"; then
        rename "$DATABASE" 'ALTER DATABASE :"live" RENAME TO :"incoming"; ALTER DATABASE :"kept" RENAME TO :"live";'
    fi
    sync --file-system "$STAGE"
    rm -f "$PHASE"
}

redis() { docker exec "$(container "$QUEUE")" redis-cli -e "$@" >/dev/null; }

# Queued work and caches are about the data that was: its numbers mean somebody else in the data that comes. So
# Redis changes too, to its second database, which is empty but for a mark. The app is stopped.
swap_queue() {
    if ! { redis -n 1 FLUSHDB && redis -n 1 SET "$MARK" 1 && redis SWAPDB 0 1; } 2>"$RUN/errors"; then
        die "Redis of $APP does not change its database: $(complaint)"
    fi
    # It writes its file every second.
    sleep 2
}

swap_queue_back() {
    local _ marked=""
    # After a power cut it reads its file first.
    for _ in {1..60}; do
        marked=$(docker exec "$(container "$QUEUE")" redis-cli -e EXISTS "$MARK" 2>/dev/null) && break
        sleep 1
    done
    [[ -n "$marked" ]] || die "Redis of $APP does not answer"
    [[ "$marked" == 0 ]] || redis SWAPDB 0 1
    redis -n 1 FLUSHDB
}

# Both renames or none. Who is connected (an exporter, say) is sent away, and may be back at once. $1: database
# that must have no sessions; $2: the statements.
rename() {
    local _
    for _ in {1..20}; do
        sql postgres >/dev/null 2>"$RUN/errors" <<<"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname IN (:'live', :'incoming', :'kept') AND pid <> pg_backend_pid();
            BEGIN; $2 COMMIT;" && return 0
        sleep 0.5
    done
    die "the database $1 cannot be renamed: $(complaint)"
}

discard() {
    sql postgres <<<'DROP DATABASE IF EXISTS :"incoming" WITH (FORCE);' 2>/dev/null || true
    rm -rf --one-file-system "$STAGE"/{dump,dump.new,new,old,targets}
}

# However it ends: before the end all is as it was, and the app runs.
finish() {
    local status=$?
    trap '' TERM INT HUP
    trap - EXIT
    set +e
    [[ -z "$CHILD" ]] || { kill "$CHILD"; wait "$CHILD"; } 2>/dev/null
    [[ -z "$WATCHER" ]] || kill "$WATCHER" 2>/dev/null
    if ((!COMMITTED)); then
        docker rm --force "$APP-import" >/dev/null 2>&1
        if [[ -e "$PHASE" ]]; then
            docker stop "${STOPPED[@]}" >/dev/null
            (set -e; swap_back) || printf '%s\n' "going back failed; run the import again: it begins with that" >&2
        fi
        [[ -e "$PHASE" ]] || discard
        if ((${#STOPPED[@]})); then
            docker start "${STOPPED[@]}" >/dev/null || printf '%s\n' "$APP could not be started: run pulumi up" >&2
            await_health 180 || printf '%s\n' "$APP does not become healthy with its old data" >&2
        fi
    fi
    exit "$status"
}

# What an import left that was cut off.
settle() {
    local phase kept what
    [[ -e "$PHASE" ]] || { discard; return 0; }
    read -r phase kept what <"$PHASE"
    for service in $SERVICES; do STOPPED+=("$(container "$service")"); done
    if [[ "$phase" == swapped ]] && await_health 120; then
        KEPT=$kept
        commit "$what"
        COMMITTED=0 STOPPED=()
        say "note  the import before this one was cut off when all was done but the last look: $APP is healthy with its data"
        return
    fi
    # People may have worked with it since.
    [[ "$phase" == swapping || "$REPLACE" == 1 ]] || die "the import before this one was cut off when $APP had its" \
        "data, and $APP is not healthy with it. Look at its log; REPLACE=1 goes back to the data of before, and imports"
    say "note  an import was cut off in its swap: going back first"
    trap finish EXIT
    trap 'exit 143' TERM INT HUP
    stop_app
    swap_back
    discard
    docker start "${STOPPED[@]}" >/dev/null
    await_health 180 || die "$APP does not become healthy with its old data: run pulumi up"
    STOPPED=()
    trap - EXIT
}

begin() {
    local free major
    settle
    refuse_people
    free=$(df --output=avail -B1 "$STAGE" | tail -n 1 | tr -dc 0-9)
    ((free > SIZE)) || die "$((SIZE >> 20)) MiB are needed on the data disk, and $((free >> 20)) are free: a larger host.dataDisk"
    major=$(server_major)
    ((DUMP_MAJOR <= major)) || die "the dump comes from PostgreSQL $DUMP_MAJOR, and the server of $APP is $major: set its postgres.version to $DUMP_MAJOR or newer and run pulumi up; nothing was changed"
    refuse_newer
}

# Data of a newer version: no app knows the way back from a migration that it has not.
refuse_newer() {
    local newest
    ((MIGRATION)) || return 0
    newest=$(sql "$DATABASE" 2>/dev/null <<<"SELECT coalesce(max(version::bigint), 0) FROM $MIGRATIONS;") || return 0
    ((newest == 0 || MIGRATION <= newest)) || die "the dump comes from a newer version than $APP is: it has seen the" \
        "migration $MIGRATION, and the newest of $APP is $newest. Set its version to that of the old installation or a" \
        "newer one, run pulumi up, and import then; nothing was changed"
}

server_major() { sql postgres <<<"SELECT current_setting('server_version_num')::int / 10000;"; }

dump() {
    cat >"$STAGE/dump.new"
    mv -f "$STAGE/dump.new" "$STAGE/dump"
    sha256sum <"$STAGE/dump" | cut -d ' ' -f 1
}

files() {
    local new=$STAGE/new/$VOLUME
    folder "$VOLUME" >/dev/null
    rm -rf --one-file-system "$new"
    mkdir -p "$new"
    tar --extract --file - --directory "$new" --no-same-owner --no-same-permissions --mode u+rwX,go+rX 2>"$RUN/errors" ||
        die "the files of $VOLUME cannot be unpacked: $(complaint)"
    find "$new" -type f -printf '%s\n' | awk '{bytes += $1} END {printf "%d %d\n", NR, bytes}'
}

lacking() {
    local name
    for name in $EXTENSIONS; do
        [[ "$(sql postgres <<<"SELECT count(*) FROM pg_available_extensions WHERE name = '$name';")" != 0 ]] || echo "$name"
    done
}

# What the image can do with the dump, as the app's role.
load_dump() {
    [[ "$FORMAT" == plain ]] || { load_custom; return; }
    load_plain
}

load_custom() {
    docker exec --interactive "$(container "$SERVER")" pg_restore --no-owner --no-acl --no-tablespaces --no-comments \
        --no-publications --no-subscriptions --no-security-labels --exit-on-error --username "$DATABASE" \
        --dbname "$INCOMING" <"$STAGE/dump" >/dev/null 2>"$RUN/errors"
}

load_plain() {
    docker exec --interactive "$(container "$SERVER")" psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --single-transaction \
        --username "$DATABASE" --dbname "$INCOMING" <"$STAGE/dump" >/dev/null 2>"$RUN/errors"
}

# The app looks for its tables in public. What refers to them follows; the text of functions does not.
become_public() {
    [[ "$(sql_in_schema <<<"SELECT count(*) FROM pg_proc WHERE pronamespace = :'schema'::regnamespace
            AND position(:'schema' || '.' IN prosrc) > 0;")" == 0 ]] ||
        die "functions of the schema $SCHEMA name it in their text, so its tables cannot become those of public:" \
            "in the old database, ALTER SCHEMA public RENAME TO before; ALTER SCHEMA \"$SCHEMA\" RENAME TO public;" \
            "correct the functions, and dump again"
    sql_in_schema 2>"$RUN/errors" <<'SQL' || die "the tables in the schema $SCHEMA cannot become those of public, which has others: $(complaint)"
BEGIN;
ALTER SCHEMA public RENAME TO homeport_before;
ALTER SCHEMA :"schema" RENAME TO public;
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT extname FROM pg_extension WHERE extnamespace = 'homeport_before'::regnamespace LOOP
        EXECUTE format('ALTER EXTENSION %I SET SCHEMA public', name);
    END LOOP;
END
$$;
DROP SCHEMA homeport_before;
GRANT USAGE ON SCHEMA public TO PUBLIC;
COMMIT;
SQL
}

sql_in_schema() {
    docker exec --interactive "$(container "$SERVER")" psql --no-psqlrc --quiet --tuples-only --no-align \
        --set ON_ERROR_STOP=1 --set "schema=$SCHEMA" --username "$DATABASE" --dbname "$INCOMING"
}

load() {
    local table without=""
    [[ -z "$LACKING" ]] || without=" (extensions that the server's image lacks were left out: $LACKING)"
    sql postgres <<<'DROP DATABASE IF EXISTS :"incoming" WITH (FORCE);' 2>/dev/null
    sql postgres <<<'CREATE DATABASE :"incoming" TEMPLATE template0 OWNER :"live";'
    patiently load_dump || die "the dump cannot be loaded: $(complaint)$without"
    [[ "$SCHEMA" == public ]] || become_public
    for table in $TABLES; do
        [[ "$(sql "$INCOMING" <<<"SELECT count(*) FROM pg_tables WHERE tablename = '$table' AND schemaname !~ '^pg_';")" != 0 ]] ||
            die "the dump is not one of $APP: it has no table $table"
    done
    table=${TABLES%% *}
    [[ "$(sql "$INCOMING" <<<"SELECT count(*) FROM (SELECT FROM $table LIMIT 1) AS one;")" == 1 ]] ||
        die "the dump has tables but no data: $table is empty"
    patiently sql "$INCOMING" <<<'ANALYZE;'
}

# The app's own migrations, on the data that is still beside the live one.
migrate() {
    local from image network
    [[ -n "$JOB" ]] || return 0
    say "...   bringing the data to the version of $APP"
    from=$(container "$JOB_SERVICE")
    image=$(docker inspect --format '{{.Image}}' "$from")
    network=$(docker inspect --format '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{"\n"}}{{end}}' "$(container "$SERVER")" | head -n 1)
    docker inspect --format '{{range .Config.Env}}{{.}}{{"\n"}}{{end}}' "$from" | grep -v "^$JOB_VARIABLE=" >"$RUN/variables"
    echo "$JOB_VARIABLE=$INCOMING" >>"$RUN/variables"
    docker rm --force "$APP-import" >/dev/null 2>&1 || true
    # shellcheck disable=SC2086  # a command of several words
    patiently docker run --rm --name "$APP-import" --network "$network" --env-file "$RUN/variables" --volumes-from "$from" \
        --memory "$(docker inspect --format '{{.HostConfig.Memory}}' "$from")" --security-opt no-new-privileges:true \
        --cap-drop ALL --user "$(docker inspect --format '{{.Config.User}}' "$from")" \
        "$image" $JOB </dev/null >"$RUN/errors" 2>&1 || die "the data cannot be brought to the version of $APP: $(complaint)"
    rm -f "$RUN/variables"
}

swap() {
    local name target comment
    KEPT=${DATABASE}_before_$(date -u +%Y%m%d_%H%M%S)
    # A note by which an upgrade of PostgreSQL knows where the data is, belongs to the live one.
    comment=$(sql postgres <<<"SELECT quote_nullable(shobj_description(oid, 'pg_database')) FROM pg_database WHERE datname = :'live';")
    sql postgres <<<"COMMENT ON DATABASE :\"incoming\" IS $comment;"
    mkdir -p "$STAGE/old"
    : >"$STAGE/targets"
    for name in $FILES; do
        target=$(folder "$name")
        [[ -d "$target" && "$(stat -c %d "$target")" == "$(stat -c %d "$STAGE")" ]] || die "the volume $name is not on the data disk"
        chown -Rh --reference="$target" "$STAGE/new/$name"
        chmod --reference="$target" "$STAGE/new/$name"
        echo "$name $target" >>"$STAGE/targets"
    done
    sync --file-system "$STAGE"
    phase swapping
    while read -r name target; do
        mv -T "$target" "$STAGE/old/$name"
        mv -T "$STAGE/new/$name" "$target"
    done <"$STAGE/targets"
    [[ -z "$QUEUE" ]] || swap_queue
    rename "$DATABASE" 'ALTER DATABASE :"live" RENAME TO :"kept"; ALTER DATABASE :"incoming" RENAME TO :"live";'
    phase swapped
}

phase() {
    echo "$1 $KEPT $WAS" >"$PHASE.new"
    mv -f "$PHASE.new" "$PHASE"
    sync --file-system "$STAGE"
}

# $1: fresh or people. What people made is kept until the next import; what the deployment made is not.
commit() {
    local old
    COMMITTED=1
    while read -r old; do
        [[ -z "$old" || ("$1" == people && "$old" == "$KEPT") ]] || sql postgres <<<"DROP DATABASE \"$old\" WITH (FORCE);"
    done <<<"$(sql postgres <<<"SELECT datname FROM pg_database WHERE datname ~ ('^' || :'live' || '_before_[0-9_]+\$');")"
    if [[ -n "$QUEUE" ]] && ! { redis DEL "$MARK" && redis -n 1 FLUSHDB; }; then
        die "$APP has the data, but its Redis does not answer: run the import again, which finishes this one"
    fi
    # Only with the new one there: a run that was cut off comes here again.
    [[ ! -e "$STAGE/old" ]] || rm -rf --one-file-system "$STAGE/before"
    if [[ "$1" == people ]]; then
        [[ ! -e "$STAGE/old" ]] || mv -T "$STAGE/old" "$STAGE/before"
        say "note  what was there is kept until the next import: the database $KEPT, files in $STAGE/before"
    fi
    # Last: without it, what was kept would be taken for leftovers.
    rm -f "$PHASE"
    discard
}

run() {
    [[ "$(sha256sum <"$STAGE/dump" | cut -d ' ' -f 1)" == "$SUM" ]] || die "the dump on the machine is not the one that was sent"
    lock_backups
    trap finish EXIT
    trap 'exit 143' TERM INT HUP
    # Nobody listens any more: the computer that began this is gone.
    { cat >/dev/null; kill -TERM $$; } <&0 2>/dev/null 7>&- 8>&- &
    WATCHER=$!
    say "...   stopping $APP, loading the dump"
    stop_app
    refuse_people
    WAS=fresh
    [[ -z "$(people)" ]] || WAS=people
    load
    migrate
    swap
    say "...   starting $APP with the data"
    docker start "${STOPPED[@]}" >/dev/null
    if ! await_health "$HEALTHY_WITHIN"; then
        docker logs --tail 20 "${STOPPED[0]}" >&2 2>&1 || true
        die "$APP does not become healthy with this data; it has its old data again"
    fi
    commit "$WAS"
    say "ok    $APP is healthy with the data"
}

# Read as one, since what follows in standard input is data.
{
    trap '' PIPE
    lock
    case "$TASK" in
        begin) begin ;;
        lacking) lacking ;;
        dump) dump ;;
        files) files ;;
        run) run ;;
    esac
    exit
}
