/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libiots: values that wait in a file while the server cannot be reached.
 *
 *     iots_api *api = iots_api_new(IOTS_API_OPTS(.host = "https://iots.example.org"));
 *     iots_api_set_credentials(api, id, secret, "thing", NULL);
 *     iots_offline *buffer = iots_offline_open(api, "/var/lib/sensor/values", NULL);
 *     iots_thing boiler = iots_space_thing(iots_api_space(api, "farm"), "01GQ2E9M2Y...");
 *     for (;;) {
 *         iots_reply *kept = iots_offline_update(buffer, boiler, "temperature", iots_number(21.5));
 *         if (!iots_ok(kept))
 *             fprintf(stderr, "%s\n", iots_error_report(kept));
 *         iots_reply_free(kept);
 *         sleep(10);
 *     }
 *     iots_offline_close(buffer);
 *     iots_api_free(api);
 *
 * What is promised:
 *
 * - A reply of IOTS_OK means that the value is with the server (its status is 200), or on the disk of
 *   this machine (its status is 0). A value on the disk survives the end of the program, however it
 *   ends, and a power cut; see `.sync` for when not.
 * - Values that wait are sent in the order in which they came, and each with the time at which it
 *   came: into the history of its property. The newest one that has arrived becomes the current
 *   value of the property, as if it were set now; a value that somebody else has set meanwhile is
 *   replaced. It makes no second entry in the history.
 * - Sending may be cut off at any point and begins again where it is not known to have arrived. A
 *   value that the history has already, at that time, is not stored twice.
 * - No value of a property overtakes another one of it that waits: it is put behind it. Their order is
 *   that in which they came, whatever the clock does, and over restarts.
 *
 * What the server does not take:
 *
 * - It cannot be reached, is in trouble or too busy, does not know us, or something else answers in its
 *   place (a login page on the way, say): all values wait, and the server is left in peace for
 *   `.retry_ms`. It is the same while the client's secret or token is refused (IOTS_UNAUTHENTICATED).
 * - It refuses values of one property, or fails at them (IOTS_FORBIDDEN, IOTS_INTERNAL,
 *   IOTS_NOT_IMPLEMENTED, IOTS_METHOD_NOT_ALLOWED, IOTS_UNSUPPORTED_MEDIA_TYPE): this property is held
 *   back, and the others go on. Its values wait in the file and are tried again, after `.retry_ms` at
 *   first and twice as long each time, up to an hour, and by each iots_offline_flush(). If the file has
 *   no room any more, they
 *   are given up before anything else and count as refused.
 * - It will never take a value (IOTS_INVALID, IOTS_NOT_FOUND, IOTS_TOO_LARGE, where it says so in its
 *   own words): that is taken out of the file and counted as refused. A Thing addressed by way of a
 *   Category is not found any more once it has left that.
 *
 * What becomes of a value that way goes to `.report`.
 *
 * The time of a value is that of this machine's clock when it came, in microseconds. If the clock is set
 * while values wait, those that came since the machine was started are put right by as much when they
 * are sent. If it is off by more than five minutes from what the server says (`Date`), it is the server's
 * time that counts, and `.clock_wrong` is called. Where that does not help, a value gets a time no
 * later than that of the one that came after it, and no later than that of its sending: so with one
 * whose time is in the future, and one of before 2024, when the clock had not been set.
 *
 * Where that ends:
 *
 * - A value whose answer was lost is kept and sent again. If the server did get it, its history has
 *   it twice: at the server's time, and at ours.
 * - A value at a time at which the history has another one moves on by a microsecond, at most 16
 *   times. A client that may not read the history passes over what is there at that time instead,
 *   since it may be its own.
 * - If the current value may not be set (IOTS_FORBIDDEN), the history has the values all the same.
 * - A value that was on its way when the clock was set may be stored at both times.
 *
 * An iots_offline may be used by several threads at once, but for opening and closing it. One program
 * at a time has a file open.
 */
#ifndef IOTS_OFFLINE_H
#define IOTS_OFFLINE_H

#include <iots/iots.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct iots_offline iots_offline; /* a buffer; close it with iots_offline_close() */

/* What to do with a value for which the file has no room. */
typedef enum iots_offline_full {
    IOTS_OFFLINE_DROP = 0,   /* drop the oldest ones, as many as need be, and count them */
    IOTS_OFFLINE_REFUSE = 1, /* refuse it: IOTS_NO_ROOM */
} iots_offline_full;

/* What can be counted, and read. */
typedef enum iots_offline_what {
    IOTS_OFFLINE_WAITING, /* values in the file */
    IOTS_OFFLINE_DROPPED, /* by IOTS_OFFLINE_DROP, since the file was made; some of them may have
                             been on their way and arrived */
    IOTS_OFFLINE_REFUSED, /* by the server, for good, or given up, since the file was made */
    IOTS_OFFLINE_DAMAGED, /* could not be read any more when the file was opened */
    IOTS_OFFLINE_HELD,    /* of those that wait: held back, as far as it is known since the file was
                             opened */
} iots_offline_what;

/* What has become of a value. */
typedef struct iots_offline_report {
    size_t size;            /* as the library knows this struct */
    iots_offline_what what; /* IOTS_OFFLINE_REFUSED: it is not in the file any more, and so with
                               IOTS_OFFLINE_DROPPED. IOTS_OFFLINE_HELD: values of this property are
                               held back; said once, until they go again */
    iots_thing thing;
    const char *property;
    const char *json;        /* the value; NULL with IOTS_OFFLINE_HELD */
    int64_t at_us;           /* when it came, by this machine's clock: microseconds since 1970 */
    const iots_reply *reply; /* what the server says; NULL if the value had to make room */
} iots_offline_report;

