#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# all.sh SOURCE: is each program of examples/ run by a test of this folder?
set -eu
cd "$1"
missing=0
for example in examples/*.c; do
    name=$(basename "$example" .c)
    if ! grep -qw "$name" tests/examples/*_test.c; then
        echo "$example: no test runs it"
        missing=1
    fi
done
exit $missing
