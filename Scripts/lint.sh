#!/bin/bash
# Checks the format of the Swift sources, and that what clients send is compared by its bytes; a fault is a failure, not a warning.
. "$(dirname "$0")/common.sh"

need_swift
folders=(Sources Tests)
[ ! -d Fuzz/Sources ] || folders+=(Fuzz/Sources)
swift format lint --strict --parallel --recursive "${folders[@]}" Package.swift

if [ -d .build/debug/API.build ]; then
    need_command python3 python3
    need_command nm binutils
    python3 Scripts/string-comparisons.py --test
    python3 Scripts/string-comparisons.py
else
    say "Nothing is built, so how texts are compared is not looked at: swift build first."
fi
