#!/usr/bin/env bash
# What backup, verification and restore share; their scripts come behind it. With STACK, the stack's name.
# How the repository is opened is in a file that root alone reads, which install.sh writes.
set -euo pipefail

readonly ENVIRONMENT=/etc/homeport/backup/environment
readonly RESULTS=/var/lib/homeport/backup
readonly WORK=/mnt/data/homeport/backup
readonly KNOWN=$WORK/repository
readonly RUN=/run/homeport/backup
readonly FAILURE=$RUN/failure
readonly TREE=$RUN/tree
# GOGC: less memory for more processor time, as restic runs beside the apps.
export RESTIC_CACHE_DIR=/var/cache/homeport-backup GOGC=25 LC_ALL=C
SECONDS=0 SNAPSHOT="" BYTES=0 SUCCEEDED="" COUNTS='{}' BROKE=""

# In a file of its own, so that what fails inside $(...) is told as well.
die() {
    printf '%s\n' "$*" >"$FAILURE"
    printf '%s\n' "$*" >&2
    exit 1
}

# One at a time. Children keep the lock: what a killed script started may still be at work.
lock() {
    umask 077
    mkdir -p "$RUN" "$RESULTS" "$WORK"
    exec 8>"$RUN/lock"
    flock --timeout 3600 8 || die "another backup, verification or restore has run for an hour; nothing was done"
    rm -f "$FAILURE"
    trap 'exit 143' TERM INT HUP
    # For what no message was written for; the disk is looked at before anything is removed from it.
    set -E
    trap 'BROKE="$BASH_COMMAND$(full)"' ERR
    # What a run left that was killed. With the lock, nobody is at work on it.
    rm -rf --one-file-system "$WORK"/{stage,verify,restore,restore.dump}
    docker rm --force --volumes "$STACK-backup-verify" >/dev/null 2>&1 || true
}

# Writes the result of a run into a file, whole or not at all. SUCCEEDED: its work is done and safe, whatever
# fails after that.
report() {
    local status=$1 file=$2 error="" last
    if ((status)); then
        error=$(cat "$FAILURE" 2>/dev/null) || true
        error=${error:-"it was ended with status $status${BROKE:+, at: $BROKE}; journalctl has what was said"}
    fi
    last=$(jq -c '.lastSuccess' "$file" 2>/dev/null) || last=null
    jq --null-input --arg time "$(date -u +%FT%TZ)" --argjson ok "$( ((status)) && echo false || echo true)" \
        --arg snapshot "$SNAPSHOT" --argjson bytes "$BYTES" --argjson seconds "$SECONDS" --arg error "$error" \
        --argjson last "${last:-null}" --arg succeeded "$SUCCEEDED" --argjson counts "$COUNTS" '
        {$time, $ok, snapshot: (if $snapshot == "" then null else $snapshot end), $bytes, $seconds,
         error: (if $error == "" then null else $error end),
         lastSuccess: (if $succeeded == "" then $last else {$time, $snapshot} end)} + $counts' >"$file.new"
    mv -f "$file.new" "$file"
    # Where Cloud Monitoring is told of it, at once.
    systemctl start --no-block homeport-backup-report.service 2>/dev/null || true
}

# For the end of a message: whether the data disk is full.
full() {
    local free
    free=$(df --output=avail -BM "$WORK" | tail -n 1 | tr -dc 0-9)
    ((free > 50)) || echo " (the data disk is full: $free MiB are free)"
}

# restic, behind everything else that wants processor and disk. Its errors are in $RUN/errors.
quiet_restic() { ionice -c 3 nice -n 19 restic "$@" 2>"$RUN/errors"; }

# The last thing that restic complained of, on one line.
complaint() { grep -v '^$' "$RUN/errors" | tail -n 3 | tr '\n' ' ' | cut -c 1-600; }

# What restic's complaint means, for a person. $1: what was being done.
explain() {
    local text
    text=$(complaint)
    case "$text" in
        *"wrong password"* | *"no key found"*)
            die "the password does not open the backups at $RESTIC_REPOSITORY: they were made with another one" ;;
        *"already locked"*)
            die "$1: the repository at $RESTIC_REPOSITORY is locked by another run: $text" ;;
        *"no space left"*)
            die "$1: no space left: $text$(full)" ;;
        *)
            die "$1: $text" ;;
    esac
}

