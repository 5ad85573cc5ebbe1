/* SPDX-License-Identifier: Apache-2.0 */
#include "base/process.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/str.h"
#include "base/time.h"

static int64_t us_of(const struct timeval *time)
{
    return (int64_t)time->tv_sec * IX_SECOND_US + time->tv_usec;
}

static int64_t cpu_us(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? us_of(&usage.ru_utime) + us_of(&usage.ru_stime)
                                               : -1;
}

/* The second number of statm counts the pages in memory (proc(5)). */
static int64_t resident_bytes(void)
{
    char line[128];
    int64_t pages = -1;
    FILE *in = fopen("/proc/self/statm", "re");
    if (in && fgets(line, sizeof line, in)) {
        ix_str first, second;
        ix_str_cut(ix_str_cut(ix_str_of(line), ' ', &first), ' ', &second);
        if (!ix_str_int(second, &pages))
            pages = -1;
    }
    if (in)
        fclose(in);
    return pages < 0 ? -1 : pages * sysconf(_SC_PAGESIZE);
}

static int64_t open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    if (!dir)
        return -1;
    int64_t count = -1; /* the one that reads here does not count */
    for (const struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static int64_t files_max(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY
               ? (int64_t)limit.rlim_cur
               : -1;
}

ix_process ix_process_now(void)
{
    return (ix_process){
        .cpu_us = cpu_us(),
        .resident_bytes = resident_bytes(),
        .open_files = open_files(),
        .files_max = files_max(),
    };
}
