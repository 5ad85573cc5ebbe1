/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models: from JSON to structs and back, by the rows of include/iots/models.
 *
 * A row has a kind, and for each kind there are two functions: one reads JSON into a member, one
 * writes a member as JSON. Kinds that hold others (lists, maps) say what their items are; a model
 * inside another is a kind like the rest. What no row names is never looked at: a model knows the
 * JSON it was read from, and is written over a copy of that.
 *
 * Structs are those of the program, which may be older than the library: each call brings a table of
 * their sizes, and what lies beyond the end of a struct is neither read nor written.
 */
#include "iots/models.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/time.h"
#include "client/doc.h"
#include "client/models.h"
#include "client/pager.h"
#include "client/reply.h"
#include "client/value.h"
#include "contract/json_path.h"
#include "contract/names.h"

enum {
    MODELS_MAX_BYTES = 64 << 20, /* read at once: a small answer may be a large model */
    MODELS_DEPTH = IX_JSON_DEPTH,
    KEY_SIZE = 18, /* of the longest key in the rows, with its end */
};

/* ---- the tables ---- */

typedef enum model_kind {
    KIND_TEXT,
    KIND_NAME,
    KIND_BOOL,
    KIND_INTEGER,
    KIND_NATURAL,
    KIND_NUMBER,
    KIND_TIME,
    KIND_ANY,
    KIND_TYPE,
    KIND_OP,
    KIND_ONE,
    KIND_LIST,
    KIND_MAP,
    KIND_TEXTS,
    KIND_INTEGERS,
    KIND_ANYS,
    KIND_ANY_MAP,
    KIND_ANY_MAPS,
    KIND_ONE_OR_TEXTS,
    KIND_ONE_OR_LIST,
    KIND_MODEL, /* not of a member, but of the items of a list, and so the next */
    KIND_INT64,
} model_kind;

typedef struct model_row {
    char key
        [KEY_SIZE]; /* empty: the value itself. In place, so that the table needs no relocation */
    uint16_t offset;
    uint8_t kind;
    uint8_t inside; /* the model in it, of kinds that hold one */
    bool is_required;
} model_row;

typedef struct model_table {
    const char *title;
    const model_row *rows;
    size_t count;
} model_table;

_Static_assert(IOTS_MODEL_COUNT <= UINT8_MAX, "a row has a byte for the model inside");

