/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/transfer/influx_line.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/show/field_value.h"

enum { SHOWN_MAX = 60 };

/* In names a backslash makes these a part of them, in texts those; in front of anything else it is
 * itself one. */
static const char in_names[] = ",= ", in_texts[] = "\"\\";

static bool is_one_of(char c, const char *all)
{
    return c && strchr(all, c);
}

static bool is_escape(const char *at, const char *end, const char *escaped)
{
    return *at == '\\' && at + 1 < end && is_one_of(at[1], escaped);
}

/* ---- where it ends ---- */

size_t influx_point_end(ix_str text, bool *is_open)
{
    enum { NAMES, FIELDS }; /* parts, with blanks between; the time is the third */
    bool is_in_quotes = false;
    int part = NAMES;
    char before = ' ';
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.at[i];
        if (is_escape(text.at + i, text.at + text.len, is_in_quotes ? in_texts : in_names)) {
            i++;
        } else if (is_in_quotes) {
            is_in_quotes = c != '"';
        } else if (c == '\n') {
            *is_open = false;
            return i;
        } else if (c == '"') {
            is_in_quotes = part == FIELDS && before == '=';
        } else if (c == ' ') {
            part += before != ' ';
        }
        before = c;
    }
    *is_open = is_in_quotes;
    return text.len;
}

/* ---- names ---- */

typedef struct reader {
    ix_ctx *cx;
    const char *at, *end;
} reader;

static bool influx_line_fail(const reader *reader, const char *what, ix_str shown)
{
    const int len = (int)(shown.len > SHOWN_MAX ? SHOWN_MAX : shown.len);
    return ix_fail(reader->cx, IOTS_INVALID, "%s%s%.*s%s", what, shown.len ? " '" : "", len,
                   shown.at ? shown.at : "", shown.len ? "'" : "");
}

/* Takes what goes up to one of `ends`, without the backslashes that escape. */
static bool part_take(reader *reader, const char *escaped, const char *ends, ix_str *ret)
{
    const char *begin = reader->at;
    while (reader->at < reader->end && !is_one_of(*reader->at, ends))
        reader->at += is_escape(reader->at, reader->end, escaped) ? 2 : 1;
    char *copy = ix_alloc(reader->cx, (size_t)(reader->at - begin) + 1);
    if (!copy)
        return false;
    size_t len = 0;
    for (const char *at = begin; at < reader->at; at++) {
        at += is_escape(at, reader->at, escaped);
        copy[len++] = *at;
    }
    copy[len] = '\0';
    *ret = (ix_str){copy, len};
    return true;
}

static bool name_read(reader *reader, const char *ends, ix_str *ret)
{
    return part_take(reader, in_names, ends, ret);
}

static bool is_at(const reader *reader, char c)
{
    return reader->at < reader->end && *reader->at == c;
}

static void blanks_skip(reader *reader)
{
    while (is_at(reader, ' '))
        reader->at++;
}

/* Room for one more of a list in cx, whose count is a power of two or below `first` when it is full. */
static void *room_make(ix_ctx *cx, void *list, size_t count, size_t size, const char *what)
{
    enum { FIRST = 8 };
    if (count == INFLUX_PARTS_MAX) {
        ix_fail(cx, IOTS_INVALID, "more than %d %s", INFLUX_PARTS_MAX, what);
        return NULL;
    }
    if (count > 0 && (count < FIRST || (count & (count - 1)) != 0))
        return list;
    void *larger = ix_alloc(cx, (count < FIRST ? FIRST : 2 * count) * size);
    if (larger && count > 0)
        memcpy(larger, list, count * size);
    return larger;
}

/* ---- tags ---- */

static bool tags_read(reader *reader, influx_point *point)
{
    while (is_at(reader, ',')) {
        influx_tag tag;
        reader->at++;
        if (!name_read(reader, ",= ", &tag.name))
            return false;
        if (tag.name.len == 0 || !is_at(reader, '='))
            return influx_line_fail(reader, "a tag without a value:", tag.name);
        reader->at++;
        if (!name_read(reader, ",= ", &tag.value))
            return false;
        if (tag.value.len == 0 || is_at(reader, '='))
            return influx_line_fail(reader, "no value can be read of the tag", tag.name);
        influx_tag *tags = room_make(reader->cx, point->tags, point->tag_count, sizeof tag, "tags");
        if (!tags)
            return false;
        point->tags = tags;
        point->tags[point->tag_count++] = tag;
    }
    return true;
}

/* ---- fields ---- */

