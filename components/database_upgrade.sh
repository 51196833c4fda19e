#!/usr/bin/env bash
# Moves an app's database from the PostgreSQL server of another major version, which runs beside the new one.
# With APP; STACK; SERVICE, DATABASE and MAJOR of the server that is to have the data; IMAGES, lines of an app's
# service and the image it is to run; VOLUMES, what the names of its data volumes begin with; TASK:
#   copy    have the data in the new server, wherever it is now. Until that is done the app goes on.
#   serve   the app's new containers are healthy: the new server's data is the app's from now on.
#   reopen  a new container of the app failed: back to the old server, if the app was not served by the new one.
#
# Where the data is, is said by the databases themselves, so a run that was killed is no loss. The old one is
# *fenced* (read-only by default) from before the copy until it is given up or opened again. The new one has a
# comment: copying; copied (complete, and the old one was fenced ever since); serving; stale (to be made anew).
# Whatever ends a copy early opens the old database again; if nothing can, the next run does.
set -euo pipefail

readonly COPIER="$STACK-$APP-database-copy"
readonly FENCE=/dev/shm/homeport-fence.conf
readonly UNFENCED="-c default_transaction_read_only=off"

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# shellcheck disable=SC2153
server() { containers "app=$APP" "service=$SERVICE" "generation=$1" | head -n 1; }

# sql <container> <database>: what statements from standard input say; columns are parted by `|`.
sql() {
    docker exec --interactive --env "PGOPTIONS=$UNFENCED" "$1" psql --no-psqlrc --quiet --tuples-only --no-align \
        --set ON_ERROR_STOP=1 --set "database=$DATABASE" --username "$DATABASE" --dbname "$2"
}

set_comment() {
    sql "$1" postgres <<<"COMMENT ON DATABASE :\"database\" IS 'homeport: $2';"
}

is_fenced() {
    local found
    found=$(sql "$1" postgres <<<"SELECT count(*) FROM pg_file_settings
        WHERE name = 'default_transaction_read_only' AND setting = 'on';") ||
        fail "PostgreSQL of $APP does not answer."
    ((found))
}

# state <container>: empty, data, or what the database's comment says. A server that does not answer is an error:
# it must never be taken for one without data.
state() {
    local comment tables
    comment=$(sql "$1" postgres <<<"SELECT coalesce(shobj_description(oid, 'pg_database'), 'homeport: none')
        FROM pg_database WHERE datname = :'database';") || return 1
    case "$comment" in
        'homeport: none') ;;
        'homeport: '*)
            echo "${comment#homeport: }"
            return
            ;;
        '')
            echo empty
            return
            ;;
    esac
    tables=$(sql "$1" "$DATABASE" <<<"SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
        WHERE relkind IN ('r', 'p') AND nspname !~ '^pg_' AND nspname <> 'information_schema';") || return 1
    if ((tables)); then echo data; else echo empty; fi
}

has_data() {
    local found
    found=$(state "$1") || fail "PostgreSQL of $APP does not answer."
    [[ "$found" != empty && "$found" != copying && "$found" != stale ]]
}

# The server belongs to this one database, so all of it is fenced: that reaches the sessions there are, and no
# connection of the app has to end. Transactions that began before are waited for, and then ended. This fence is
# in memory, so that an app whose machine restarts while data is copied finds a database that it can start with.
fence() {
    local config began _ left
    config=$(sql "$1" postgres <<<'SHOW config_file;')
    # shellcheck disable=SC2016  # the container's variables
    docker exec --env "CONFIG=$config" --env "FENCE=$FENCE" --env "LINE=include_if_exists '$FENCE'" "$1" sh -euc '
        if ! grep -qxF "$LINE" "$CONFIG"; then
            cp -p "$CONFIG" "$CONFIG.homeport"
            echo "$LINE" >>"$CONFIG.homeport"
            sync "$CONFIG.homeport"
            mv "$CONFIG.homeport" "$CONFIG"
        fi
        echo "default_transaction_read_only = on" >"$FENCE"'
    reload "$1"
    sleep 1
    began=$(sql "$1" postgres <<<'SELECT now();')
    for _ in {1..20}; do
        left=$(older_transactions "$1" "$began" 'count(*)')
        [[ "$left" != 0 ]] || return 0
        sleep 0.5
    done
    left=$(older_transactions "$1" "$began" 'count(*) FILTER (WHERE NOT pg_terminate_backend(pid, 10000))')
    [[ "$left" == 0 ]] || fail "$left transactions on $APP's database do not end."
}

