#!/bin/bash
# Formats the Swift sources in place.
. "$(dirname "$0")/common.sh"

need_swift
folders=(Sources Tests)
[ ! -d Fuzz/Sources ] || folders+=(Fuzz/Sources)
exec swift format format --in-place --parallel --recursive "${folders[@]}" Package.swift
