#!/usr/bin/env bash
# The documented behaviour of the official images' entry points: flags or a configuration file alone are the
# server's, the server does not run as root, and it can be reached from other containers.
set -euo pipefail

if [[ $# == 0 || "$1" == -* || "$1" == *.conf ]]; then set -- "$SANDBOX_SERVER-server" "$@"; fi

# Redis's command names work in Valkey's image, too.
if [[ "$1" == "$SANDBOX_SERVER-server" || "$1" == redis-server ]]; then
    if [[ "$(id -u)" == 0 ]]; then
        find . \! -user "$SANDBOX_SERVER" -exec chown "$SANDBOX_SERVER" '{}' +
        exec setpriv --reuid="$SANDBOX_SERVER" --regid="$SANDBOX_SERVER" --clear-groups "$0" "$@"
    fi
    if [[ ! -w . ]]; then
        echo "error: $PWD is not writable by user $(id -u)" >&2
        exit 1
    fi
    # Debian's servers refuse strangers unless told otherwise; those in the official images do not. A flag or
    # a file that says something about it has the last word.
    program=("$1") settings=("${@:2}") open=(--protected-mode no)
    if [[ $# -ge 2 && "$2" != -* ]]; then
        program+=("$2") settings=("${@:3}")
        ! grep --quiet --ignore-case '^[[:space:]]*protected-mode' "$2" || open=()
    fi
    case "${2:-}" in
        -v | --version | -h | --help | --check-system | --test-memory) open=() ;;
    esac
    set -- "${program[@]}" "${open[@]}" "${settings[@]}"
    [[ "$(umask)" != 0022 ]] || umask 0077
fi

# shellcheck disable=SC2086  # the variable holds several flags
exec "$@" ${VALKEY_EXTRA_FLAGS:-}