# From here on it stays, whatever is restarted.
fence_for_good() {
    sql "$1" postgres <<<'ALTER SYSTEM SET default_transaction_read_only = on;'
    reload "$1"
}

reload() {
    sql "$1" postgres <<<'SELECT pg_reload_conf();' >/dev/null
}

running_since() {
    sql "$1" postgres <<<'SELECT pg_postmaster_start_time();'
}

older_transactions() {
    # Materialized, or the server may end sessions before it asks which ones.
    sql "$1" postgres <<<"WITH older AS MATERIALIZED (SELECT pid FROM pg_stat_activity WHERE xact_start <= '$2'
        AND datname = :'database' AND pid <> pg_backend_pid() AND backend_type = 'client backend')
        SELECT $3 FROM older;"
}

unfence() {
    docker exec "$1" rm -f "$FENCE"
    sql "$1" postgres <<<'ALTER SYSTEM RESET default_transaction_read_only;'
    reload "$1"
}

# --- what is to be done

new=$(server "$MAJOR")
[[ -n "$new" ]] || fail "PostgreSQL $MAJOR of $APP is not running"

if command -v flock >/dev/null; then
    # One whose update was killed goes on by itself; its end is waited for.
    exec 9>"${TMPDIR:-/tmp}/$COPIER.lock"
    flock 9
fi

others=$(containers "app=$APP" "service=$SERVICE" --format='{{.Label "homeport.generation"}}' |
    sed "/^$MAJOR\$/d" | sort --numeric-sort --reverse --unique)

# The server that has the data now: the one that can be written, else the newest that is fenced.
old='' old_major=''
for other in $others; do
    container=$(server "$other")
    has_data "$container" || continue
    if ! is_fenced "$container"; then
        old=$container old_major=$other
        break
    fi
    [[ -n "$old" ]] || { old=$container old_major=$other; }
done

using() {
    containers "app=$APP" "uses=$SERVICE-$1" "${@:2}"
}

serve() {
    [[ "$(state "$new")" == copied ]] || return 0
    set_comment "$new" serving
    local other
    for other in $others; do
        # They can only read. nginx leaves them out at once, and Pulumi removes them at the update's end.
        using "$other" | xargs --no-run-if-empty docker stop >/dev/null
    done
    echo "PostgreSQL $MAJOR has the data of $APP."
}

reopen() {
    [[ "$(state "$new")" == copied && -n "$old" ]] || return 0
    if [[ -n "$(using "$MAJOR" --filter=health=healthy)" ]]; then
        echo "$APP is served by PostgreSQL $MAJOR already, and stays there."
        return 0
    fi
    # It restarts for ever, and must not write where nobody will look, nor answer after the machine's next start.
    using "$MAJOR" | xargs --no-run-if-empty docker update --restart no >/dev/null
    using "$MAJOR" | xargs --no-run-if-empty docker stop >/dev/null
    set_comment "$new" stale
    unfence "$old"
    echo "$APP goes on with PostgreSQL $old_major; the next update copies its data again."
}

back_to_it() {
    # It was left, or a move away from it has ended early.
    local other container
    for other in $others; do
        container=$(server "$other")
        has_data "$container" || continue
        [[ "$(state "$container")" == copied && -z "$(using "$other" --all)" ]] || fail \
            "The data of $APP was moved from PostgreSQL $MAJOR to $other, and what was written since is there." \
            "An older version cannot read it: set postgres.version to $other again. Nothing was changed."
        set_comment "$container" stale
    done
    [[ -n "$others" ]] || fail \
        "The data of $APP was moved from PostgreSQL $MAJOR to a newer one; the volumes are:" \
        "$(volumes)" "Set postgres.version to that one. Nothing was changed."
    unfence "$new"
    echo "$APP goes on with PostgreSQL $MAJOR."
}

volumes() {
    docker volume ls --quiet | sed -n "/^${VOLUMES}[0-9]*\$/p" | sed "/^$VOLUMES$MAJOR\$/d"
}

# --- the copy

