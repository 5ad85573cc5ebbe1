/* SPDX-License-Identifier: Apache-2.0 */
#include "base/process.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"

TEST("a file that is opened is one more")
{
    const int64_t before = ix_process_now().open_files;
    CHECK(before >= 3);
    const int fd = dup(STDERR_FILENO);
    CHECK_INT(ix_process_now().open_files, before + 1);
    close(fd);
    CHECK_INT(ix_process_now().open_files, before);
    CHECK(ix_process_now().files_max > before);
}

TEST("memory that is written to is in memory")
{
    enum { BYTES = 64 << 20 };
    const int64_t before = ix_process_now().resident_bytes;
    char *memory = malloc(BYTES);
    CHECK(memory != NULL);
    volatile char *seen = memory; /* a compiler sees that nobody reads it, and need not write it */
    for (size_t i = 0; i < BYTES; i += 1024)
        seen[i] = 1;
    const int64_t after = ix_process_now().resident_bytes;
    free(memory);
    CHECK(before > 0);
    CHECK(after - before > BYTES / 2);
}

TEST("work takes processor time")
{
    const int64_t before = ix_process_now().cpu_us;
    CHECK(before >= 0);
    while (ix_process_now().cpu_us == before)
        continue;
    CHECK(ix_process_now().cpu_us > before);
}
