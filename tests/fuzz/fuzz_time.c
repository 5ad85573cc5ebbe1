/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever is read as a time lies within bounds, and is the same time when written and read again;
 * what is a full time is the same time as a short form.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not an assert: it must hold in every build. */
static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const ix_str text = {(const char *)data, size};
    int64_t time_us;
    if (!ix_time_parse_short(text, &time_us)) {
        must(!ix_time_parse(text, &time_us));
        return 0;
    }
    must(time_us >= ix_time_first_us && time_us <= ix_time_last_us);
    int64_t full_us;
    must(!ix_time_parse(text, &full_us) || full_us == time_us);

    char written[IX_TIME_TEXT];
    const int len = ix_time_write(time_us, written);
    must(len > 0 && len < IX_TIME_TEXT && strlen(written) == (size_t)len);
    int64_t again_us;
    must(ix_time_parse((ix_str){written, (size_t)len}, &again_us) && again_us == time_us);
    return 0;
}
