/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file, all numbers in little-endian order:
 *
 *     0       head A                 4096 bytes, of which 64 are used
 *     4096    head B                 likewise
 *     8192    the ring               to the end of the file
 *
 *     head    8  "iotsbuf1"          the 1 is the version
 *             8  turn                which of the two heads is younger: A has the even ones
 *             8  bytes               of the ring; a multiple of 8
 *             8  first place         where the oldest record begins
 *             8  first number        the number of that record, from 1
 *             8  dropped             records, since the file was made
 *             8  refused             likewise
 *             4  zero
 *             4  CRC-32C             of the 60 bytes before
 *
 *     record  3  size                of its bytes, at most RING_RECORD_MAX
 *             1  zero                or SETTLED: nobody needs it any more
 *             4  CRC-32C             of the rest of the record, without padding
 *             8  number              one more than that of the record before
 *             8  time                microseconds since 1970
 *             .. its bytes, then zeros up to a multiple of 8
 *
 * Heads are written in turns, so that one torn by a crash leaves the other. Where the records end is
 * written nowhere: it is behind the last record whose checksum is right and whose number goes on
 * from the one before. A record torn by a crash is therefore not there, and was never acknowledged;
 * what remains of an earlier round of the ring has lower numbers. If something in the middle has
 * been damaged, records behind it are found by their numbers.
 *
 * Records are let go of in their order, by moving the head; one that is settled before its turn is
 * marked in its place, which is one byte and cannot be torn. If the mark does not reach the disk, the
 * record is there again.
 *
 * The head moves before the place of a dropped record is written over: at no moment does it point
 * into a younger record.
 */
#include "client/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crc32c.h"

enum {
    HEAD_BLOCK = 4096, /* no disk tears two heads at once */
    HEAD_SIZE = 64,
    RING_BEGIN = 2 * HEAD_BLOCK,
    RECORD_HEAD = 24,
    SETTLED = 0xa5,          /* more than one bit, so that damage does not look like it */
    SETTLED_AT = 3,          /* where it stands in a record */
    SEARCH_BYTES = 32 << 10, /* looked through at once for a record behind damage */
};

#define MAGIC "iotsbuf1"

typedef struct head {
    uint64_t turn;
    uint64_t bytes;
    ring_place first;
    uint64_t dropped;
    uint64_t refused;
} head;

struct client_ring {
    int file;
    bool is_synced;
    bool is_broken; /* the disk failed once */
    head head;
    ring_place behind; /* the last record */
    uint64_t count;
    uint64_t damaged;
    int64_t newest_us, least_us; /* see ring_counts, also for the next one */
    bool is_ordered;
};

/* A record as its head describes it, and where it was found. */
typedef struct found {
    ring_place at;
    int64_t at_us;
    size_t size;
    bool is_settled;
    ix_str bytes; /* at is NULL: there is none */
} found;

/* ---- numbers ---- */

static void put_number(unsigned char *at, uint64_t number, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (unsigned char)(number >> (8 * i));
}

static uint64_t get_number(const unsigned char *at, int bytes)
{
    uint64_t number = 0;
    for (int i = bytes; i-- > 0;)
        number = number << 8 | at[i];
    return number;
}

static uint64_t padded(size_t bytes)
{
    return (RECORD_HEAD + (uint64_t)bytes + 7) & ~UINT64_C(7);
}

/* ---- the file ---- */

static bool fail_file(ix_ctx *cx, const char *what)
{
    const int error = errno;
    const bool is_full = error == ENOSPC || error == EFBIG || error == EDQUOT;
    return ix_fail(cx, is_full ? IOTS_NO_ROOM : IOTS_INTERNAL, "the buffer file cannot be %s: %s",
                   what, strerror(error));
}