# Opens the repository, and makes it where there never was one if $1 is "make". A store that is empty all at
# once is a mistake or a loss, such as a disk that is not mounted, and a new repository would hide it.
open_repository() {
    local id config text known=""
    set -a
    # shellcheck source=/dev/null
    . "$ENVIRONMENT"
    set +a
    [[ ! -e "$KNOWN" ]] || known=$(sed -n "s|^$RESTIC_REPOSITORY ||p" "$KNOWN")
    if ! config=$(timeout 300 restic cat config --no-lock 2>"$RUN/errors"); then
        is_absent || {
            [[ "$(complaint)" != *"wrong password"* && "$(complaint)" != *"no key found"* ]] || explain ""
            text=$(complaint)
            die "the store $RESTIC_REPOSITORY cannot be reached: ${text:-no answer within five minutes}"
        }
        [[ -z "$known" ]] || die "the backups are gone: $RESTIC_REPOSITORY held some and holds none now. If it" \
            "is a disk, is it mounted? To start anew there: sudo rm $KNOWN"
        [[ "${1:-}" == make ]] || die "there are no backups at $RESTIC_REPOSITORY"
        timeout 300 restic init --quiet >"$RUN/errors" 2>&1 ||
            die "the store $RESTIC_REPOSITORY takes no backups: $(complaint)"
        config=$(restic cat config --no-lock 2>"$RUN/errors") || explain "opening the new repository"
    fi
    id=$(jq -r .id <<<"$config")
    [[ -z "$known" || "$known" == "$id" ]] || die "the store $RESTIC_REPOSITORY holds other backups than before." \
        "If that is right: sudo rm $KNOWN"
    if [[ "$known" != "$id" ]]; then
        echo "$RESTIC_REPOSITORY $id" >"$KNOWN.new" || die "nothing can be written to the data disk$(full)"
        mv -f "$KNOWN.new" "$KNOWN"
    fi
    # Locks of processes that are gone; nobody else's.
    quiet_restic unlock --quiet >/dev/null || explain "looking for stale locks"
}

is_absent() {
    grep -Eqi 'no such file or directory|does not exist|object doesn.t exist|key does not exist' "$RUN/errors" &&
        ! grep -Eqi 'bucket does not exist|dial tcp|no such host' "$RUN/errors"
}

# Lines about every regular file below $1: inode, change, size and modification as one word; its SHA-256; its
# name. What is as in the older list $2 is not read again. Names with line breaks or tabs are left out.
checksums() {
    local folder=$1 older=$2 stamps=$RUN/stamps
    # A caller that handles failure keeps `set -e` from working in here.
    (cd "$folder" && find . -ignore_readdir_race -type f ! -path $'*\n*' ! -path $'*\t*' -printf '%i:%C@:%s:%T@\t%P\n') >"$stamps" || return 1
    [[ -e "$older" ]] || older=/dev/null
    awk -F '\t' -v OFS='\t' 'NR == FNR && FILENAME == ARGV[1] {sum[$1 FS $3] = $2; next}
        ($1 FS $2) in sum {print $1, sum[$1 FS $2], $2}' "$older" "$stamps" >"$RUN/same"
    awk -F '\t' 'NR == FNR && FILENAME == ARGV[1] {known[$3]; next} !($2 in known)' "$RUN/same" "$stamps" >"$RUN/new"
    cut -f 2- "$RUN/new" | tr '\n' '\0' | (cd "$folder" && xargs -0r sha256sum --zero -- 2>/dev/null || true) |
        tr '\0' '\n' >"$RUN/sums"
    # What went meanwhile has no checksum, and is no longer there to be saved.
    awk -v OFS='\t' 'NR == FNR && FILENAME == ARGV[1] {sum[substr($0, 67)] = substr($0, 1, 64); next}
        {tab = index($0, "\t"); name = substr($0, tab + 1)}
        name in sum {print substr($0, 1, tab - 1), sum[name], name}' "$RUN/sums" "$RUN/new" |
        cat "$RUN/same" - | sort -t $'\t' -k 3
}

# The mount point of a Docker volume.
volume() { docker volume inspect --format '{{.Mountpoint}}' "$1" 2>/dev/null || die "there is no volume $1"; }

# Words of `psql` inside a container, for the database $1, whose name is also its owner's.
psql_words() { echo "psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --username $1 --dbname $1"; }

# A statement for `\gexec` that counts the rows of every table, each as a line of JSON.
readonly ROWS="SELECT format('SELECT json_build_object(''table'', %L, ''rows'', count(*)) FROM %I.%I',
    n.nspname || '.' || c.relname, n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY 1"

# Ids of snapshots of a stack, oldest first. $1: the stack.
snapshots_of() {
    quiet_restic snapshots --json --no-lock --host homeport --tag "homeport,stack=$1" |
        jq -r 'sort_by(.time) | .[].id[:8]'
}

# One file of the snapshot, given by its path below the tree.
saved_file() { quiet_restic dump --no-lock "$SNAPSHOT" "$TREE/$1"; }

# A dump of the snapshot into a file, whole. $1: its path below the tree; $2: the file; $3: the manifest.
fetch_dump() {
    saved_file "$1" >"$2" || explain "the dump $1 cannot be read from the backup $SNAPSHOT"
    [[ "$(sha256sum <"$2" | cut -d ' ' -f 1)" == "$(jq -r --arg file "$1" '.files[$file]' <<<"$3")" ]] ||
        die "the dump $1 in the backup $SNAPSHOT is not the one that was saved: its checksum differs"
}

# What differs between the rows that a restored database has and those that the manifest names, a line for
# each table. $1: container; $2: database; $3: tables of the manifest.
different_rows() {
    local found
    # shellcheck disable=SC2046  # several words
    found=$(docker exec --interactive "$1" $(psql_words "$2") <<<"$ROWS \\gexec") ||
        die "the rows of the restored database $2 cannot be counted"
    jq --slurp --raw-output --argjson saved "$3" 'map({(.table): .rows}) | add // {} | . as $found |
        ($found + $saved) | keys[] | select($found[.] != $saved[.]) |
        "\(.): rows restored: \($found[.] // "no such table"), saved: \($saved[.] // "no such table")"
        ' <<<"$found"
}
