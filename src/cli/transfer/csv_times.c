/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The times of rows. Where a row by itself is not plain, those around it tell: which number of a date is
 * the day, and in which order times come.
 */
#include "cli/transfer/csv_file.h"

enum { SAMPLE_BYTES = 256 * 1024 }; /* looked at ahead */

/* ---- times ---- */

/* The text of a row's time; its parts are joined by blanks. In cx. */
static bool time_text(const csv_file *file, const cli_csv *csv, ix_ctx *cx, ix_str *ret)
{
    *ret = csv_field(csv, file->times[0]);
    if (ret->len == 0 && file->columns[file->times[0]].otherwise)
        *ret = ix_str_of(file->columns[file->times[0]].otherwise);
    if (file->time_count == 1)
        return true;
    ix_buf text = {0};
    for (size_t i = 0; i < file->time_count; i++) {
        const ix_str part = ix_str_trim(csv_field(csv, file->times[i]));
        ix_buf_text(&text, text.len > 0 && part.len > 0 ? " " : "");
        ix_buf_str(&text, part);
    }
    return ix_buf_take_in(cx, &text, ret);
}

/* Looks at the lines ahead, once: what do they tell of the order of days and months, and of times? */
static bool lines_search(csv_file *file, ix_ctx *cx)
{
    ix_str ahead;
    if (file->has_searched)
        return true;
    file->has_searched = true;
    if (!csv_peek(file->csv, SAMPLE_BYTES, &ahead))
        return false;
    csv_memory memory = {ahead.at, ahead.len};
    cli_csv *csv = csv_new(csv_memory_read, &memory, file->delimiter);
    if (!csv)
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    csv_set(csv, file->delimiter, csv_comment(file));
    int64_t last_us = file->last_wall_us;
    for (csv_result result; (result = csv_next(csv)) != CSV_END && result != CSV_FAILED;) {
        ix_str text;
        wall_time wall;
        if (result != CSV_RECORD || csv_count(csv) < file->count ||
            !time_text(file, csv, cx, &text))
            continue;
        if (file->format.day_order == DAY_ORDER_UNKNOWN)
            file->format.day_order = day_order_of(text);
        if (wall_time_read(cx, &file->format, text, &wall)) {
            file->rises += wall.us > last_us;
            file->falls += wall.us < last_us;
            last_us = wall.us;
        }
        ix_ctx_clear_error(cx);
    }
    csv_free(csv);
    return true;
}

static bool wall_read(csv_file *file, ix_ctx *cx, ix_str text, wall_time *ret)
{
    if (file->format.kind == TIME_RECOGNISED && file->format.day_order == DAY_ORDER_UNKNOWN)
        file->format.day_order = day_order_of(text);
    if (wall_time_read(cx, &file->format, text, ret))
        return true;
    if (file->format.kind != TIME_RECOGNISED || file->format.day_order != DAY_ORDER_UNKNOWN ||
        file->has_searched)
        return false;
    const ix_error error = cx->error;
    ix_ctx_clear_error(cx);
    if (!lines_search(file, cx))
        return false;
    if (file->format.day_order == DAY_ORDER_UNKNOWN)
        return ix_fail(cx, error.code, "%s", error.message);
    return wall_time_read(cx, &file->format, text, ret);
}

/* The moment of a row; `track`: that of the values it is among. */
bool csv_timestamp_read(csv_file *file, ix_ctx *cx, time_track *track, int64_t *ret_us)
{
    ix_str text;
    wall_time wall;
    if (!time_text(file, file->csv, cx, &text) || !wall_read(file, cx, text, &wall))
        return false;
    const bool is_first = file->rows++ == 0;
    file->rises += !is_first && wall.us > file->last_wall_us;
    file->falls += !is_first && wall.us < file->last_wall_us;
    file->last_wall_us = wall.us;
    if (time_zone_is_twice(&file->zone, &wall) && file->rises == file->falls &&
        !lines_search(file, cx))
        return false;
    const time_order order = file->falls > file->rises ? TIMES_DESCEND : TIMES_ASCEND;
    clock_round round;
    if (!time_zone_read(cx, &file->zone, &wall, text, order, track, ret_us, &round))
        return false;
    file->without_zone += !wall.has_offset;
    file->first_of_two += round == CLOCK_FIRST;
    file->second_of_two += round == CLOCK_SECOND;
    return true;
}
