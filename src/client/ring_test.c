/* SPDX-License-Identifier: Apache-2.0 */
#include "client/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"

enum {
    SMALL = RING_FILE_MIN,
    LARGE = 2 * SMALL,
    RECORDS_BEGIN = 8192,
    RECORD_HEAD = 24,
    HEAD_B = 4096
};

/* ---- a disk that fails: the linker puts this in the place of the usual one ---- */

static bool disk_fails;

int __real_fdatasync(int file);
int __wrap_fdatasync(int file);

int __wrap_fdatasync(int file)
{
    if (!disk_fails)
        return __real_fdatasync(file);
    errno = EIO;
    return -1;
}

/* ---- words ---- */

static char path[64];

/* A place for a file that is not there yet. */
static void begin(void)
{
    snprintf(path, sizeof path, "/tmp/iots-ring-XXXXXX");
    const int file = mkstemp(path);
    close(file);
    unlink(path);
}

static client_ring *opened(ix_ctx *cx, size_t bytes)
{
    client_ring *ring = ring_open(cx, path, bytes, true);
    CHECK_OK(cx, ring != NULL);
    return ring;
}

static void append(ix_ctx *cx, client_ring *ring, const char *text)
{
    const int64_t at_us = ring_count(ring).newest_us + 1;
    CHECK_OK(cx, ring_append(cx, ring, at_us, ix_str_of(text)));
}

/* All records, with a blank after each. */
static const char *all(ix_ctx *cx, const client_ring *ring)
{
    ix_buf texts = {0};
    ring_place place = ring_first(ring);
    ring_record record;
    while (ring_next(cx, ring, &place, &record) && record.bytes.at) {
        ix_buf_str(&texts, record.bytes);
        ix_buf_char(&texts, ' ');
    }
    CHECK(!ix_failed(cx));
    const char *ret = ix_strdup(cx, ix_buf_cstr(&texts));
    ix_buf_done(&texts);
    return ret;
}

/* What is in the file now, read by opening it anew. */
static const char *kept(ix_ctx *cx)
{
    client_ring *ring = opened(cx, SMALL);
    const char *ret = all(cx, ring);
    ring_close(ring);
    return ret;
}

/* Settles so many records, from number `first` on of those that are not settled. */
static void settle(ix_ctx *cx, client_ring *ring, int first, int count)
{
    ring_place place = ring_first(ring), places[8];
    ring_record record;
    for (int i = 0; i < first + count; i++) {
        CHECK_OK(cx, ring_next(cx, ring, &place, &record) && record.bytes.at);
        if (i >= first)
            places[i - first] = record.at;
    }
    CHECK_OK(cx, ring_settle(cx, ring, places, (size_t)count, 0));
}

/* Lets go of so many records. */
static void release(ix_ctx *cx, client_ring *ring, int count)
{
    settle(cx, ring, 0, count);
}

static void file_write(off_t offset, const void *bytes, size_t size)
{
    const int file = open(path, O_WRONLY | O_CLOEXEC);
    CHECK(pwrite(file, bytes, size, offset) == (ssize_t)size);
    close(file);
}

static void file_read(off_t offset, void *bytes, size_t size)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(pread(file, bytes, size, offset) == (ssize_t)size);
    close(file);
}

static off_t file_size(void)
{
    struct stat about;
    CHECK(stat(path, &about) == 0);
    return about.st_size;
}

static client_ring *abc(ix_ctx *cx)
{
    begin();
    client_ring *ring = opened(cx, SMALL);
    append(cx, ring, "a");
    append(cx, ring, "b");
    append(cx, ring, "c");
    return ring;
}

/* ---- keeping ---- */

TEST("records come back in their order, with their times, after the file was closed")
{
    ring_close(abc(cx));
    client_ring *ring = opened(cx, SMALL);
    CHECK_TEXT(all(cx, ring), "a b c ");
    ring_place place = ring_first(ring);
    ring_record record;
    CHECK(ring_next(cx, ring, &place, &record));
    CHECK_INT(record.at_us, 1);
    CHECK_INT(ring_count(ring).newest_us, 3);
    CHECK_INT(ring_count(ring).records, 3);
    ring_close(ring);
    unlink(path);
}

TEST("what was let go of is gone for good, the rest stays")
{
    client_ring *ring = abc(cx);
    release(cx, ring, 2);
    CHECK_INT(ring_count(ring).records, 1);
    ring_close(ring);
    CHECK_TEXT(kept(cx), "c ");
    unlink(path);
}