static bool read_at(ix_ctx *cx, int file, uint64_t offset, void *bytes, size_t size)
{
    unsigned char *at = bytes;
    while (size > 0) {
        const ssize_t got = pread(file, at, size, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got < 0 ? errno : EIO; /* shorter than it says */
            return fail_file(cx, "read");
        }
        at += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return true;
}

static bool write_at(ix_ctx *cx, int file, uint64_t offset, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    while (size > 0) {
        const ssize_t put = pwrite(file, at, size, (off_t)offset);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return fail_file(cx, "written");
        at += put;
        offset += (uint64_t)put;
        size -= (size_t)put;
    }
    return true;
}

/* What could not be brought to the disk may be lost although a later attempt succeeds, so there is
 * none. */
static bool sync_file(ix_ctx *cx, client_ring *ring)
{
    if (!ring->is_synced || fdatasync(ring->file) == 0)
        return true;
    ring->is_broken = true;
    return fail_file(cx, "brought to the disk");
}

static bool check_whole(ix_ctx *cx, const client_ring *ring)
{
    return !ring->is_broken ||
           ix_fail(cx, IOTS_INTERNAL, "the buffer file could not be brought to the disk before");
}

/* A stretch of the ring lies in the file in one piece, or in two. */
typedef struct pieces {
    uint64_t offset; /* of the first one, in the file */
    size_t first;    /* its size; the second one is at the beginning of the ring */
} pieces;

static pieces pieces_of(const client_ring *ring, uint64_t place, size_t size)
{
    const uint64_t offset = place % ring->head.bytes;
    const uint64_t to_end = ring->head.bytes - offset;
    return (pieces){RING_BEGIN + offset, size < to_end ? size : (size_t)to_end};
}

static bool read_ring(ix_ctx *cx, const client_ring *ring, uint64_t place, unsigned char *bytes,
                      size_t size)
{
    const pieces pieces = pieces_of(ring, place, size);
    return read_at(cx, ring->file, pieces.offset, bytes, pieces.first) &&
           read_at(cx, ring->file, RING_BEGIN, bytes + pieces.first, size - pieces.first);
}

static bool write_ring(ix_ctx *cx, const client_ring *ring, uint64_t place,
                       const unsigned char *bytes, size_t size)
{
    const pieces pieces = pieces_of(ring, place, size);
    return write_at(cx, ring->file, pieces.offset, bytes, pieces.first) &&
           write_at(cx, ring->file, RING_BEGIN, bytes + pieces.first, size - pieces.first);
}

/* ---- heads ---- */

static bool head_write(ix_ctx *cx, client_ring *ring, head head)
{
    unsigned char bytes[HEAD_SIZE] = MAGIC;
    head.turn = ring->head.turn + 1;
    const uint64_t numbers[] = {head.turn,         head.bytes,   head.first.place,
                                head.first.number, head.dropped, head.refused};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        put_number(bytes + 8 + 8 * i, numbers[i], 8);
    put_number(bytes + HEAD_SIZE - 4, ix_crc32c(bytes, HEAD_SIZE - 4), 4);

    const uint64_t offset = head.turn % 2 * HEAD_BLOCK;
    if (!write_at(cx, ring->file, offset, bytes, sizeof bytes) || !sync_file(cx, ring))
        return false;
    ring->head = head;
    return true;
}

/* Takes a head that is one and younger than what is at `ret`. */
static void head_take(const unsigned char *bytes, uint64_t file_bytes, head *ret)
{
    if (memcmp(bytes, MAGIC, 8) != 0 ||
        get_number(bytes + HEAD_SIZE - 4, 4) != ix_crc32c(bytes, HEAD_SIZE - 4))
        return;
    uint64_t numbers[6];
    for (size_t i = 0; i < 6; i++)
        numbers[i] = get_number(bytes + 8 + 8 * i, 8);
    const head head = {numbers[0], numbers[1], {numbers[2], numbers[3]}, numbers[4], numbers[5]};
    if (head.turn > ret->turn && head.bytes >= 8 && head.bytes % 8 == 0 &&
        head.bytes <= file_bytes - RING_BEGIN)
        *ret = head;
}

static bool is_all_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i])
            return false;
    }
    return true;
}

/* Reads the younger head. One of turn 0 means that the file was never finished. */
static bool head_read(ix_ctx *cx, client_ring *ring, uint64_t file_bytes)
{
    unsigned char blocks[RING_BEGIN] = {0};
    const size_t size = file_bytes < RING_BEGIN ? (size_t)file_bytes : RING_BEGIN;
    if (!read_at(cx, ring->file, 0, blocks, size))
        return false;
    if (file_bytes > RING_BEGIN) {
        head_take(blocks, file_bytes, &ring->head);
        head_take(blocks + HEAD_BLOCK, file_bytes, &ring->head);
    }
    return ring->head.turn || is_all_zero(blocks, size) ||
           ix_fail(cx, IOTS_USAGE, "the file is not a buffer, or the beginning of it is damaged");
}

