#!/usr/bin/env bash
# The documented behaviour of the official image's entry point: a first start makes the database cluster,
# the user and the database; later starts leave everything alone.
set -euo pipefail

from_file() {
    local variable=$1 file="${1}_FILE"
    [[ -z "${!file:-}" ]] || export "$variable=$(<"${!file}")"
}

if [[ "$1" != postgres ]]; then exec "$@"; fi

mkdir -p "$PGDATA"
chmod 0700 "$PGDATA" || true
mkdir -p /var/run/postgresql || true
chmod 3775 /var/run/postgresql || true
if [[ "$(id -u)" == 0 ]]; then
    find "$PGDATA" \! -user postgres -exec chown postgres '{}' +
    chown postgres "$(dirname "$PGDATA")"
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

if [[ ! -s "$PGDATA/PG_VERSION" ]]; then
    from_file POSTGRES_PASSWORD
    from_file POSTGRES_USER
    from_file POSTGRES_DB
    user=${POSTGRES_USER:-postgres}
    database=${POSTGRES_DB:-$user}
    if [[ -z "${POSTGRES_PASSWORD:-}" && "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]]; then
        echo "Error: Database is uninitialized and superuser password is not specified." >&2
        echo "       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser." >&2
        exit 1
    fi
    # No password is asked for on the socket and from the container's own localhost.
    # shellcheck disable=SC2086  # the variable holds several options
    initdb --username="$user" --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD:-}") --auth=trust ${POSTGRES_INITDB_ARGS:-}
    printf 'host all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"
    # Only the socket, so that nobody takes this for the finished server.
    pg_ctl --wait --silent -o "-c listen_addresses='' -c jit=off" start
    if [[ "$database" != postgres ]]; then
        psql --quiet --no-psqlrc --username="$user" --dbname=postgres --set=name="$database" \
            <<<'CREATE DATABASE :"name";'
    fi
    for script in /docker-entrypoint-initdb.d/*; do
        case "$script" in
            *.sh) bash "$script" ;;
            *.sql) psql --no-psqlrc --set=ON_ERROR_STOP=1 --username="$user" --dbname="$database" --file="$script" ;;
        esac
    done
    pg_ctl --wait --silent --mode=fast stop
fi

exec "$@" -c listen_addresses='*' -c jit=off
