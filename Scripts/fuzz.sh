#!/bin/bash
# Fuzzes each parser for FUZZ_SECONDS (default 60), or only those named as arguments. What is new and interesting is
# kept in Fuzz/corpus/NAME, and an input that breaks something in Fuzz/findings/NAME.
. "$(dirname "$0")/common.sh"

[ -f Fuzz/Package.swift ] || fail "there is no Fuzz package here."
need_swift
need_packages python3
Scripts/assets.sh
swift build --package-path Fuzz -c release
binaries=$(swift build --package-path Fuzz -c release --show-bin-path)
names=("$@")
if [ ${#names[@]} -eq 0 ]; then
    mapfile -t names < <(swift package --package-path Fuzz describe --type json | python3 -c '
import json, sys
for product in json.load(sys.stdin)["products"]:
    if "executable" in product["type"]:
        print(product["name"])')
fi
[ ${#names[@]} -gt 0 ] || fail "the Fuzz package has no executable."
failed=()
for name in "${names[@]}"; do
    [ -x "$binaries/$name" ] || fail "there is no fuzzer called $name."
    say "Fuzzing $name for ${FUZZ_SECONDS:-60} s"
    mkdir -p "Fuzz/corpus/$name" "Fuzz/findings/$name"
    "$binaries/$name" "Fuzz/corpus/$name" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=5 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="Fuzz/findings/$name/" 2>&1 | tail -20 || failed+=("$name")
done
[ ${#failed[@]} -eq 0 ] || fail "a finding in: ${failed[*]}; the inputs are in Fuzz/findings."
