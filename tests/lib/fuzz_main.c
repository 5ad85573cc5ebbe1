/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target without a fuzzer: over every seed, every beginning of a seed, and some changed
 * by chance, always by the same chance.
 *
 *     fuzz_json FOLDER-OR-FILE...
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum {
    SEED_MAX = 1 << 20,
    BEGINNINGS_MAX = 300, /* of one seed, spread evenly */
    CHANGED_MAX = 300,    /* of one seed */
    CHANGES_MAX = 6,      /* in one of them */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t next_chance(uint32_t *chance)
{
    *chance ^= *chance << 13;
    *chance ^= *chance >> 17;
    *chance ^= *chance << 5;
    return *chance;
}

/* In memory of exactly that size, so that a sanitizer sees the first byte read beyond it. */
static void try_one(const char *bytes, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    if (!copy)
        abort();
    if (len)
        memcpy(copy, bytes, len);
    LLVMFuzzerTestOneInput(copy, len);
    free(copy);
}

static void try_beginnings(const char *bytes, size_t len)
{
    const size_t step = len / BEGINNINGS_MAX + 1;
    for (size_t part = 0; part < len; part += step)
        try_one(bytes, part);
}

static void try_changed(const char *bytes, size_t len)
{
    static const char saying[] = "{}[]\",:\\0123456789.eE+-|/~%# \n\xff\x80";
    uint32_t chance = 2463534242U;
    char *copy = malloc(len);
    for (size_t i = 0; copy && i < CHANGED_MAX; i++) {
        memcpy(copy, bytes, len);
        for (uint32_t n = 1 + next_chance(&chance) % CHANGES_MAX; n > 0; n--)
            copy[next_chance(&chance) % len] = saying[next_chance(&chance) % (sizeof(saying) - 1)];
        try_one(copy, len);
    }
    free(copy);
}

static bool try_file(const char *path)
{
    ix_buf seed = {0};
    FILE *in = fopen(path, "rb");
    if (!in || !ix_buf_reserve(&seed, SEED_MAX)) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return false;
    }
    seed.len = fread(seed.at, 1, SEED_MAX, in);
    fclose(in);
    try_one(seed.at, seed.len);
    try_beginnings(seed.at, seed.len);
    if (seed.len > 0)
        try_changed(seed.at, seed.len);
    ix_buf_done(&seed);
    return true;
}

/* All files of a folder; -1 if it is none, or one cannot be read. */
static int try_folder(const char *path)
{
    int count = 0;
    DIR *folder = opendir(path);
    if (!folder)
        return -1;
    for (const struct dirent *entry; count >= 0 && (entry = readdir(folder));) {
        char file[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
        count = try_file(file) ? count + 1 : -1;
    }
    closedir(folder);
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;
    LLVMFuzzerTestOneInput(NULL, 0); /* what a fuzzer begins with */
    for (int i = 1; i < argc; i++) {
        int n = try_folder(argv[i]);
        if (n < 0)
            n = try_file(argv[i]) ? 1 : 0;
        count += n;
    }
    printf("%d seeds\n", count);
    return count > 0 ? 0 : 1;
}
