#!/bin/bash
# Builds the release binary, .build/release/martlet, with the Swift runtime inside.
. "$(dirname "$0")/common.sh"

need_swift
Scripts/assets.sh
# Package.swift hands it to the C target that `martlet version` asks.
MARTLET_COMMIT=$(git rev-parse --short=12 HEAD 2>/dev/null || echo "unknown commit")
export MARTLET_COMMIT
exec swift build -c release --static-swift-stdlib --product martlet
