#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tried.sh SOURCE REFERENCE: is each public function called by some test, or example that is run? Or by
# a function in a header, which then is.
set -eu
cd "$1"
missing=0
for name in $("$2" names include/iots/*.h); do
    if ! grep -qsw "$name" src/client/*_test.c tests/*/*_test.c examples/*.c &&
        ! grep -hs "$name(" include/iots/*.h | grep -qv -e '^IOTS_API' -e '^ *[/ ]\*'; then
        echo "$name: no test calls it"
        missing=1
    fi
done
exit $missing
