#!/bin/bash
# Fetches what a build needs, and makes what it embeds. The other scripts do so by themselves.
. "$(dirname "$0")/common.sh"

need_swift
Scripts/assets.sh
