#!/bin/bash
# A PostgreSQL 15 of our own for the tests: Scripts/postgres.sh start FOLDER prints its URL, Scripts/postgres.sh stop FOLDER
# ends it; pause and resume end and start the server in between. The cluster lives in FOLDER, which must not be there before and
# is gone afterwards. It listens on a socket in FOLDER and on a free port of 127.0.0.1, with TLS, and takes anybody of this
# machine as its superuser: it is for tests and nothing else.
. "$(dirname "$0")/common.sh"

usage() { fail "usage: Scripts/postgres.sh start FOLDER | stop FOLDER | pause FOLDER | resume FOLDER"; }

[ $# = 2 ] || usage
folder=$2
need_packages postgresql-15
bin=/usr/lib/postgresql/15/bin
[ -x "$bin/initdb" ] || bin=$(dirname "$(command -v initdb || fail "initdb of PostgreSQL was not found.")")

# PostgreSQL refuses to run as root.
as_owner() {
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

# Waits for the server, and fails with its last words.
launch() {
    as_owner "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 30 start >/dev/null || fail "PostgreSQL did not start: $(tail -3 "$folder/log")"
}

make_cluster() {
    [ ! -e "$folder" ] || fail "$folder is there already."
    mkdir -p "$folder"
    if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; fi
    as_owner "$bin/initdb" -D "$folder/data" -U postgres --auth=trust --encoding=UTF8 --locale=C --no-sync >/dev/null || fail "initdb failed."
    if as_owner openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost -keyout "$folder/data/server.key" \
        -out "$folder/data/server.crt" 2>/dev/null; then
        as_owner chmod 600 "$folder/data/server.key"
        echo "ssl = on" | as_owner tee -a "$folder/data/postgresql.conf" >/dev/null
    fi
    # What is lost when the machine stops does not matter here, and the tests wait less. Nobody but a test has tables analysed, so that its
    # plans are the same each time.
    as_owner tee -a "$folder/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = '127.0.0.1'
port = $(free_port)
unix_socket_directories = '$folder'
fsync = off
autovacuum = off
synchronous_commit = off
full_page_writes = off
max_connections = 500
max_prepared_transactions = 16
CONF
}

case $1 in
start)
    need_command openssl openssl
    make_cluster
    launch
    port=$(sed -n 's/^port = //p' "$folder/data/postgresql.conf")
    echo "postgresql://postgres@127.0.0.1:$port/postgres"
    ;;
stop)
    # pg_ctl knows the server by the number in its pid file.
    as_owner "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$folder"
    ;;
pause) as_owner "$bin/pg_ctl" -D "$folder/data" -m fast -w stop >/dev/null ;;
resume) launch ;;
*) usage ;;
esac
