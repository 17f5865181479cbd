#!/bin/bash
# Builds and starts the server. Arguments go to `martlet serve`.
. "$(dirname "$0")/common.sh"

Scripts/build.sh
exec .build/release/martlet serve "$@"