TEST("what is settled before its turn is not there any more, and its room is free when its turn "
     "comes")
{
    client_ring *ring = abc(cx);
    append(cx, ring, "d");
    settle(cx, ring, 1, 2);
    CHECK_TEXT(all(cx, ring), "a d ");
    CHECK_INT(ring_count(ring).records, 2);
    CHECK_INT(ring_first(ring).number, 1);
    ring_close(ring);

    ring = opened(cx, SMALL);
    CHECK_TEXT(all(cx, ring), "a d ");
    CHECK_INT(ring_count(ring).records, 2);
    CHECK_INT(ring_count(ring).damaged, 0);
    append(cx, ring, "e");
    settle(cx, ring, 0, 1);
    CHECK_INT(ring_first(ring).number, 4);
    CHECK_TEXT(all(cx, ring), "d e ");
    ring_close(ring);
    CHECK_TEXT(kept(cx), "d e ");
    unlink(path);
}

TEST("dropping counts what was not settled, and what was dropped meanwhile is not settled")
{
    client_ring *ring = abc(cx);
    ring_place place = ring_first(ring), places[3];
    ring_record record;
    for (int i = 0; i < 3; i++) {
        CHECK_OK(cx, ring_next(cx, ring, &place, &record));
        places[i] = record.at;
    }
    settle(cx, ring, 1, 1);
    CHECK_OK(cx, ring_drop(cx, ring, places[2], 1, 0));
    CHECK_TEXT(all(cx, ring), "c ");
    CHECK_INT(ring_count(ring).records, 1);
    append(cx, ring, "d");
    CHECK_OK(cx, ring_settle(cx, ring, places, 3, 1));
    CHECK_TEXT(all(cx, ring), "d ");
    CHECK_INT(ring_count(ring).records, 1);
    CHECK_INT(ring_count(ring).refused, 1);
    ring_close(ring);
    CHECK_TEXT(kept(cx), "d ");
    unlink(path);
}

TEST("the least time is known, and whether times are in order, of what is there")
{
    begin();
    client_ring *ring = opened(cx, SMALL);
    static const int64_t times[] = {5, 5, 9, 7, 8};
    for (int i = 0; i < 5; i++) {
        CHECK_OK(cx, ring_append(cx, ring, times[i], IX_STR("x")));
        CHECK_INT(ring_count(ring).is_ordered, i < 3);
        CHECK_INT(ring_count(ring).least_us, 5);
        CHECK_INT(ring_count(ring).newest_us, times[i]);
    }
    settle(cx, ring, 0, 3);
    ring_close(ring);
    ring = opened(cx, SMALL);
    CHECK_INT(ring_count(ring).least_us, 7);
    CHECK(ring_count(ring).is_ordered);
    ring_close(ring);
    unlink(path);
}

TEST("the ring goes round many times, at every offset, also where some are settled early")
{
    begin();
    client_ring *ring = opened(cx, SMALL);
    char text[300];
    for (int i = 0; i < 400; i++) {
        const int size = i * 7 % 280 + 1;
        memset(text, 'a' + i % 26, (size_t)size);
        text[size] = '\0';
        append(cx, ring, text);
        if (i % 7 == 3 && ring_count(ring).records > 1)
            settle(cx, ring, 1, 1);
        if (i % 3 == 2)
            release(cx, ring, ring_count(ring).records > 6 ? 5 : 1);
        if (i % 50 == 0) {
            const char *before = all(cx, ring);
            ring_close(ring);
            ring = opened(cx, SMALL);
            CHECK_TEXT(all(cx, ring), before);
        }
    }
    ring_close(ring);
    unlink(path);
}

TEST("room is made by dropping the oldest records, and they are counted")
{
    begin();
    client_ring *ring = opened(cx, SMALL);
    char text[1001];
    memset(text, 'x', sizeof text - 1);
    text[1000] = '\0';
    for (int i = 0; i < 4; i++) { /* 1024 bytes each: four fill it */
        text[0] = (char)('a' + i);
        append(cx, ring, text);
    }
    ring_place place = ring_first(ring);
    ring_record record;
    CHECK(!ring_has_room(ring, place, 1000));
    CHECK_OK(cx, ring_next(cx, ring, &place, &record));
    CHECK(ring_has_room(ring, place, 1000));
    CHECK_OK(cx, ring_drop(cx, ring, place, 1, 0));
    CHECK_INT(ring_count(ring).records, 3);
    text[0] = 'e';
    append(cx, ring, text);
    ring_close(ring);

    ring = opened(cx, SMALL);
    CHECK_INT(ring_count(ring).records, 4);
    CHECK_INT(ring_count(ring).dropped, 1);
    const char *records = all(cx, ring);
    CHECK(records[0] == 'b' && strrchr(records, 'e') == records + 3003);
    ring_close(ring);
    unlink(path);
}

