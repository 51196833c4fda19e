#!/usr/bin/env bash
# Prints the path of a Python that Homeport runs on: 3.11 or newer, with venv and ensurepip.
# On Debian and Ubuntu, as root, it installs what is missing; elsewhere it says what to install.
set -euo pipefail

readonly minimum="3.11"
# python3 first: it is the one the user chose. The others only if it is too old or absent, the newest first.
readonly candidates=(python3 python3.{39..11})

say() { printf '%s\n' "$*" >&2; }

# Prints "MAJOR.MINOR PATH" of one candidate, nothing if it does not run (a pyenv shim may exist and not run).
version_and_path() {
  "$1" -c 'import sys; print("%d.%d %s" % (sys.version_info[0], sys.version_info[1], sys.executable))' \
    2>/dev/null </dev/null || true
}

can_make_environments() { "$1" -c 'import venv, ensurepip' 2>/dev/null </dev/null; }

# Sets `found` to the first suitable Python, `incomplete` to the version of the first that lacks venv or
# ensurepip, and `seen` to all that were looked at.
look() {
  found="" incomplete="" seen=""
  local name version path
  for name in "${candidates[@]}"; do
    type -P "$name" >/dev/null || continue
    read -r version path < <(version_and_path "$name"; echo)
    [[ -n "$version" ]] || continue
    seen+="${seen:+, }$name is $version"
    # Compares as numbers: 3.9 is older than 3.11.
    ((${version%%.*} == 3 && ${version#*.} >= ${minimum#*.})) || continue
    if can_make_environments "$path"; then
      found="$path"
      return
    fi
    incomplete="${incomplete:-$version}"
  done
}

can_install() { [[ "$(id -u)" == 0 ]] && command -v apt-get >/dev/null; }

install_with_apt() {
  say "setup: installing $* with apt-get ..."
  local log
  log="$(mktemp)"
  # A failed update is not the end: one unreachable source of many is enough for that.
  apt-get update >"$log" 2>&1 </dev/null || true
  # Ctrl-C waits for it: cut off, it would leave packages half installed.
  if ! (
    trap '' INT TERM
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >>"$log" 2>&1 </dev/null
  ); then
    tail -n 20 "$log" >&2
    say "setup: apt-get could not install $*. Its last lines are above."
  fi
  rm -f "$log"
}

look
if [[ -z "$found" ]] && can_install; then
  if [[ -n "$incomplete" ]]; then
    install_with_apt "python$incomplete-venv"
  else
    install_with_apt python3 python3-venv
  fi
  look
fi

if [[ -n "$found" ]]; then
  printf '%s\n' "$found"
elif [[ -n "$incomplete" ]]; then
  say "setup: Python $incomplete is here, but its modules venv and ensurepip are not."
  say "       On Debian or Ubuntu: sudo apt-get install python$incomplete-venv"
  exit 1
else
  say "setup: Homeport needs Python $minimum or newer; ${seen:-no python3 was found}."
  say "       On Debian 12 or Ubuntu 24.04 and newer: sudo apt-get install python3 python3-venv"
  say "       Elsewhere: see https://www.python.org/downloads/"
  exit 1
fi