static model_table model_of(unsigned id)
{
    enum { OPTIONAL, REQUIRED };

#define ROW_TEXT           .kind = KIND_TEXT
#define ROW_NAME           .kind = KIND_NAME
#define ROW_BOOL           .kind = KIND_BOOL
#define ROW_INTEGER        .kind = KIND_INTEGER
#define ROW_NATURAL        .kind = KIND_NATURAL
#define ROW_NUMBER         .kind = KIND_NUMBER
#define ROW_TIME           .kind = KIND_TIME
#define ROW_ANY            .kind = KIND_ANY
#define ROW_TYPE           .kind = KIND_TYPE
#define ROW_OP             .kind = KIND_OP
#define ROW_ONE(x)         .kind = KIND_ONE, .inside = IOTS_MODEL_##x
#define ROW_LIST(x)        .kind = KIND_LIST, .inside = IOTS_MODEL_##x
#define ROW_MAP(x)         .kind = KIND_MAP, .inside = IOTS_MODEL_##x
#define ROW_TEXTS          .kind = KIND_TEXTS
#define ROW_INTEGERS       .kind = KIND_INTEGERS
#define ROW_ANYS           .kind = KIND_ANYS
#define ROW_ANY_MAP        .kind = KIND_ANY_MAP
#define ROW_ANY_MAPS       .kind = KIND_ANY_MAPS
#define ROW_ONE_OR_TEXTS   .kind = KIND_ONE_OR_TEXTS
#define ROW_ONE_OR_LIST(x) .kind = KIND_ONE_OR_LIST, .inside = IOTS_MODEL_##x

// clang-format off
#define IOTS_BEGIN(x, name, sentence)      \
    case IOTS_MODEL_##x: {                 \
        typedef iots_##x##_model self;     \
        static const char title[] = name;  \
        static const model_row rows[] = {
#define IOTS_FIELD(type, member, name, need, sentence)                                    \
            {.key = {name}, .offset = offsetof(self, member), ROW_##type, .is_required = (need)},
#define IOTS_ROOT(type, member, sentence)                                                 \
            {.offset = offsetof(self, member), ROW_##type},
#define IOTS_END(x)                                                                       \
        };                                                                                \
        return (model_table){title, rows, sizeof rows / sizeof *rows};                    \
    }
    // clang-format on

    switch (id) {
#include "iots/models/all.def"
    default:
        return (model_table){0};
    }

#undef IOTS_BEGIN
#undef IOTS_FIELD
#undef IOTS_ROOT
#undef IOTS_END
}

/* The words of the enumerations, at their places in them. */
static const char *const type_words[] = {
#define IOTS_TYPE_WORD(name, word) [IOTS_TYPE_##name] = (word),
#define IOTS_OP_WORD(name, word)
#include "iots/models/words.def"
#undef IOTS_TYPE_WORD
#undef IOTS_OP_WORD
};

static const char *const op_words[] = {
#define IOTS_TYPE_WORD(name, word)
#define IOTS_OP_WORD(name, word) [IOTS_OP_##name] = (word),
#include "iots/models/words.def"
#undef IOTS_TYPE_WORD
#undef IOTS_OP_WORD
};

_Static_assert((int)IOTS_TYPE_OTHER == (int)IOTS_OP_OTHER, "enumerations begin alike");
_Static_assert(sizeof(iots_type) == sizeof(iots_op) &&
                   offsetof(iots_type, text) == offsetof(iots_op, text),
               "words of enumerations look alike");

/* ---- the walk ---- */

/* What all steps of one reading or writing share. */
typedef struct walk {
    ix_ctx *cx;
    const iots_typed *all; /* the structs as the program knows them */
    const char *title;     /* of the outermost model */
    iots_code code;        /* of a document that does not fit */
    size_t bytes;          /* of models, so far */
    int depth;
} walk;

typedef bool read_function(walk *walk, const ix_place *at, const model_row *row,
                           const ix_json *json, void *to);

/* *ret is NULL if the member is unset. `was`: what the JSON of the model around it says there. */
typedef bool write_function(walk *walk, const ix_place *at, const model_row *row, const void *from,
                            const ix_json *was, const ix_json **ret);

typedef struct kind_table {
    uint16_t size; /* of the member; 0: the struct's, as the program knows it */
    uint8_t items; /* the kind of what is inside, of lists and maps */
    bool is_one;   /* a list that may be a single item */
    read_function *read;
    write_function *write;
} kind_table;

static kind_table kind_of(unsigned kind);

/* Records that a value does not fit. Always false. */
static bool models_fail(const walk *walk, const ix_place *at, const char *reason)
{
    ix_buf pointer = {0};
    ix_place_pointer(&pointer, at);
    ix_fail(walk->cx, walk->code, "%s: %s%s%s", walk->title, ix_buf_cstr(&pointer),
            pointer.len ? ": " : "", reason);
    ix_buf_done(&pointer);
    return false;
}

/* Memory for `count` items of a model; not NULL even for none. */
static void *models_make(walk *walk, const ix_place *at, size_t count, size_t size)
{
    if (count > (MODELS_MAX_BYTES - walk->bytes) / size) {
        char reason[64];
        snprintf(reason, sizeof reason, "more than %d MiB of models", MODELS_MAX_BYTES >> 20);
        models_fail(walk, at, reason);
        return NULL;
    }
    walk->bytes += count * size;
    return ix_alloc_many(walk->cx, count ? count : 1, size);
}

static bool enter(walk *walk, const ix_place *at)
{
    return walk->depth++ < MODELS_DEPTH || models_fail(walk, at, "nested too deeply");
}

static size_t size_of(const walk *walk, unsigned kind, const model_row *row)
{
    const size_t size = kind_of(kind).size;
    return size ? size : walk->all[row->inside].size;
}

/* ---- single values ---- */

static bool read_text(walk *walk, const ix_place *at, const model_row *row, const ix_json *json,
                      void *to)
{
    (void)row;
    const char *text = ix_json_string(json);
    memcpy(to, &text, sizeof text);
    return text || models_fail(walk, at, "expected a string");
}

static bool write_text_at(walk *walk, const ix_place *at, const char *text, const ix_json *was,
                          const ix_json **ret)
{
    const char *before = ix_json_string(was);
    *ret = NULL;
    if (!text)
        return true;
    if (before && strcmp(before, text) == 0)
        *ret = was;
    else if (ix_str_is_utf8(ix_str_of(text)))
        *ret = ix_json_new_string(walk->cx, text);
    else
        models_fail(walk, at, "the text is not UTF-8");
    return *ret != NULL;
}

static bool write_text(walk *walk, const ix_place *at, const model_row *row, const void *from,
                       const ix_json *was, const ix_json **ret)
{
    const char *text;
    memcpy(&text, from, sizeof text);
    if (row->kind == KIND_NAME && text && !ix_name_is_valid(ix_str_of(text)))
        return models_fail(walk, at, IX_NAME_RULE);
    return write_text_at(walk, at, text, was, ret);
}

static bool read_bool(walk *walk, const ix_place *at, const model_row *row, const ix_json *json,
                      void *to)
{
    (void)row;
    const iots_tristate choice = ix_json_bool(json, false) ? IOTS_YES : IOTS_NO;
    memcpy(to, &choice, sizeof choice);
    return ix_json_kind(json) == IX_BOOL || models_fail(walk, at, "expected a boolean");
}

static bool write_bool(walk *walk, const ix_place *at, const model_row *row, const void *from,
                       const ix_json *was, const ix_json **ret)
{
    (void)row;
    (void)was;
    iots_tristate choice;
    memcpy(&choice, from, sizeof choice);
    *ret = NULL;
    if (choice == IOTS_DEFAULT)
        return true;
    if (choice != IOTS_YES && choice != IOTS_NO)
        return models_fail(walk, at, "expected IOTS_YES or IOTS_NO");
    *ret = ix_json_new_bool(walk->cx, choice == IOTS_YES);
    return true;
}

static bool read_int64(walk *walk, const ix_place *at, const model_row *row, const ix_json *json,
                       void *to)
{
    (void)row;
    const int64_t number = ix_json_int(json, 0);
    memcpy(to, &number, sizeof number);
    return ix_json_kind(json) == IX_INT || models_fail(walk, at, "expected an integer");
}

static bool write_int64(walk *walk, const ix_place *at, const model_row *row, const void *from,
                        const ix_json *was, const ix_json **ret)
{
    (void)at;
    (void)row;
    (void)was;
    int64_t number;
    memcpy(&number, from, sizeof number);
    *ret = ix_json_new_int(walk->cx, number);
    return *ret != NULL;
}

static bool read_integer(walk *walk, const ix_place *at, const model_row *row, const ix_json *json,
                         void *to)
{
    iots_maybe_integer *integer = to;
    integer->is_set = true;
    return read_int64(walk, at, row, json, &integer->value);
}

static bool write_integer(walk *walk, const ix_place *at, const model_row *row, const void *from,
                          const ix_json *was, const ix_json **ret)
{
    const iots_maybe_integer *integer = from;
    *ret = NULL;
    if (!integer->is_set)
        return true;
    if (row->kind == KIND_NATURAL && integer->value < 0)
        return models_fail(walk, at, "expected an integer that is not negative");
    return write_int64(walk, at, row, &integer->value, was, ret);
}

static bool read_number(walk *walk, const ix_place *at, const model_row *row, const ix_json *json,
                        void *to)
{
    (void)row;
    iots_maybe_number *number = to;
    *number = (iots_maybe_number){true, ix_json_number(json, 0)};
    return ix_json_is_number(json) || models_fail(walk, at, "expected a number");
}

static bool write_number(walk *walk, const ix_place *at, const model_row *row, const void *from,
                         const ix_json *was, const ix_json **ret)
{
    (void)row;
    const iots_maybe_number *number = from;
    *ret = NULL;
    if (!number->is_set)
        return true;
    if (!isfinite(number->value))
        return models_fail(walk, at, "a number that is not finite");
    if (ix_json_is_number(was) && ix_json_number(was, 0) == number->value)
        *ret = was; /* 5 stays 5, and does not become 5.0 */
    else
        *ret = ix_json_new_real(walk->cx, number->value);
    return *ret != NULL;
}

static bool read_time(walk *walk, const ix_place *at, const model_row *row, const ix_json *json,
                      void *to)
{
    (void)row;
    iots_maybe_time *time = to;
    time->is_set = true;
    return (ix_json_kind(json) == IX_TEXT && ix_time_parse(ix_json_str(json), &time->us)) ||
           models_fail(walk, at, "expected a time");
}

static bool write_time(walk *walk, const ix_place *at, const model_row *row, const void *from,
                       const ix_json *was, const ix_json **ret)
{
    (void)row;
    const iots_maybe_time *time = from;
    *ret = NULL;
    if (!time->is_set)
        return true;
    if (time->us < ix_time_first_us || time->us > ix_time_last_us)
        return models_fail(walk, at, "expected a time in the years 1 to 9999");
    int64_t before;
    if (ix_json_kind(was) == IX_TEXT && ix_time_parse(ix_json_str(was), &before) &&
        before == time->us) {
        *ret = was; /* with its own zone and digits */
        return true;
    }
    char text[IX_TIME_TEXT];
    ix_time_write(time->us, text);
    *ret = ix_json_new_string(walk->cx, text);
    return *ret != NULL;
}

static bool read_any(walk *walk, const ix_place *at, const model_row *row, const ix_json *json,
                     void *to)
{
    (void)walk;
    (void)at;
    (void)row;
    iots_any *any = to;
    any->json = json_shown(json);
    return true;
}

static const ix_json *write_value(walk *walk, const ix_place *at, iots_value value);

static bool write_any(walk *walk, const ix_place *at, const model_row *row, const void *from,
                      const ix_json *was, const ix_json **ret)
{
    (void)row;
    (void)was;
    const iots_any *any = from;
    *ret = json_known(any->json);
    if (value_is_none(any->value))
        return true;
    *ret = write_value(walk, at, any->value);
    return *ret != NULL;
}

/* ---- words of enumerations ---- */

static size_t words_of(const model_row *row, const char *const **ret)
{
    *ret = row->kind == KIND_TYPE ? type_words : op_words;
    return row->kind == KIND_TYPE ? sizeof type_words / sizeof *type_words
                                  : sizeof op_words / sizeof *op_words;
}

static bool read_word(walk *walk, const ix_place *at, const model_row *row, const ix_json *json,
                      void *to)
{
    const char *const *words;
    const size_t count = words_of(row, &words);
    const char *text = ix_json_string(json);
    if (!text)
        return models_fail(walk, at, "expected a string");
    unsigned word = IOTS_TYPE_OTHER;
    for (unsigned i = IOTS_TYPE_OTHER + 1; i < count; i++) {
        if (strcmp(words[i], text) == 0)
            word = i;
    }
    memcpy(to, &word, sizeof(iots_type_word));
    memcpy((char *)to + offsetof(iots_type, text), &text, sizeof text);
    return true;
}

static bool write_word(walk *walk, const ix_place *at, const model_row *row, const void *from,
                       const ix_json *was, const ix_json **ret)
{
    const char *const *words;
    const size_t count = words_of(row, &words);
    unsigned word;
    const char *text;
    memcpy(&word, from, sizeof(iots_type_word));
    memcpy(&text, (const char *)from + offsetof(iots_type, text), sizeof text);
    if (word >= count)
        return models_fail(walk, at, "no word of the enumeration");
    if (word > IOTS_TYPE_OTHER)
        text = words[word];
    else if (word == IOTS_TYPE_OTHER && !text)
        return models_fail(walk, at, "the text of the word is missing");
    return write_text_at(walk, at, text, was, ret);
}

/* ---- lists ---- */

/* What all lists and maps begin with. */
typedef struct list {
    size_t count;
    const void *items;
} list;

static list list_at(const void *from)
{
    list list;
    memcpy(&list.count, from, sizeof list.count);
    memcpy(&list.items, (const char *)from + offsetof(struct list, items), sizeof list.items);
    return list;
}

static void list_put(void *to, size_t count, const void *items)
{
    memcpy(to, &count, sizeof count);
    memcpy((char *)to + offsetof(list, items), &items, sizeof items);
}

/* To count items that are not there is the program's mistake. */
static bool check_list(const walk *walk, const ix_place *at, list list)
{
    return list.items || !list.count || models_fail(walk, at, "there is a count, but no items");
}

static bool read_list(walk *walk, const ix_place *at, const model_row *row, const ix_json *json,
                      void *to)
{
    const kind_table kind = kind_of(row->kind);
    const model_row item = {.kind = kind.items, .inside = row->inside};
    const size_t size = size_of(walk, kind.items, row);
    const bool is_one = kind.is_one && ix_json_kind(json) != IX_ARRAY;
    if (!is_one && ix_json_kind(json) != IX_ARRAY)
        return models_fail(walk, at, "expected an array");
    const size_t count = is_one ? 1 : ix_json_count(json);
    char *items = models_make(walk, at, count, size);
    if (!items)
        return false;
    for (size_t i = 0; i < count; i++) {
        const ix_place place = {.up = at, .index = i};
        if (!kind_of(item.kind).read(walk, is_one ? at : &place, &item,
                                     is_one ? json : ix_json_item(json, i), items + i * size))
            return false;
    }
    list_put(to, count, items);
    if (kind.is_one)
        memcpy((char *)to + offsetof(iots_text_one_or_list, is_one), &is_one, sizeof is_one);
    return true;
}

static bool write_item(walk *walk, const ix_place *at, const model_row *row, const void *from,
                       const ix_json *was, const ix_json **ret)
{
    return kind_of(row->kind).write(walk, at, row, from, was, ret) &&
           (*ret || models_fail(walk, at, "a value is missing"));
}

static bool write_list(walk *walk, const ix_place *at, const model_row *row, const void *from,
                       const ix_json *was, const ix_json **ret)
{
    const kind_table kind = kind_of(row->kind);
    const model_row item = {.kind = kind.items, .inside = row->inside};
    const size_t size = size_of(walk, kind.items, row);
    const list list = list_at(from);
    *ret = NULL;
    if (!list.items)
        return check_list(walk, at, list);
    bool is_one = false;
    if (kind.is_one)
        memcpy(&is_one, (const char *)from + offsetof(iots_text_one_or_list, is_one),
               sizeof is_one);
    if (is_one && list.count == 1)
        return write_item(walk, at, &item, list.items, was, ret);
    ix_json *array = ix_json_new_array(walk->cx);
    for (size_t i = 0; array && i < list.count; i++) {
        const ix_place place = {.up = at, .index = i};
        const ix_json *json = NULL;
        if (!write_item(walk, &place, &item, (const char *)list.items + i * size,
                        ix_json_item(was, i), &json) ||
            !ix_json_append(walk->cx, array, json))
            return false;
    }
    *ret = array;
    return array != NULL;
}

/* ---- maps ---- */

/* An entry of a map: a name, then a value at this place. */
static size_t entry_place(unsigned items)
{
    return items == KIND_ANY ? offsetof(iots_any_entry, value) : offsetof(iots_thing_entry, value);
}

static size_t entry_size(unsigned items)
{
    return items == KIND_ANY ? sizeof(iots_any_entry) : sizeof(iots_thing_entry);
}

static bool read_map(walk *walk, const ix_place *at, const model_row *row, const ix_json *json,
                     void *to)
{
    const model_row item = {.kind = kind_of(row->kind).items, .inside = row->inside};
    const size_t size = entry_size(item.kind);
    if (ix_json_kind(json) != IX_OBJECT)
        return models_fail(walk, at, "expected an object");
    char *entry = models_make(walk, at, ix_json_count(json), size);
    if (!entry)
        return false;
    list_put(to, ix_json_count(json), entry);
    for (ix_member m = ix_members(json); m.name; m = ix_members_next(m), entry += size) {
        const ix_place place = {.up = at, .name = m.name};
        memcpy(entry, &m.name, sizeof m.name);
        if (!kind_of(item.kind).read(walk, &place, &item, m.value, entry + entry_place(item.kind)))
            return false;
    }
    return true;
}

/* Writes an entry into `object`. */
static bool write_entry(walk *walk, const ix_place *at, const model_row *row, const char *entry,
                        const ix_json *was, ix_json *object)
{
    const char *name;
    memcpy(&name, entry, sizeof name);
    if (!name || !ix_str_is_utf8(ix_str_of(name)))
        return models_fail(walk, at, "a name that is missing or not UTF-8");
    const ix_place place = {.up = at, .name = name};
    if (ix_json_member(object, name))
        return models_fail(walk, &place, "the same name twice");
    const ix_json *json = NULL;
    if (!kind_of(row->kind).write(walk, &place, row, entry + entry_place(row->kind),
                                  ix_json_member(was, name), &json))
        return false;
    if (!json && row->kind == KIND_ONE)
        json = ix_json_new_null(walk->cx);
    return json ? ix_json_set(walk->cx, object, name, json)
                : models_fail(walk, &place, "a value is missing");
}

static bool write_map(walk *walk, const ix_place *at, const model_row *row, const void *from,
                      const ix_json *was, const ix_json **ret)
{
    const model_row item = {.kind = kind_of(row->kind).items, .inside = row->inside};
    const list list = list_at(from);
    *ret = NULL;
    if (!list.items)
        return check_list(walk, at, list);
    ix_json *object = ix_json_new_object(walk->cx);
    for (size_t i = 0; object && i < list.count; i++) {
        const char *entry = (const char *)list.items + i * entry_size(item.kind);
        if (!write_entry(walk, at, &item, entry, was, object))
            return false;
    }
    *ret = object;
    return object != NULL;
}

/* ---- models ---- */

/* A member that the program's struct has. */
static bool has_row(const walk *walk, unsigned id, const model_row *row)
{
    return row->offset + kind_of(row->kind).size <= walk->all[id].size;
}

static bool read_row(walk *walk, const ix_place *at, const model_row *row, const ix_json *json,
                     char *to)
{
    const ix_place place = {.up = at, .name = row->key};
    if (!*row->key)
        return kind_of(row->kind).read(walk, at, row, json, to + row->offset);
    const ix_json *member = ix_json_member(json, row->key);
    if (!member || (ix_json_kind(member) == IX_NULL && row->kind != KIND_ANY))
        return true;
    return kind_of(row->kind).read(walk, &place, row, member, to + row->offset);
}

/* The JSON that a model was read from: the first member of each. */
static const ix_json *source_of(const void *model)
{
    const void *json;
    memcpy(&json, model, sizeof json);
    return json;
}

static void source_put(void *model, const void *json)
{
    memcpy(model, &json, sizeof json);
}

/* Into a struct, which is zero before. */
static bool read_model(walk *walk, const ix_place *at, const model_row *row, const ix_json *json,
                       void *to)
{
    const model_table model = model_of(row->inside);
    if (*model.rows[0].key && ix_json_kind(json) != IX_OBJECT)
        return models_fail(walk, at, "expected an object");
    if (!enter(walk, at))
        return false;
    source_put(to, json);
    for (size_t i = 0; i < model.count; i++) {
        if (has_row(walk, row->inside, &model.rows[i]) &&
            !read_row(walk, at, &model.rows[i], json, to))
            return false;
    }
    walk->depth--;
    return true;
}

/* Into a pointer to a new struct; NULL for null. */
static bool read_one(walk *walk, const ix_place *at, const model_row *row, const ix_json *json,
                     void *to)
{
    if (ix_json_kind(json) == IX_NULL)
        return true;
    void *model = models_make(walk, at, 1, walk->all[row->inside].size);
    if (model)
        memcpy(to, &model, sizeof model);
    return model && read_model(walk, at, row, json, model);
}

/* A new object with the members of another, which share their values. */
static ix_json *object_like(ix_ctx *cx, const ix_json *json)
{
    ix_json *object = ix_json_new_object(cx);
    for (ix_member m = ix_members(json); object && m.name; m = ix_members_next(m)) {
        if (!ix_json_set(cx, object, m.name, m.value))
            return NULL;
    }
    return object;
}

static bool write_row(walk *walk, const ix_place *at, const model_row *row, const char *from,
                      ix_json *object)
{
    const ix_place place = {.up = at, .name = row->key};
    const ix_json *was = ix_json_member(object, row->key);
    const ix_json *json = NULL;
    if (!kind_of(row->kind).write(walk, &place, row, from + row->offset, was, &json))
        return false;
    if (json)
        return ix_json_set(walk->cx, object, row->key, json);
    if (row->is_required)
        return models_fail(walk, &place, "required");
    if (ix_json_kind(was) != IX_NULL) /* which was read as unset, and still is */
        ix_json_remove(object, row->key);
    return true;
}

static bool write_fields(walk *walk, const ix_place *at, unsigned id, const void *from,
                         const ix_json **ret)
{
    const model_table model = model_of(id);
    ix_json *object = object_like(walk->cx, source_of(from));
    for (size_t i = 0; object && i < model.count; i++) {
        if (has_row(walk, id, &model.rows[i]) && !write_row(walk, at, &model.rows[i], from, object))
            return false;
    }
    *ret = object;
    return object != NULL;
}

static bool write_model(walk *walk, const ix_place *at, const model_row *row, const void *from,
                        const ix_json *was, const ix_json **ret)
{
    (void)was; /* a model has its own */
    const model_row *root = model_of(row->inside).rows;
    if (!enter(walk, at))
        return false;
    const bool ok = *root->key ? write_fields(walk, at, row->inside, from, ret)
                               : write_item(walk, at, root, (const char *)from + root->offset,
                                            source_of(from), ret);
    walk->depth--;
    return ok;
}

static bool write_one(walk *walk, const ix_place *at, const model_row *row, const void *from,
                      const ix_json *was, const ix_json **ret)
{
    const void *model;
    memcpy(&model, from, sizeof model);
    *ret = NULL;
    return !model || write_model(walk, at, row, model, was, ret);
}

static kind_table kind_of(unsigned kind)
{
    // clang-format off
    static const kind_table kinds[] = {
        [KIND_TEXT]     = {sizeof(const char *), .read = read_text, .write = write_text},
        [KIND_NAME]     = {sizeof(const char *), .read = read_text, .write = write_text},
        [KIND_BOOL]     = {sizeof(iots_tristate), .read = read_bool, .write = write_bool},
        [KIND_INTEGER]  = {sizeof(iots_maybe_integer), .read = read_integer, .write = write_integer},
        [KIND_NATURAL]  = {sizeof(iots_maybe_integer), .read = read_integer, .write = write_integer},
        [KIND_NUMBER]   = {sizeof(iots_maybe_number), .read = read_number, .write = write_number},
        [KIND_TIME]     = {sizeof(iots_maybe_time), .read = read_time, .write = write_time},
        [KIND_ANY]      = {sizeof(iots_any), .read = read_any, .write = write_any},
        [KIND_TYPE]     = {sizeof(iots_type), .read = read_word, .write = write_word},
        [KIND_OP]       = {sizeof(iots_op), .read = read_word, .write = write_word},
        [KIND_ONE]      = {sizeof(void *), .read = read_one, .write = write_one},
        [KIND_LIST]     = {sizeof(list), KIND_MODEL, false, read_list, write_list},
        [KIND_MAP]      = {sizeof(list), KIND_ONE, false, read_map, write_map},
        [KIND_TEXTS]    = {sizeof(list), KIND_TEXT, false, read_list, write_list},
        [KIND_INTEGERS] = {sizeof(list), KIND_INT64, false, read_list, write_list},
        [KIND_ANYS]     = {sizeof(list), KIND_ANY, false, read_list, write_list},
        [KIND_ANY_MAP]  = {sizeof(list), KIND_ANY, false, read_map, write_map},
        [KIND_ANY_MAPS] = {sizeof(list), KIND_ANY_MAP, false, read_list, write_list},
        [KIND_ONE_OR_TEXTS] = {sizeof(iots_text_one_or_list), KIND_TEXT, true,
                               read_list, write_list},
        [KIND_ONE_OR_LIST]  = {sizeof(iots_text_one_or_list), KIND_MODEL, true,
                               read_list, write_list},
        [KIND_MODEL]    = {.read = read_model, .write = write_model},
        [KIND_INT64]    = {sizeof(int64_t), .read = read_int64, .write = write_int64},
    };
    // clang-format on
    return kinds[kind];
}

/* ---- values ---- */

/* A model inside another is part of the same walk, and counts for its depth. */
static const ix_json *write_value(walk *walk, const ix_place *at, iots_value value)
{
    if (!value_is_model(value))
        return value_json(walk->cx, value);
    const iots_typed *typed = value.of;
    const iots_typed *outer = walk->all;
    const model_row row = {.kind = KIND_MODEL, .inside = (uint8_t)typed->model};
    const ix_json *json = NULL;
    if (!value.as.pointer) {
        models_fail(walk, at, "there is no model");
        return NULL;
    }
    walk->all = typed - typed->model;
    const bool ok = write_model(walk, at, &row, value.as.pointer, NULL, &json);
    walk->all = outer;
    return ok ? json : NULL;
}

const ix_json *model_json(ix_ctx *cx, iots_value value)
{
    const iots_typed *typed = value.of;
    walk walk = {.cx = cx, .title = model_of(typed->model).title, .code = IOTS_USAGE};
    if (walk.title)
        return write_value(&walk, &(const ix_place){0}, value);
    ix_fail(cx, IOTS_USAGE, "a model that this version of the library does not have");
    return NULL;
}

/* ---- what programs call ---- */

static void *read_whole(ix_ctx *cx, const iots_typed *typed, iots_code code, const iots_json *json)
{
    const ix_place whole = {0};
    walk walk = {
        .cx = cx, .all = typed - typed->model, .title = model_of(typed->model).title, .code = code};
    const model_row row = {.kind = KIND_MODEL, .inside = (uint8_t)typed->model};
    if (!walk.title) {
        ix_fail(cx, IOTS_USAGE, "a model that this version of the library does not have");
        return NULL;
    }
    if (!json) {
        models_fail(&walk, &whole, "there is not JSON");
        return NULL;
    }
    void *model = models_make(&walk, &whole, 1, typed->size);
    return model && read_model(&walk, &whole, &row, json_known(json), model) ? model : NULL;
}

void *iots_typed_of(const iots_typed *typed, iots_reply *reply)
{
    const bool is_error = typed->model == IOTS_MODEL_error_response && iots_reply_body(reply);
    if (!iots_ok(reply) && !is_error)
        return NULL;
    ix_ctx cx = {.arena = reply->cx.arena};
    void *model = read_whole(&cx, typed, IOTS_UNEXPECTED, iots_reply_body(reply));
    if (!model)
        reply_fail(reply, cx.error.code, cx.error.message);
    return model;
}

void *iots_typed_next(const iots_typed *typed, iots_pager *pager)
{
    const iots_json *item = iots_pager_next(pager);
    if (!item)
        return NULL;
    ix_ctx cx = {.arena = pager_page(pager)->cx.arena};
    void *model = read_whole(&cx, typed, IOTS_UNEXPECTED, item);
    if (!model)
        pager_fail(pager, cx.error.code, cx.error.message);
    return model;
}

void *iots_typed_parse(const iots_typed *typed, iots_doc *doc, const iots_json *json)
{
    ix_ctx *cx = doc_cx(doc);
    return cx ? read_whole(cx, typed, IOTS_USAGE, json) : NULL;
}

iots_value iots_typed_value(const iots_typed *typed, const void *model)
{
    return value_of_model(model, typed);
}

size_t iots_typed_find(const void *items, size_t count, size_t size, const char *name)
{
    for (size_t i = 0; items && name && i < count; i++) {
        const char *its_name;
        memcpy(&its_name, (const char *)items + i * size, sizeof its_name);
        if (its_name && strcmp(its_name, name) == 0)
            return i;
    }
    return count;
}

bool iots_typed_change(iots_doc *doc, void *list, size_t size, size_t index, const void *item)
{
    const struct list before = list_at(list);
    ix_ctx *cx = doc_cx(doc);
    if (!cx || (item && index > before.count))
        return cx && ix_fail(cx, IOTS_USAGE, "the list has no item %zu", index);
    if (!item && index >= before.count)
        return true;
    char *items = ix_alloc_many(cx, before.count + 1, size);
    if (!items)
        return false;
    size_t count = 0;
    for (size_t i = 0; i < before.count; i++) {
        if (i != index)
            memcpy(items + count++ * size, (const char *)before.items + i * size, size);
        else if (item)
            memcpy(items + count++ * size, item, size);
    }
    if (item && index == before.count)
        memcpy(items + count++ * size, item, size);
    list_put(list, count, items);
    return true;
}