TEST("a record larger than the ring, or than a record may be, can never be held")
{
    begin();
    client_ring *ring = opened(cx, SMALL);
    CHECK(ring_could_hold(ring, 4096 - RECORD_HEAD));
    CHECK(!ring_could_hold(ring, 4096 - RECORD_HEAD + 1));
    ring_close(ring);
    unlink(path);
    ring = opened(cx, 1 << 20);
    CHECK(ring_could_hold(ring, RING_RECORD_MAX));
    CHECK(!ring_could_hold(ring, RING_RECORD_MAX + 1));
    ring_close(ring);
    unlink(path);
}

TEST("a file with records keeps its size, an empty one takes the size that is asked for")
{
    client_ring *ring = abc(cx);
    ring_close(ring);
    ring = opened(cx, LARGE);
    CHECK_INT(file_size(), SMALL);
    release(cx, ring, 3);
    ring_close(ring);

    ring = opened(cx, LARGE);
    CHECK_INT(file_size(), LARGE);
    append(cx, ring, "d");
    release(cx, ring, 1);
    ring_close(ring);

    ring = opened(cx, SMALL);
    CHECK_INT(file_size(), SMALL);
    CHECK_INT(ring_count(ring).records, 0);
    append(cx, ring, "e");
    ring_close(ring);
    CHECK_TEXT(kept(cx), "e ");
    unlink(path);
}

/* ---- crashes and damage ---- */

TEST("a record torn anywhere is not there, and what is before it is")
{
    begin();
    client_ring *ring = opened(cx, SMALL);
    append(cx, ring, "first");
    const size_t size = RECORD_HEAD + 16;
    unsigned char before[64], after[64];
    file_read(RECORDS_BEGIN + 32, before, size);
    append(cx, ring, "second and last."); /* 16 bytes: no padding */
    ring_close(ring);
    file_read(RECORDS_BEGIN + 32, after, size);
    for (size_t cut = 0; cut < size; cut++) {
        file_write(RECORDS_BEGIN + 32, after, size);
        file_write(RECORDS_BEGIN + 32 + (off_t)cut, before + cut, size - cut);
        CHECK_TEXT(kept(cx), "first ");
    }
    ring = opened(cx, SMALL);
    append(cx, ring, "anew");
    ring_close(ring);
    CHECK_TEXT(kept(cx), "first anew ");
    unlink(path);
}

TEST("a damaged record in the middle is left out and counted, those behind it are found")
{
    ring_close(abc(cx));
    file_write(RECORDS_BEGIN + 32 + RECORD_HEAD, "X", 1);
    client_ring *ring = opened(cx, SMALL);
    CHECK_TEXT(all(cx, ring), "a c ");
    CHECK_INT(ring_count(ring).damaged, 1);
    CHECK_INT(ring_count(ring).records, 2);
    append(cx, ring, "d");
    release(cx, ring, 2);
    CHECK_INT(ring_count(ring).records, 1);
    ring_close(ring);
    CHECK_TEXT(kept(cx), "d ");
    unlink(path);
}

TEST("a damaged size does not lead astray, whatever it says")
{
    static const unsigned char sizes[][4] = {
        {0}, {1, 0, 0, 0x80}, {9, 0, 0, 0xa5}, {255, 255, 255, 255}, {0, 0, 1, 0}, {1},
        {9}, {0, 16, 0, 0}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ring_close(abc(cx));
        file_write(RECORDS_BEGIN, sizes[i], 4);
        const bool is_right = sizes[i][0] == 1 && !memcmp(sizes[i] + 1, "\0\0", 3);
        CHECK_TEXT(kept(cx), is_right ? "a b c " : "b c ");
        unlink(path);
    }
}

TEST("one head may be torn: the other one holds")
{
    unsigned char noise[64];
    memset(noise, 0xa5, sizeof noise);
    for (int which = 0; which < 2; which++) {
        client_ring *ring = abc(cx);
        release(cx, ring, 1); /* the second head that is written: A */
        ring_close(ring);
        file_write(which ? HEAD_B : 0, noise, sizeof noise);
        /* The younger one lost, what it let go of is there again: it will be sent twice. */
        CHECK_TEXT(kept(cx), which ? "b c " : "a b c ");
        unlink(path);
    }
}

