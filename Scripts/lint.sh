#!/bin/bash
# Checks the format of the Swift sources; a fault is a failure, not a warning.
. "$(dirname "$0")/common.sh"

need_swift
folders=(Sources Tests)
[ ! -d Fuzz/Sources ] || folders+=(Fuzz/Sources)
exec swift format lint --strict --parallel --recursive "${folders[@]}" Package.swift
