#!/bin/bash
# The Swift tests under the thread sanitizer, then under the address sanitizer. Each has a build folder of its own,
# so that neither makes the other, or the ordinary build, start afresh.
. "$(dirname "$0")/common.sh"

need_swift
Scripts/assets.sh
export LSAN_OPTIONS=suppressions=$root/Scripts/known-leaks.txt:print_suppressions=0
export TSAN_OPTIONS=suppressions=$root/Scripts/known-races.txt:print_suppressions=0
failed=()
need_postgres || failed+=("PostgreSQL for the tests")
need_redis || failed+=("Redis for the tests")
for sanitizer in thread address; do
    say "Swift tests under the $sanitizer sanitizer"
    # Without XCTest, which has no test of ours and leaks a little at its end. The linker has much to say of symbols
    # that the address sanitizer makes.
    swift test --disable-xctest --experimental-maximum-parallelization-width 8 --sanitize="$sanitizer" --scratch-path ".build/sanitized-$sanitizer" 2>&1 |
        sed '/Cannot export local symbol/d' || failed+=("$sanitizer sanitizer")
done
[ ${#failed[@]} -eq 0 ] || fail "failed: $(printf '%s, ' "${failed[@]}" | sed 's/, $//')."
