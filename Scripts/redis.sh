#!/bin/bash
# A Redis of our own for the tests: Scripts/redis.sh start FOLDER prints its URL, Scripts/redis.sh stop FOLDER ends it; pause and
# resume end and start the server in between, at the same port, and freeze and thaw have it hang. It lives in FOLDER, which must not
# be there before and is gone afterwards, on a free port of 127.0.0.1, keeps nothing on disk, and wants a password.
. "$(dirname "$0")/common.sh"

usage() { fail "usage: Scripts/redis.sh start FOLDER | stop FOLDER | pause FOLDER | resume FOLDER | freeze FOLDER | thaw FOLDER"; }

[ $# = 2 ] || usage
folder=$2
need_command redis-server redis-server
password=swordfish

launch() {
    local port
    port=$(cat "$folder/port")
    redis-server --bind 127.0.0.1 --port "$port" --requirepass "$password" --save '' --appendonly no --daemonize yes \
        --dir "$folder" --pidfile "$folder/pid" --logfile "$folder/log" >/dev/null || fail "Redis did not start: $(tail -3 "$folder/log")"
    for _ in $(seq 100); do
        if [ -s "$folder/pid" ] && (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return; fi
        sleep 0.1
    done
    fail "Redis did not start: $(tail -3 "$folder/log")"
}

end() {
    local pid
    pid=$(cat "$folder/pid" 2>/dev/null) || return 0
    kill -CONT "$pid" 2>/dev/null || true
    kill -TERM "$pid" 2>/dev/null || true
    for _ in $(seq 100); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    rm -f "$folder/pid"
}

case $1 in
start)
    [ ! -e "$folder" ] || fail "$folder is there already."
    mkdir -p "$folder"
    # Somebody else may take a port between the look and the start.
    for attempt in 1 2 3 4 5; do
        free_port >"$folder/port"
        (launch) && break
        [ "$attempt" -lt 5 ] || fail "Redis did not start."
    done
    echo "redis://:$password@127.0.0.1:$(cat "$folder/port")/1"
    ;;
stop)
    end
    rm -rf "$folder"
    ;;
pause) end ;;
resume) launch ;;
freeze) kill -STOP "$(cat "$folder/pid")" ;;
thaw) kill -CONT "$(cat "$folder/pid")" ;;
*) usage ;;
esac
