#!/bin/bash
# Removes what was built. What was installed (.tools) and measured (Benchmarks/results) stays.
. "$(dirname "$0")/common.sh"

rm -rf .build Fuzz/.build Benchmarks/.work Sources/Web/generated
