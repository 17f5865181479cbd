#!/bin/bash
# Everything that must hold before a change lands: the format, the Swift tests, and the tests of the running program.
# A failed step does not stop the later ones, so that one run tells all; a failed build does.
. "$(dirname "$0")/common.sh"

need_swift
Scripts/assets.sh
results=$root/.build/test-results
rm -rf "$results"
mkdir -p "$results"
failed=()

step() {
    local name=$1
    shift
    say "$name"
    "$@" || failed+=("$name")
}

say "build"
swift build --build-tests || fail "the build failed, so nothing was tested."

need_postgres || failed+=("PostgreSQL for the tests")
need_redis || failed+=("Redis for the tests")
step "format" Scripts/lint.sh
# Each test of the desk has database connections of its own: eight at once are as fast as all, and within what PostgreSQL takes.
step "Swift tests" swift test --skip-build --disable-xctest --experimental-maximum-parallelization-width 8 \
    --xunit-output "$results/swift.xml"
if compgen -G 'Tests/EndToEnd/test_*.py' >/dev/null; then
    need_python venv Tests/EndToEnd/requirements.txt
    need_command chromium chromium
    # The tests of the samples in Deploy/ say that they were skipped where these cannot be had.
    PATH=$PATH:/usr/sbin
    (need_command nginx nginx-light) || say "without nginx its sample is not tested"
    (need_command haproxy haproxy) || say "without HAProxy its sample is not tested"
    export MARTLET=$root/.build/debug/martlet
    step "end-to-end tests" "$tools/venv/bin/python" -m pytest -p no:cacheprovider --timeout 120 Tests/EndToEnd \
        -o junit_family=xunit1 --junit-xml "$results/end-to-end.xml"
fi

# One honest line for all suites, from what the runners wrote; that no test ran is a failure too.
need_command python3 python3
step "count" python3 Scripts/count-tests.py "$results"
[ ${#failed[@]} -eq 0 ] || fail "failed: $(printf '%s, ' "${failed[@]}" | sed 's/, $//')."
