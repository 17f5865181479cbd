# What every script here stands on: where things are, how a failure is said, and how a missing tool is fetched.
# Sourced, not run. Everything looks before it installs, so that a second run needs no network.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=$root/.tools
cd "$root"

# With these `swift build` can link: its own needs on Debian 12, then the libraries that Package.swift names.
build_packages=(
    binutils libc6-dev gcc libstdc++-12-dev libcurl4 libedit2 libncurses6 libsqlite3-0 libxml2 tzdata ca-certificates
    pkg-config libssl-dev libsodium-dev libcrypt-dev libsqlite3-dev zlib1g-dev libpq-dev
    libcurl4-openssl-dev libhiredis-dev libcmark-gfm-dev libcmark-gfm-extensions-dev libidn2-dev libunistring-dev
)

say() { printf '== %s\n' "$*" >&2; }

fail() {
    printf 'martlet: %s\n' "$*" >&2
    exit 1
}

# need_packages NAME…: Debian packages, installed if they are not. SKIP_PACKAGES=1 says that they are there by other means.
need_packages() {
    [ "${SKIP_PACKAGES:-}" != 1 ] || return 0
    command -v dpkg-query >/dev/null || fail "this is not Debian, so install the counterparts of these yourself and set SKIP_PACKAGES=1: $*."
    local name missing=()
    for name in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || fail "there is no apt-get here, so install these yourself: ${missing[*]}."
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || fail "these packages are missing, and you are neither root nor have sudo: as root, run apt-get install ${missing[*]}."
        as_root=(sudo)
        [ -t 0 ] || as_root=(sudo -n)
        "${as_root[@]}" true 2>/dev/null || fail "these packages are missing, and sudo did not let you install them: as root, run apt-get install ${missing[*]}."
    fi
    say "Installing from Debian: ${missing[*]}"
    mkdir -p "$tools"
    local log=$tools/apt.log apt=(env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300)
    # Old lists are often good enough, and an unreachable mirror of something else need not matter: `install` decides.
    "${as_root[@]}" "${apt[@]}" update >"$log" 2>&1 || true
    if ! "${as_root[@]}" "${apt[@]}" install --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
        grep -E '^(E|W|Err)[: ]' "$log" | tail -5 >&2 || true
        fail "apt-get could not install ${missing[*]}: the first run needs Debian's package server; all that apt-get said is in $log."
    fi
}

# need_command COMMAND PACKAGE…: as need_packages, but only if nothing on PATH is called COMMAND.
need_command() {
    command -v "$1" >/dev/null || need_packages "${@:2}"
}

# Swift is too large to fetch unasked, and there is no Debian package of a version that will do.
need_swift() {
    local folder
    if ! command -v swift >/dev/null; then
        for folder in /opt/swift*/usr/bin "$HOME/.local/share/swiftly/bin" /usr/local/swift*/usr/bin; do
            [ ! -x "$folder/swift" ] || PATH=$folder:$PATH
        done
    fi
    local how="get the toolchain for Debian 12, 6.2 or newer, from the Swift project's download page, unpack it and put its usr/bin on PATH"
    command -v swift >/dev/null || fail "Swift was not found: $how."
    need_packages "${build_packages[@]}"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -1)
    [ -n "$version" ] || fail "the swift on PATH ($(command -v swift)) does not start: run 'swift --version' to see why."
    [ "$(printf '%s\n' 6.2 "$version" | sort -V | head -1)" = 6.2 ] || fail "Swift $version is too old for this package: $how."
}

# need_python FOLDER REQUIREMENTS: a Python environment of our own in .tools/FOLDER with what the file lists.
# A mark with the digest of the list says that it is complete, so a changed list is installed and an unchanged one is not.
need_python() {
    local folder=$tools/$1 list=$2 mark
    mark=$folder/.has-$(sha256sum "$list" | cut -c1-16)
    [ ! -e "$mark" ] || return 0
    need_packages python3 python3-venv
    [ -x "$folder/bin/pip" ] || /usr/bin/python3 -m venv "$folder" || fail "a Python environment could not be made in $folder."
    say "Installing from PyPI: $(grep -oE '^[A-Za-z][A-Za-z0-9._\[-]*\]?(==[0-9.]+)?' "$list" | tr '\n' ' ')"
    local log=$tools/pip.log
    if ! "$folder/bin/pip" install --disable-pip-version-check -r "$list" >"$log" 2>&1; then
        grep -E '^ERROR' "$log" | tail -3 >&2 || true
        fail "pip could not install what $list names: the first run needs the Python package index; all that pip said is in $log."
    fi
    touch "$mark"
}

# need_file_limit N: as many open files as N, or as many as we may have.
need_file_limit() {
    ulimit -n "$1" 2>/dev/null || ulimit -n "$(ulimit -Hn)"
}

# free_port: prints a port of 127.0.0.1 on which nobody listens now.
free_port() {
    local port
    for _ in $(seq 50); do
        # Below those that the system gives to outgoing connections, which would hold one unseen.
        port=$((RANDOM % 12000 + 20000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port" && return; }
    done
    fail "no free port was found on 127.0.0.1."
}

# need_postgres: a database server for the tests that want one, unless MARTLET_TEST_POSTGRES names one already. It ends with the
# script. Without it those tests say that they were skipped, so a caller that goes on must fail in the end.
need_postgres() {
    [ -z "${MARTLET_TEST_POSTGRES:-}" ] || return 0
    postgres=$(mktemp -d -u "${TMPDIR:-/tmp}/martlet-postgres-XXXXXX")
    trap 'stop_servers' EXIT
    local url
    url=$(Scripts/postgres.sh start "$postgres") || return 1
    export MARTLET_TEST_POSTGRES=$url
}

# need_redis: the same for Redis, in MARTLET_TEST_REDIS.
need_redis() {
    [ -z "${MARTLET_TEST_REDIS:-}" ] || return 0
    redis=$(mktemp -d -u "${TMPDIR:-/tmp}/martlet-redis-XXXXXX")
    trap 'stop_servers' EXIT
    local url
    url=$(Scripts/redis.sh start "$redis") || return 1
    export MARTLET_TEST_REDIS=$url
}

# What need_postgres and need_redis have started.
stop_servers() {
    [ -z "${postgres:-}" ] || Scripts/postgres.sh stop "$postgres"
    [ -z "${redis:-}" ] || Scripts/redis.sh stop "$redis"
}