check_images() {
    local service image wanted running
    while read -r service image; do
        [[ -n "$service" ]] || continue
        wanted=$(docker image inspect --format '{{.Id}}' "$image")
        for container in $(containers "app=$APP" "service=$service"); do
            running=$(docker inspect --format '{{.Image}}' "$container")
            [[ "$running" == "$wanted" ]] || fail \
                "PostgreSQL $old_major -> $MAJOR and another version of $APP at once: its migrations would run" \
                "between the copy and the first answer, and there would be no way back. Change one of the two," \
                "run pulumi up, then the other. Nothing was changed; $APP goes on as it was."
        done
    done <<<"$IMAGES"
}

back_up() {
    command -v systemctl >/dev/null && systemctl cat homeport-backup.service >/dev/null 2>&1 || return 0
    sudo systemctl start homeport-backup.service || fail \
        "The backup before the move to PostgreSQL $MAJOR failed, so nothing was moved. Look at" \
        "  sudo journalctl --unit homeport-backup.service"
}

check_space() {
    local size free needed mib=$((1024 * 1024))
    size=$(sql "$old" postgres <<<"SELECT pg_database_size(:'database');")
    # shellcheck disable=SC2016  # the container's variable
    free=$(docker exec "$new" sh -c 'df -B1 --output=avail "$PGDATA" | tail -n 1')
    # The log grows to 1 GiB while tables are filled.
    needed=$((size + size / 10 + (size < 1024 * mib ? size : 1024 * mib) + 64 * mib))
    ((free >= needed)) || fail \
        "The copy for PostgreSQL $MAJOR may need $((needed / mib)) MiB, and $((free / mib)) MiB of the data disk" \
        "are free. Enlarge dataDisk, or remove what is no longer needed. Nothing was changed."
}

# Runs a program of the new version on the old server: inside its network the image asks for no password.
from_old() {
    docker run --rm --name "$COPIER" --label "homeport.deployment=$DEPLOYMENT" --network "container:$old" --log-driver none \
        --user postgres --read-only --cap-drop ALL --security-opt no-new-privileges:true \
        --env "PGOPTIONS=$UNFENCED" --entrypoint "$1" "$(docker inspect --format '{{.Image}}' "$new")" \
        --host 127.0.0.1 --username "$DATABASE" "${@:2}"
}

