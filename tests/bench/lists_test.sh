#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Does the program lists ($1) still work? In a folder of its own, since what it keeps there may be of
# another schema.
set -u
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
"$1" --sizes 300,600 --rounds 1 --folder "$folder"