/* ---- records ---- */

/* Could this be the head of a record with a number from `least` on, within `room` bytes? */
static bool record_seems(const unsigned char *bytes, uint64_t least, uint64_t room, found *ret)
{
    ret->size = (size_t)get_number(bytes, SETTLED_AT);
    ret->is_settled = bytes[SETTLED_AT] == SETTLED;
    ret->at.number = get_number(bytes + 8, 8);
    ret->at_us = (int64_t)get_number(bytes + 16, 8);
    return (ret->is_settled || bytes[SETTLED_AT] == 0) && ret->size <= RING_RECORD_MAX &&
           padded(ret->size) <= room && ret->at.number >= least;
}

/* Reads the record at a place, if there is one there, with this number or a later one, that ends at
 * `limit` or before. */
static bool record_read(ix_ctx *cx, const client_ring *ring, ring_place at, uint64_t limit,
                        found *ret)
{
    unsigned char head[RECORD_HEAD];
    *ret = (found){.at = at};
    if (limit - at.place < RECORD_HEAD)
        return true;
    if (!read_ring(cx, ring, at.place, head, sizeof head))
        return false;
    if (!record_seems(head, at.number, limit - at.place, ret))
        return true;
    const size_t size = RECORD_HEAD + ret->size;
    unsigned char *record = ix_alloc(cx, size + 1);
    if (!record || !read_ring(cx, ring, at.place, record, size))
        return false;
    if (get_number(record + 4, 4) == ix_crc32c(record + 8, size - 8))
        ret->bytes = (ix_str){(const char *)record + RECORD_HEAD, ret->size};
    return true;
}

/* The same for any place from there to `limit`: behind damage. */
static bool record_search(ix_ctx *cx, const client_ring *ring, ring_place at, uint64_t limit,
                          found *ret)
{
    unsigned char *window = ix_alloc(cx, SEARCH_BYTES);
    if (!window)
        return false;
    while (limit - at.place >= RECORD_HEAD) {
        const uint64_t left = limit - at.place;
        const size_t size = left < SEARCH_BYTES ? (size_t)left : SEARCH_BYTES;
        if (!read_ring(cx, ring, at.place, window, size))
            return false;
        for (size_t i = 0; i + RECORD_HEAD <= size; i += 8, at.place += 8) {
            if (!record_seems(window + i, at.number, limit - at.place, ret))
                continue;
            if (!record_read(cx, ring, at, limit, ret))
                return false;
            if (ret->bytes.at)
                return true;
        }
    }
    *ret = (found){0};
    return true;
}

/* The next record, from a place on. */
static bool record_find(ix_ctx *cx, const client_ring *ring, ring_place at, uint64_t limit,
                        found *ret)
{
    if (!record_read(cx, ring, at, limit, ret))
        return false;
    return ret->bytes.at || limit == at.place || record_search(cx, ring, at, limit, ret);
}

static ring_place behind(const found *found)
{
    return (ring_place){found->at.place + padded(found->size), found->at.number + 1};
}

/* One more record: at the end, and not settled. */
static void record_count(client_ring *ring, int64_t at_us)
{
    const bool is_first = ring->count == 0;
    ring->is_ordered = is_first || (ring->is_ordered && at_us >= ring->newest_us);
    ring->least_us = is_first || at_us < ring->least_us ? at_us : ring->least_us;
    ring->newest_us = at_us;
    ring->count++;
}

/* ---- opening ---- */

/* Goes through all records once, to see where they end. */
static bool records_count(ix_ctx *cx, client_ring *ring)
{
    const uint64_t limit = ring->head.first.place + ring->head.bytes;
    ring->behind = ring->head.first;
    for (;;) {
        ix_ctx passing; /* so that memory for one record at a time is enough */
        found found;
        const bool ok =
            ix_ctx_init(&passing, 0) && record_find(&passing, ring, ring->behind, limit, &found);
        if (!ok)
            ix_ctx_forward_error(cx, &passing);
        ix_ctx_done(&passing);
        if (!ok || !found.bytes.at)
            return ok;
        ring->damaged += found.at.number - ring->behind.number;
        ring->behind = behind(&found);
        if (!found.is_settled)
            record_count(ring, found.at_us);
    }
}