TEST("a file whose making was cut short is made anew")
{
    begin();
    const int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHECK(ftruncate(file, SMALL) == 0);
    close(file);
    CHECK_TEXT(kept(cx), "");
    unlink(path);
}

/* ---- refusals ---- */

TEST("a file of something else, and one with both heads damaged, are refused and left alone")
{
    begin();
    const int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    close(file);
    file_write(0, "The diary of somebody", 21);
    CHECK_FAILS(cx, ring_open(cx, path, SMALL, true), IOTS_USAGE);
    CHECK_INT(file_size(), 21);
    unlink(path);

    ring_close(abc(cx));
    file_write(HEAD_B + 20, "X", 1);
    CHECK_FAILS(cx, ring_open(cx, path, SMALL, true), IOTS_USAGE);
    unlink(path);
}

TEST("a buffer that was cut short is refused")
{
    ring_close(abc(cx));
    CHECK(truncate(path, SMALL - 1000) == 0);
    CHECK_FAILS(cx, ring_open(cx, path, SMALL, true), IOTS_USAGE);
    unlink(path);
}

TEST("a file that is open already is not opened again")
{
    client_ring *ring = abc(cx);
    CHECK_FAILS(cx, ring_open(cx, path, SMALL, true), IOTS_CONFLICT);
    ring_close(ring);
    CHECK_TEXT(kept(cx), "a b c ");
    unlink(path);
}

TEST("a folder, and a path that leads nowhere, are refused")
{
    CHECK_FAILS(cx, ring_open(cx, "/tmp", SMALL, true), IOTS_USAGE);
    CHECK_FAILS(cx, ring_open(cx, "/tmp/no such folder/buffer", SMALL, true), IOTS_USAGE);
}

/* ---- a full disk: files may not be larger than so many bytes ---- */

static struct rlimit usual;

static void disk_end_at(rlim_t bytes)
{
    CHECK(getrlimit(RLIMIT_FSIZE, &usual) == 0);
    signal(SIGXFSZ, SIG_IGN); /* the write says it as well */
    CHECK(setrlimit(RLIMIT_FSIZE, &(struct rlimit){bytes, usual.rlim_max}) == 0);
}

static void disk_grow(void)
{
    CHECK(setrlimit(RLIMIT_FSIZE, &usual) == 0);
    signal(SIGXFSZ, SIG_DFL);
}

TEST("a disk without room for the file shows when it is made, not later")
{
    begin();
    disk_end_at(10000);
    client_ring *ring = ring_open(cx, path, SMALL, true);
    disk_grow();
    CHECK_FAILS(cx, ring, IOTS_NO_ROOM);
    CHECK_INT(file_size(), 0);
    CHECK_TEXT(kept(cx), "");
    unlink(path);
}

TEST("a record that finds no room on the disk is not there, and the next one finds its place")
{
    client_ring *ring = abc(cx);
    disk_end_at(RECORDS_BEGIN + 100);
    const bool ok = ring_append(cx, ring, 4, IX_STR("a record that is cut in the middle"));
    disk_grow();
    CHECK_FAILS(cx, ok, IOTS_NO_ROOM);
    CHECK_TEXT(all(cx, ring), "a b c ");
    append(cx, ring, "d");
    ring_close(ring);
    CHECK_TEXT(kept(cx), "a b c d ");
    unlink(path);
}

TEST("a disk that failed once is not trusted again, until the file is opened anew")
{
    client_ring *ring = abc(cx);
    disk_fails = true;
    CHECK_FAILS(cx, ring_append(cx, ring, 4, IX_STR("d")), IOTS_INTERNAL);
    disk_fails = false;
    CHECK_FAILS(cx, ring_append(cx, ring, 4, IX_STR("d")), IOTS_INTERNAL);
    const ring_place first = ring_first(ring);
    CHECK_FAILS(cx, ring_settle(cx, ring, &first, 1, 0), IOTS_INTERNAL);
    CHECK_FAILS(cx, ring_drop(cx, ring, ring_behind(ring), 1, 0), IOTS_INTERNAL);
    CHECK_TEXT(all(cx, ring), "a b c ");
    ring_close(ring);
    CHECK_TEXT(kept(cx), "a b c d "); /* not acknowledged, but there */
    unlink(path);
}