static bool text_read(reader *reader, influx_field *field)
{
    ix_str text;
    reader->at++;
    if (!part_take(reader, in_texts, "\"", &text))
        return false;
    if (reader->at == reader->end)
        return influx_line_fail(reader, "a text without a quote at its end:", field->name);
    reader->at++;
    const ix_json *json = ix_json_new_text(reader->cx, text);
    field->kind = INFLUX_TEXT;
    field->json = json ? ix_json_text(reader->cx, json) : NULL;
    return field->json != NULL;
}

static bool are_digits(ix_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    }
    return text.len > 0;
}

/* 7i and 7u: the letter is gone already. Those that do not fit into 64 bits with a sign cannot be kept
 * exactly. */
static bool integer_read(const reader *reader, ix_str text, bool has_sign, influx_field *field)
{
    const bool is_negative = has_sign && text.len > 0 && text.at[0] == '-';
    int64_t value;
    if (!are_digits((ix_str){text.at + is_negative, text.len - is_negative}))
        return false;
    if (!ix_str_int(text, &value)) {
        field->fault = "integers are kept from -9223372036854775808 to 9223372036854775807";
        return true;
    }
    field->json = ix_format(reader->cx, "%" PRId64, value);
    return field->json != NULL;
}

/* What is not in quotes. False, perhaps without failure, if it is not a value. */
static bool bare_read(const reader *reader, ix_str text, influx_field *field)
{
    static const char *const truths[][2] = {
        {"true", "t"},  {"true", "T"},  {"true", "true"},   {"true", "True"},   {"true", "TRUE"},
        {"false", "f"}, {"false", "F"}, {"false", "false"}, {"false", "False"}, {"false", "FALSE"}};
    for (size_t i = 0; i < sizeof truths / sizeof truths[0]; i++) {
        if (!ix_str_is(text, truths[i][1]))
            continue;
        field->kind = INFLUX_BOOLEAN;
        field->json = truths[i][0];
        return true;
    }
    if (text.len == 0)
        return false;
    const char last = text.at[text.len - 1];
    field->kind = INFLUX_NUMBER;
    if (last == 'i' || last == 'u')
        return integer_read(reader, (ix_str){text.at, text.len - 1}, last == 'i', field);
    if (!is_one_of(text.at[0], "+-.0123456789"))
        return false;
    field->json = cell_value(reader->cx, text, "number", DECIMAL_POINT);
    return field->json != NULL;
}

static bool value_read(reader *reader, influx_field *field)
{
    if (is_at(reader, '"'))
        return text_read(reader, field);
    const char *begin = reader->at;
    while (reader->at < reader->end && *reader->at != ',' && *reader->at != ' ')
        reader->at++;
    const ix_str text = {begin, (size_t)(reader->at - begin)};
    if (bare_read(reader, text, field))
        return true;
    if (ix_failed(reader->cx) && reader->cx->error.code != IOTS_INVALID)
        return false;
    ix_ctx_clear_error(reader->cx);
    return ix_fail(reader->cx, IOTS_INVALID,
                   "%.*s: '%.*s' is not a value: expected 21.5, 7i, 7u, true, or a text in \" \"",
                   (int)(field->name.len > SHOWN_MAX ? SHOWN_MAX : field->name.len), field->name.at,
                   (int)(text.len > SHOWN_MAX ? SHOWN_MAX : text.len), text.at);
}

static bool fields_read(reader *reader, influx_point *point)
{
    for (;;) {
        influx_field field = {0};
        if (!name_read(reader, ",= ", &field.name))
            return false;
        if (field.name.len == 0 || !is_at(reader, '='))
            return influx_line_fail(reader,
                                    "expected fields as temperature=21.5 behind the measurement",
                                    point->measurement);
        reader->at++;
        if (!value_read(reader, &field))
            return false;
        influx_field *fields =
            room_make(reader->cx, point->fields, point->field_count, sizeof field, "fields");
        if (!fields)
            return false;
        point->fields = fields;
        point->fields[point->field_count++] = field;
        if (!is_at(reader, ','))
            return true;
        reader->at++;
    }
}

/* ---- a point ---- */

bool influx_point_read(ix_ctx *cx, ix_str text, influx_point *ret)
{
    reader reader = {cx, text.at, text.at + text.len};
    *ret = (influx_point){0};
    blanks_skip(&reader);
    if (!name_read(&reader, ", ", &ret->measurement))
        return false;
    if (ret->measurement.len == 0)
        return influx_line_fail(&reader, "no measurement stands at its beginning", (ix_str){0});
    if (!tags_read(&reader, ret))
        return false;
    blanks_skip(&reader);
    if (!fields_read(&reader, ret))
        return false;
    if (reader.at < reader.end && *reader.at != ' ')
        return influx_line_fail(&reader, "behind a value stands",
                                (ix_str){reader.at, (size_t)(reader.end - reader.at)});
    ret->time = ix_str_trim((ix_str){reader.at, (size_t)(reader.end - reader.at)});
    return true;
}