/* Takes room from the disk for all of the file. */
static bool file_allocate(ix_ctx *cx, const client_ring *ring, size_t file_bytes)
{
    int error;
    do {
        error = posix_fallocate(ring->file, 0, (off_t)file_bytes);
    } while (error == EINTR);
    errno = error;
    return error == 0 || fail_file(cx, "given its size");
}

/* Gives a file without records the size that is wanted. */
static bool ring_resize(ix_ctx *cx, client_ring *ring, size_t file_bytes)
{
    head head = ring->head;
    head.bytes = (file_bytes - RING_BEGIN) & ~UINT64_C(7);
    if (ring->count > 0 || head.bytes == ring->head.bytes)
        return true;
    /* What is left of former records has lower numbers, and what never was one has 0. */
    head.first = (ring_place){0, ring->behind.number ? ring->behind.number : 1};
    if (!file_allocate(cx, ring, file_bytes) || !head_write(cx, ring, head))
        return false;
    ring->behind = head.first;
    return ftruncate(ring->file, (off_t)file_bytes) == 0 || fail_file(cx, "given its size");
}

/* The name of a file that was made reaches the disk with its folder. */
static void sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    const int file = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (file >= 0) {
        fsync(file); /* some file systems have no such thing */
        close(file);
    }
    free(folder);
}

static bool ring_begin(ix_ctx *cx, client_ring *ring, const char *path, size_t file_bytes)
{
    struct stat about;
    if (flock(ring->file, LOCK_EX | LOCK_NB) != 0)
        return ix_fail(cx, errno == EWOULDBLOCK ? IOTS_CONFLICT : IOTS_INTERNAL,
                       errno == EWOULDBLOCK ? "the buffer file is in use by another program"
                                            : "the buffer file cannot be locked");
    if (fstat(ring->file, &about) != 0)
        return fail_file(cx, "read");
    if (!S_ISREG(about.st_mode))
        return ix_fail(cx, IOTS_USAGE, "the buffer is to be a file, and this is none");
    if (!head_read(cx, ring, (uint64_t)about.st_size))
        return false;
    const bool is_made = !ring->head.turn;
    if (!is_made && !records_count(cx, ring))
        return false;
    if (!ring_resize(cx, ring, file_bytes)) {
        /* If the room it took cannot be given back, the next one to open it goes on with it. */
        ring->is_broken = is_made && ftruncate(ring->file, 0) != 0;
        return false;
    }
    if (is_made && ring->is_synced)
        sync_folder(path);
    return true;
}

client_ring *ring_open(ix_ctx *cx, const char *path, size_t file_bytes, bool is_synced)
{
    client_ring *ring = calloc(1, sizeof *ring);
    if (!ring) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    ring->is_synced = is_synced;
    ring->file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (ring->file < 0)
        ix_fail(cx, errno == ENOSPC || errno == EDQUOT ? IOTS_NO_ROOM : IOTS_USAGE, "%s",
                strerror(errno));
    if (ring->file < 0 || !ring_begin(cx, ring, path, file_bytes)) {
        ring_close(ring);
        return NULL;
    }
    return ring;
}

void ring_close(client_ring *ring)
{
    if (!ring)
        return;
    if (ring->file >= 0)
        close(ring->file);
    free(ring);
}

/* ---- using it ---- */

ring_counts ring_count(const client_ring *ring)
{
    return (ring_counts){
        .records = ring->count,
        .dropped = ring->head.dropped,
        .refused = ring->head.refused,
        .damaged = ring->damaged,
        .newest_us = ring->newest_us,
        .least_us = ring->least_us,
        .is_ordered = ring->is_ordered,
    };
}

bool ring_could_hold(const client_ring *ring, size_t bytes)
{
    return bytes <= RING_RECORD_MAX && padded(bytes) <= ring->head.bytes;
}

/* Bytes between the last record and where the first one comes again. */
static uint64_t room(const client_ring *ring, ring_place first)
{
    return ring->head.bytes - (ring->behind.place - first.place);
}

bool ring_has_room(const client_ring *ring, ring_place first, size_t bytes)
{
    return ring_could_hold(ring, bytes) && padded(bytes) <= room(ring, first);
}

ring_place ring_first(const client_ring *ring)
{
    return ring->head.first;
}

ring_place ring_behind(const client_ring *ring)
{
    return ring->behind;
}

