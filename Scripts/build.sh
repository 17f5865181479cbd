#!/bin/bash
# Builds the release binary, .build/release/martlet, with the Swift runtime inside.
. "$(dirname "$0")/common.sh"

need_swift
Scripts/assets.sh
exec swift build -c release --static-swift-stdlib --product martlet
