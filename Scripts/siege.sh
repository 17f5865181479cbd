#!/bin/bash
# The siege, twenty minutes of it on the release build: ten on each engine (SIEGE_SECONDS). Tests/EndToEnd/test_siege.py says what it is.
. "$(dirname "$0")/common.sh"

Scripts/build.sh
need_python venv Tests/EndToEnd/requirements.txt
need_postgres
need_file_limit 65536
export MARTLET=$root/.build/release/martlet SIEGE_SECONDS=${SIEGE_SECONDS:-540}
"$tools/venv/bin/python" -m pytest -p no:cacheprovider -s Tests/EndToEnd/test_siege.py