/* How to keep values. */
typedef struct iots_offline_opts {
    size_t size; /* sizeof(iots_offline_opts); IOTS_OFFLINE sets it */

    size_t max_bytes; /* of the file, which has this size from the start: 12 KiB to 1 GiB. A value
                         takes about 30 bytes, the lengths of its names, and its own as JSON. A
                         file with values in it keeps its size. 0: 1 MiB */
    iots_offline_full when_full;
    iots_tristate
        sync;     /* is each value brought to the disk before it is acknowledged? Default: yes.
                         IOTS_NO: it is with the system, which survives the end of the program, but
                         not a power cut; that is faster and wears a flash memory less */
    int retry_ms; /* after the server could not be reached, iots_offline_update() leaves it in
                         peace for so many milliseconds. 0: 10000; negative: until the next
                         iots_offline_flush() */

    /* What is to be known about. Both are called from iots_offline_update() and
     * iots_offline_flush(), by whatever thread calls these, and must not call anything of this
     * buffer. NULL: nothing is reported. */

    /* Something has become of a value that waited. The report and all in it are borrowed. */
    void (*report)(const iots_offline_report *report, void *user);

    /* The clock of this machine is wrong: it is ahead of the server's by so many milliseconds, or behind
     * if that is negative. Reported again only after it has been right. */
    void (*clock_wrong)(int64_t ahead_ms, void *user);

    void *user; /* handed to both */
} iots_offline_opts;

#ifndef __cplusplus
#define IOTS_OFFLINE(...) \
    (&(const iots_offline_opts){.size = sizeof(iots_offline_opts), __VA_ARGS__})
#endif

/**
 * Open a buffer, or make one. Nothing is asked of the server.
 *
 * api     where values go; used until the buffer is closed, so end it afterwards
 * path    the file: made if it is not there, readable for its owner only. Its folder must exist
 * opts    IOTS_OFFLINE(...), or NULL; copied
 *
 * Returns a buffer; close it with iots_offline_close(). NULL only if out of memory; the functions
 * below take that, too. If the file could not be opened, iots_offline_error() says why, and so does
 * every call: IOTS_CONFLICT (another program uses it), IOTS_NO_ROOM (the disk is full), IOTS_USAGE
 * (there is no such folder, no permission; the file is not a buffer, or its beginning is damaged),
 * IOTS_INTERNAL (the disk fails).
 */
IOTS_API iots_offline *iots_offline_open(iots_api *api, const char *path,
                                         const iots_offline_opts *opts);

/** Why the buffer could not be opened; "" if all is well. Valid until the buffer is closed. */
IOTS_API const char *iots_offline_error(const iots_offline *buffer);

/**
 * Set one property of a Thing, now or later.
 *
 * Asks the server, as iots_property_update() does, if no other value of this property waits, and none
 * that has not been tried yet. If the server cannot take it now (see above), or values wait already,
 * it is put into the file. If it is time to try again, up to 256 of those that wait are then sent.
 *
 * thing    where; its API is to be that of the buffer
 * name     the property
 * value    copied before the call returns; JSON of any kind
 *
 * Returns a reply, never NULL; free it with iots_reply_free(). Its status is 200 if the server has
 * the value, 0 if it waits. Codes: IOTS_INVALID, IOTS_NOT_FOUND, IOTS_TOO_LARGE (the server will never
 * take it); IOTS_NO_ROOM (the file is full and refuses, or the disk is full), IOTS_TOO_LARGE (names
 * and value are more than 64 KiB, or than the file), IOTS_USAGE, IOTS_NO_MEMORY, IOTS_INTERNAL (the
 * disk failed: values cannot be kept any more). The value is then not kept.
 *
 * Blocks as the calls do that it makes, and until the disk has the value.
 */
IOTS_API iots_reply *iots_offline_update(iots_offline *buffer, iots_thing thing, const char *name,
                                         iots_value value);

/**
 * Send all that waits, now: when a connection has come up, say, or before the program ends.
 *
 * Returns a reply, never NULL; free it with iots_reply_free(). IOTS_OK: nothing waits any more of what
 * did when it was called. IOTS_FORBIDDEN, IOTS_INTERNAL, IOTS_NOT_IMPLEMENTED, IOTS_METHOD_NOT_ALLOWED,
 * IOTS_UNSUPPORTED_MEDIA_TYPE: values of some property are held back, the first one for this reason;
 * all others went. IOTS_INVALID, IOTS_NOT_FOUND, IOTS_TOO_LARGE: nothing waits any more, but some values
 * were refused for good, the first one for this reason. Any other code: what stopped it; the rest
 * waits. Blocks until it is done or a request fails; other threads may go on with updates.
 */
IOTS_API iots_reply *iots_offline_flush(iots_offline *buffer);

/** How many there are of something, see iots_offline_what. 0 if the buffer could not be opened. */
IOTS_API uint64_t iots_offline_count(iots_offline *buffer, iots_offline_what what);

/** Close a buffer. What waits stays in the file. No other thread may use it any more. */
IOTS_API void iots_offline_close(iots_offline *buffer);

#ifdef __cplusplus
}
#endif

#endif
