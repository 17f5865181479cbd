#!/bin/bash
# Makes what Sources/Web embeds: Swagger UI and ReDoc from PyPI, and our own pages, packed and listed.
. "$(dirname "$0")/common.sh"

# The made files last until an input is newer; then only what really changed is written again.
generated=Sources/Web/generated
if [ -e $generated/assets.inc ] && [ -z "$(find Sources/Web/docs Scripts/assets.txt Scripts/assets.sh Scripts/assets.py -newer $generated/.made 2>/dev/null || echo stale)" ]; then
    exit 0
fi
need_python venv Scripts/assets.txt
"$tools/venv/bin/python" Scripts/assets.py Sources/Web/docs $generated
touch $generated/.made
