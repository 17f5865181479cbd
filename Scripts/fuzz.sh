#!/bin/sh
# Fuzzes one parser: Scripts/fuzz.sh NAME SECONDS [libFuzzer's options]
#         all of them: Scripts/fuzz.sh all SECONDS
#         then, to keep what it learned: Scripts/fuzz.sh keep NAME
# Fuzz/README.md says more.
set -eu
# Swift's own account of a crash is the wrong one here, and has been seen to hang: libFuzzer gives one.
export SWIFT_BACKTRACE=enable=no
cd "$(dirname "$0")/../Fuzz"

usage() {
    sed -n '2,4s/^# *//p' "../Scripts/fuzz.sh" >&2
    echo "NAME is one of: $(names)" >&2
    exit 2
}

names() { echo $(cd corpus && ls); }

build() {
    # Every module is built with the flags, the parsers too: libFuzzer finds its way by the branches they take.
    # lld, as gold fails on the pair of SwiftPM's entry point and the runtime's.
    # SwiftPM does not see by itself that a source of the main package is gone; without its plan it makes a new one.
    rm -f .build/release.yaml
    swift build -c release --product "$1" -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld --quiet
    program=$(swift build -c release --show-bin-path)/$1
}

# What earlier runs have learned, unpacked for this checkout's first.
learn() {
    [ ! -d ".build/corpus/$1" ] || return 0
    mkdir -p ".build/corpus/$1"
    [ ! -f "learned/$1.tar.gz" ] || tar -C ".build/corpus/$1" -xzf "learned/$1.tar.gz"
}

fuzz() {
    name=$1 seconds=$2
    shift 2
    build "$name"
    mkdir -p findings
    learn "$name"
    # No leak check: it cannot see pointers that Swift keeps with tag bits in a global. A leak that grows meets the limit.
    ASAN_OPTIONS=detect_leaks=0 "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
        -artifact_prefix="findings/$name-" "$@" ".build/corpus/$name" "corpus/$name"
}

[ $# -ge 2 ] || usage
case $1 in
keep)
    [ -d "corpus/$2" ] || usage
    build "$2"
    learn "$2"
    kept=$(mktemp -d)
    "$program" -merge=1 "$kept" "corpus/$2" ".build/corpus/$2"
    mkdir -p learned
    # The same inputs make the same archive, so that keeping nothing new changes nothing.
    tar -C "$kept" --sort=name --mtime=@0 --owner=0 --group=0 --mode=0644 -cf - $(cd "$kept" && ls) | gzip -9n > "learned/$2.tar.gz"
    rm -r "$kept"
    ;;
all)
    for name in $(names); do fuzz "$name" "$2"; done
    ;;
*)
    [ -d "corpus/$1" ] || usage
    fuzz "$@"
    ;;
esac