bool ring_next(ix_ctx *cx, const client_ring *ring, ring_place *place, ring_record *ret)
{
    found found;
    if (place->place < ring->head.first.place)
        *place = ring->head.first;
    do {
        if (!record_find(cx, ring, *place, ring->behind.place, &found))
            return false;
        *place = found.bytes.at ? behind(&found) : ring->behind;
    } while (found.bytes.at && found.is_settled);
    *ret = (ring_record){found.at, found.at_us, found.bytes};
    return true;
}

/* Moves the head over `count` records that were not settled before to `place`. */
static bool head_move(ix_ctx *cx, client_ring *ring, ring_place place, uint64_t count, head head)
{
    head.first = place;
    if (!check_whole(cx, ring) || !head_write(cx, ring, head))
        return false;
    ring->count -= count;
    return true;
}

bool ring_drop(ix_ctx *cx, client_ring *ring, ring_place place, uint64_t dropped, uint64_t refused)
{
    head head = ring->head;
    ring_place at = head.first;
    uint64_t count = 0;
    while (at.place < place.place) {
        found found;
        if (!record_find(cx, ring, at, ring->behind.place, &found))
            return false;
        at = found.bytes.at ? behind(&found) : ring->behind;
        count += found.bytes.at && !found.is_settled && at.place <= place.place;
    }
    if (place.place == ring->behind.place)
        count = ring->count; /* also what cannot be read any more */
    head.dropped += dropped;
    head.refused += refused;
    return head_move(cx, ring, place, count, head);
}

/* How far the head can move over records that are settled, or among these, of which *used are passed. If
 * the rest cannot be read any more, all of it goes. */
static bool settled_pass(ix_ctx *cx, const client_ring *ring, const ring_place *settled,
                         size_t count, ring_place *ret, size_t *used)
{
    *ret = ring->head.first;
    while (ret->place < ring->behind.place) {
        found found;
        if (!record_find(cx, ring, *ret, ring->behind.place, &found))
            return false;
        const bool is_given = *used < count && settled[*used].place == found.at.place;
        if (found.bytes.at && !is_given && !found.is_settled)
            break;
        *used += is_given;
        *ret = found.bytes.at ? behind(&found) : ring->behind;
    }
    return true;
}

/* Marks them in their places. */
static bool settled_mark(ix_ctx *cx, const client_ring *ring, const ring_place *settled,
                         size_t count)
{
    static const unsigned char mark = SETTLED;
    for (size_t i = 0; i < count; i++) {
        if (!write_ring(cx, ring, settled[i].place + SETTLED_AT, &mark, 1))
            return false;
    }
    return true;
}

bool ring_settle(ix_ctx *cx, client_ring *ring, const ring_place *settled, size_t count,
                 uint64_t refused)
{
    head head = ring->head;
    for (; count > 0 && settled->place < head.first.place; settled++)
        count--; /* dropped meanwhile */
    ring_place first;
    size_t used = 0;
    if (!check_whole(cx, ring) || !settled_pass(cx, ring, settled, count, &first, &used) ||
        !settled_mark(cx, ring, settled + used, count - used))
        return false;
    head.refused += refused;
    if (first.place == ring->behind.place)
        count = ring->count;
    if (first.place != head.first.place || refused > 0)
        return head_move(cx, ring, first, count, head);
    if (count > 0 && !sync_file(cx, ring))
        return false;
    ring->count -= count;
    return true;
}

bool ring_append(ix_ctx *cx, client_ring *ring, int64_t at_us, ix_str bytes)
{
    if (!check_whole(cx, ring))
        return false;
    const size_t size = (size_t)padded(bytes.len);
    unsigned char *record = ix_alloc(cx, size);
    if (!record)
        return false;
    put_number(record, bytes.len, 4);
    put_number(record + 8, ring->behind.number, 8);
    put_number(record + 16, (uint64_t)at_us, 8);
    if (bytes.len > 0)
        memcpy(record + RECORD_HEAD, bytes.at, bytes.len);
    put_number(record + 4, ix_crc32c(record + 8, RECORD_HEAD - 8 + bytes.len), 4);
    if (!write_ring(cx, ring, ring->behind.place, record, size) || !sync_file(cx, ring))
        return false;
    ring->behind.place += size;
    ring->behind.number++;
    record_count(ring, at_us);
    return true;
}
