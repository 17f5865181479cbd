#!/bin/bash
# Builds the server and its peers and measures them; Benchmarks/README.md says what, and how to choose less.
. "$(dirname "$0")/common.sh"

Scripts/build.sh
need_packages python3 wrk
plain=()
# A peer says itself what it needs: Debian packages, one a line, some only "if no COMMAND"; Python packages.
for list in Benchmarks/peers/*/packages; do
    while read -r package if _ command; do
        if [ -n "$if" ]; then need_command "$command" "$package"; else plain+=("$package"); fi
    done <"$list"
done
need_packages "${plain[@]}"
for list in Benchmarks/peers/*/requirements.txt; do
    need_python "bench-$(basename "$(dirname "$list")")" "$list"
done

need_file_limit 65536
exec python3 Benchmarks/run.py