empty_database() {
    local encoding collate ctype
    IFS='|' read -r encoding collate ctype < <(sql "$old" postgres <<<"SELECT pg_encoding_to_char(encoding),
        quote_literal(datcollate), quote_literal(datctype) FROM pg_database WHERE datname = :'database';")
    sql "$new" postgres <<SQL
DROP DATABASE IF EXISTS :"database" WITH (FORCE);
CREATE DATABASE :"database" OWNER :"database" TEMPLATE template0
    ENCODING '$encoding' LC_COLLATE $collate LC_CTYPE $ctype;
COMMENT ON DATABASE :"database" IS 'homeport: copying';
SQL
}

# Roles that the new server has not, with their passwords and settings.
copy_roles() {
    local list="SELECT format('CREATE ROLE %I;', rolname) FROM pg_roles WHERE rolname !~ '^pg_';"
    {
        LC_ALL=C comm -23 <(sql "$old" postgres <<<"$list" | LC_ALL=C sort) \
            <(sql "$new" postgres <<<"$list" | LC_ALL=C sort)
        from_old pg_dumpall --roles-only | sed '/^CREATE ROLE /d'
    } | sql "$new" postgres >/dev/null
}

# What must be the same on both sides.
contents() {
    sql "$1" "$DATABASE" <<'SQL' | LC_ALL=C sort
CREATE TEMPORARY VIEW found AS SELECT c.oid, nspname, relname, relkind, relowner FROM pg_class c
    JOIN pg_namespace n ON n.oid = relnamespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND NOT EXISTS
        (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e');
SELECT 'relation', nspname, relname, relkind, pg_get_userbyid(relowner) FROM found;
SELECT 'index', indexrelid::regclass, indisvalid, indisunique FROM pg_index JOIN found ON oid = indexrelid;
SELECT 'constraint', conrelid::regclass, conname, contype, convalidated FROM pg_constraint
    JOIN found ON found.oid = conrelid WHERE contype <> 'n';
SELECT 'trigger', tgrelid::regclass, tgname FROM pg_trigger WHERE NOT tgisinternal;
SELECT 'function', p.oid::regprocedure, pg_get_userbyid(proowner) FROM pg_proc p
    JOIN pg_namespace n ON n.oid = pronamespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND NOT EXISTS
        (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e');
SELECT 'extension', extname FROM pg_extension;
SELECT 'large objects', count(*) FROM pg_largeobject_metadata;
SELECT format('SELECT ''rows'', %L, %L, count(*) FROM ONLY %I.%I', nspname, relname, nspname, relname)
    FROM found WHERE relkind = 'r' \gexec
SELECT format('SELECT ''sequence'', %L, %L, last_value, is_called FROM %I.%I', nspname, relname, nspname, relname)
    FROM found WHERE relkind = 'S' \gexec
SQL
}

writes() {
    sql "$1" "$DATABASE" <<<"SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_user_tables;"
}

verify() {
    local before after
    before=$(contents "$old")
    after=$(contents "$new")
    [[ "$before" == "$after" ]] || fail "The copy in PostgreSQL $MAJOR is not like the data in $old_major:" \
        "$(diff <(printf '%s\n' "$before") <(printf '%s\n' "$after") | head -n 20)"
    is_fenced "$old" || fail "Somebody opened the database of PostgreSQL $old_major while it was copied."
    [[ "$(writes "$old")" == "$1" ]] || fail "Something wrote to PostgreSQL $old_major while it was copied."
}

abandon() {
    local status=$?
    trap '' HUP INT TERM PIPE
    docker rm --force "$COPIER" >/dev/null 2>&1 || true
    # First of all: the rest can be made up for.
    (unfence "$old") || true
    (empty_database && set_comment "$new" stale) >/dev/null 2>&1 || true
    echo "$APP goes on with PostgreSQL $old_major; its data is as it was." >&2
    exit "$((status ? status : 1))"
}

copy() {
    local began=$SECONDS fenced since before
    check_images
    back_up
    check_space
    trap abandon EXIT
    trap 'exit 1' HUP INT TERM PIPE
    docker rm --force "$COPIER" >/dev/null 2>&1 || true
    empty_database
    copy_roles
    fenced=$SECONDS
    since=$(running_since "$old")
    fence "$old"
    before=$(writes "$old")
    # PostgreSQL 17.12 notes in an option of each column when it was made. Its own pg_dump leaves that out; another
    # version's does not, and its server refuses it (18.6 does). The old database can only be read: both dumps are
    # of one state.
    from_old pg_dump --section=pre-data --dbname "$DATABASE" |
        sed '/^ALTER TABLE .* ALTER COLUMN .* SET (pg_attver=[0-9]*);$/d' | sql "$new" "$DATABASE" >/dev/null
    from_old pg_dump --section=data --section=post-data --format=custom --compress=0 --dbname "$DATABASE" |
        docker exec --interactive "$new" pg_restore --exit-on-error --username "$DATABASE" --dbname "$DATABASE"
    verify "$before"
    sql "$new" "$DATABASE" <<<'ANALYZE;'
    fence_for_good "$old"
    [[ "$(running_since "$old")" == "$since" ]] || fail "PostgreSQL $old_major was restarted meanwhile."
    set_comment "$new" copied
    trap - EXIT
    echo "The data of $APP was copied from PostgreSQL $old_major to $MAJOR in $((SECONDS - began)) s;" \
        "it can only be read for $((SECONDS - fenced)) s now, until the app's new containers are healthy."
}

decide() {
    if has_data "$new"; then
        if is_fenced "$new"; then
            back_to_it
        elif [[ -n "$old" ]] && ! is_fenced "$old"; then
            fail "PostgreSQL $MAJOR and $old_major of $APP both have data that can be written. Nothing was" \
                "changed. Say which is to go, on the machine, with" \
                "  docker exec <container> psql -U $DATABASE -d postgres -c \"COMMENT ON DATABASE $DATABASE IS 'homeport: stale'\""
        fi
    elif [[ -z "$old" ]]; then
        [[ -z "$(volumes)" ]] || fail \
            "PostgreSQL $MAJOR of $APP has no data, and there is data of another major version in" "$(volumes)" \
            "It can be moved while that server runs: set postgres.version to that one, run pulumi up, then set it" \
            "to $MAJOR. If it is no longer needed: docker volume rm <name>, on the machine. Nothing was changed."
    elif ((old_major > MAJOR)); then
        fail "$APP's data is in PostgreSQL $old_major, and an older version cannot read it:" \
            "set postgres.version to $old_major again. Nothing was changed."
    else
        copy
    fi
}

case "$TASK" in
    copy) decide ;;
    serve) serve ;;
    reopen) reopen ;;
esac
