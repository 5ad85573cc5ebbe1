#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh FOLDER PROGRAM ARGUMENT...: runs a program of this folder with node, its packages in FOLDER.
# 77 (skipped) where node, npm or the packages cannot be had.
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
program=$2
shift 2
for tool in node npm; do
    command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
mkdir -p "$folder" && cp "$here"/*.mjs "$here"/package.json "$folder" && cd "$folder" || exit 1
if [ ! -d node_modules/ajv-formats ]; then
    npm install --no-audit --no-fund --no-package-lock >npm.log 2>&1 || {
        echo "skipped: npm cannot install the validators (see $folder/npm.log)"
        exit 77
    }
fi
exec node "$program" "$@"
