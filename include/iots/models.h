/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models: the documents of the API as C structs, for completion and type checks.
 *
 *     iots_reply *got = iots_thing_get(where, NULL);
 *     iots_thing_model *thing = iots_thing_model_of(got);
 *     if (!thing)
 *         fprintf(stderr, "%s\n", iots_error(got));
 *     else if (thing->created.is_set)
 *         printf("%s is from %lld\n", thing->title, (long long)thing->created.us);
 *
 * and the other way:
 *
 *     iots_things_create(things,
 *                        IOTS_MODEL_VALUE(thing_create,
 *                            .title = "Boiler 7",
 *                            .properties = IOTS_ENTRIES(property_affordance,
 *                                {"target", IOTS_MODEL(property_affordance,
 *                                               .type.word = IOTS_TYPE_NUMBER,
 *                                               .maximum = IOTS_SET(90))})),
 *                        NULL);
 *
 * The members of each model, with a sentence about each, are in <iots/models/thing.def> and its
 * neighbours: IOTS_FIELD(TEXT, title, "title", OPTIONAL, "A short text for people.") is the member
 * `const char *title` of the struct and "title" of the JSON. A model named ThingCreate in the API is
 * an iots_thing_create_model here.
 *
 * For each model <x> there are five functions, all alike:
 *
 *     iots_<x>_model *iots_<x>_model_of(iots_reply *reply);
 *     iots_<x>_model *iots_<x>_model_next(iots_pager *pager);
 *     iots_<x>_model *iots_<x>_model_parse(iots_doc *doc, const iots_json *json);
 *     bool            iots_<x>_model_write(iots_doc *doc, const iots_<x>_model *model);
 *     iots_value      iots_<x>_model_value(const iots_<x>_model *model);
 *
 * _of       reads the body of a reply. NULL if the call failed, or if the body is no such document:
 *           the reply then fails, with IOTS_UNEXPECTED and a sentence that has the JSON Pointer of
 *           the fault, "Thing: /properties/target/maximum: expected a number". The model lives in
 *           the memory of the reply. (The error_response of a failed reply can be read, too.)
 * _next     reads the next item of a list, as iots_pager_next(). NULL at the end and on failure:
 *           iots_pager_reply() says which. The model is valid as long as the item.
 * _parse    reads any JSON, into the memory of a document. NULL on failure: iots_doc_error() has the
 *           sentence. The JSON is borrowed: the model is valid until the reply or document it comes
 *           from is freed or changed, or `doc` is freed.
 * _write    puts what the model says in place of all that `doc` holds. False on failure.
 * _value    a value, for any call and for iots_doc_set(). The model, and all it points at, must stay
 *           as they are until the call returns.
 *
 * The model that is read is the program's to change; what it points at is not, and is replaced as a
 * whole. Its lists and maps can be changed in place by
 *
 *     bool iots_<x>_list_set(iots_doc *doc, iots_<x>_list *list, size_t index, const iots_<x>_model *);
 *     bool iots_<x>_list_remove(iots_doc *doc, iots_<x>_list *list, size_t index);
 *     bool iots_<x>_map_set(iots_doc *doc, iots_<x>_map *map, const char *name, const iots_<x>_model *);
 *     bool iots_<x>_map_remove(iots_doc *doc, iots_<x>_map *map, const char *name);
 *     const iots_<x>_model *iots_<x>_map_get(const iots_<x>_map *map, const char *name);
 *
 * _set      copies the list, or map, into the memory of `doc` with a copy of the model in it (a map:
 *           with the pointer to it), replacing what was there; an index that is the count adds to
 *           the end. False without memory, or if the index is beyond. Names and what models point at
 *           are borrowed
 * _remove   likewise takes out; true as well if nothing was there
 * _get      the model of that name; NULL if there is none
 *
 * Reading and writing lose nothing. `json`, which each model has, is what it was read from: members
 * that the struct does not have are found there ("access by key": iots_json_at(thing->json,
 * "/support")) and are written back from there. A member that still says what it said when it was
 * read is written exactly as it was. One that is unset (all bytes zero) is left out.
 *
 * Reading takes whatever the types can hold. JSON null is read as unset, except in values of any
 * type, where it is a value; words that no enumeration has are kept as text. Writing is strict:
 * without a REQUIRED member, with a name that can be none, with a negative number of items nothing is
 * sent, and the call fails with IOTS_USAGE and the JSON Pointer.
 *
 * At most 64 MiB of models are read at once, and nothing is nested more deeply than 64.
 *
 * A program that was compiled with an earlier version of this header goes on working with a later
 * library: each call gives the library the sizes of the structs as the program knows them, and structs
 * only grow at their end. Functions below are safe from several threads as far as replies, pagers and
 * documents are.
 */
#ifndef IOTS_MODELS_H
#define IOTS_MODELS_H

#include <iots/iots.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- types of members ----
 *
 * In the rows    in the struct              unset
 *
 * TEXT           const char *               NULL
 * NAME           likewise; 1 to 26 letters, digits, _ : or - when it is written
 * BOOL           iots_tristate                IOTS_DEFAULT; else IOTS_YES or IOTS_NO
 * INTEGER        iots_maybe_integer         .is_set is false
 * NATURAL        likewise; not negative when it is written
 * NUMBER         iots_maybe_number          .is_set is false
 * TIME           iots_maybe_time            .is_set is false (0 is a time: the first of 1970)
 * ANY            iots_any                   .json and .value are nothing
 * TYPE, OP       iots_type, iots_op         .word is IOTS_TYPE_UNSET, IOTS_OP_UNSET; .text is NULL
 * ONE(x)         const iots_x_model *       NULL
 * LIST(x)        iots_x_list                .items is NULL; an empty list has items, but a count of 0
 * MAP(x)         iots_x_map                 likewise
 * TEXTS          iots_text_list             likewise, and so all that follow
 * INTEGERS       iots_integer_list
 * ANYS           iots_any_list
 * ANY_MAP        iots_any_map
 * ANY_MAPS       iots_any_map_list
 * ONE_OR_TEXTS   iots_text_one_or_list      .is_one: written as a text, not as an array of one
 * ONE_OR_LIST(x) iots_x_one_or_list         .is_one: likewise
 */

typedef struct iots_maybe_integer {
    bool is_set;
    int64_t value;
} iots_maybe_integer;

typedef struct iots_maybe_number {
    bool is_set;
    double value; /* finite */
} iots_maybe_number;

/* In JSON a text (RFC 3339). Read in all forms that the API knows: with Z, an offset or no zone,
 * which is UTC, T or a blank in the middle; a fraction is cut to microseconds. */
typedef struct iots_maybe_time {
    bool is_set;
    int64_t us; /* microseconds since 1970-01-01T00:00:00Z; years 1 to 9999 */
} iots_maybe_time;

/* JSON of any type, which is kept. Look at `json`; to set, put a `value`: it wins, unless it is
 * iots_none(). */
typedef struct iots_any {
    const iots_json *json;
    iots_value value;
} iots_any;

typedef enum iots_type_word {
    IOTS_TYPE_UNSET,
    IOTS_TYPE_OTHER, /* a word that is not here */
#define IOTS_TYPE_WORD(name, word) IOTS_TYPE_##name,
#define IOTS_OP_WORD(name, word)
#include <iots/models/words.def>
#undef IOTS_TYPE_WORD
#undef IOTS_OP_WORD
} iots_type_word;

typedef enum iots_op_word {
    IOTS_OP_UNSET,
    IOTS_OP_OTHER,
#define IOTS_TYPE_WORD(name, word)
#define IOTS_OP_WORD(name, word) IOTS_OP_##name,
#include <iots/models/words.def>
#undef IOTS_TYPE_WORD
#undef IOTS_OP_WORD
} iots_op_word;

/* A word of an enumeration. Setting the word is enough; `text` is written if the word is _OTHER. */
typedef struct iots_type {
    iots_type_word word;
    const char *text;
} iots_type;

typedef struct iots_op {
    iots_op_word word;
    const char *text;
} iots_op;

typedef struct iots_text_list {
    size_t count;
    const char *const *items;
} iots_text_list;

typedef struct iots_text_one_or_list {
    size_t count;
    const char *const *items;
    bool is_one;
} iots_text_one_or_list;

typedef struct iots_integer_list {
    size_t count;
    const int64_t *items;
} iots_integer_list;

typedef struct iots_any_list {
    size_t count;
    const iots_any *items;
} iots_any_list;

typedef struct iots_any_entry {
    const char *name;
    iots_any value;
} iots_any_entry;

typedef struct iots_any_map {
    size_t count;
    const iots_any_entry *items; /* no name twice */
} iots_any_map;

typedef struct iots_any_map_list {
    size_t count;
    const iots_any_map *items;
} iots_any_map_list;

/* For each model: the struct is declared; lists hold models, maps point at them. */
#define IOTS_BEGIN(x, title, sentence)                     \
    typedef struct iots_##x##_model iots_##x##_model;      \
    typedef struct iots_##x##_list {                       \
        size_t count;                                      \
        const iots_##x##_model *items;                     \
    } iots_##x##_list;                                     \
    typedef struct iots_##x##_one_or_list {                \
        size_t count;                                      \
        const iots_##x##_model *items;                     \
        bool is_one;                                       \
    } iots_##x##_one_or_list;                              \
    typedef struct iots_##x##_entry {                      \
        const char *name;                                  \
        const iots_##x##_model *value; /* NULL: null */    \
    } iots_##x##_entry;                                    \
    typedef struct iots_##x##_map {                        \
        size_t count;                                      \
        const iots_##x##_entry *items; /* no name twice */ \
    } iots_##x##_map;
#define IOTS_FIELD(type, member, key, need, sentence)
#define IOTS_ROOT(type, member, sentence)
#define IOTS_END(x)
#include <iots/models/all.def>
#undef IOTS_BEGIN
#undef IOTS_FIELD
#undef IOTS_ROOT
#undef IOTS_END

/* ---- the models ---- */

#define IOTS_AS_TEXT           const char *
#define IOTS_AS_NAME           const char *
#define IOTS_AS_BOOL           iots_tristate
#define IOTS_AS_INTEGER        iots_maybe_integer
#define IOTS_AS_NATURAL        iots_maybe_integer
#define IOTS_AS_NUMBER         iots_maybe_number
#define IOTS_AS_TIME           iots_maybe_time
#define IOTS_AS_ANY            iots_any
#define IOTS_AS_TYPE           iots_type
#define IOTS_AS_OP             iots_op
#define IOTS_AS_ONE(x)         const iots_##x##_model *
#define IOTS_AS_LIST(x)        iots_##x##_list
#define IOTS_AS_MAP(x)         iots_##x##_map
#define IOTS_AS_TEXTS          iots_text_list
#define IOTS_AS_INTEGERS       iots_integer_list
#define IOTS_AS_ANYS           iots_any_list
#define IOTS_AS_ANY_MAP        iots_any_map
#define IOTS_AS_ANY_MAPS       iots_any_map_list
#define IOTS_AS_ONE_OR_TEXTS   iots_text_one_or_list
#define IOTS_AS_ONE_OR_LIST(x) iots_##x##_one_or_list

// clang-format off
#define IOTS_BEGIN(x, title, sentence)                                                     \
    struct iots_##x##_model {                                                              \
        const iots_json *json; /* what it was read from; NULL: a model of one's own */
#define IOTS_FIELD(type, member, key, need, sentence) IOTS_AS_##type member;
#define IOTS_ROOT(type, member, sentence)             IOTS_AS_##type member;
#define IOTS_END(x) };
// clang-format on
#include <iots/models/all.def>
#undef IOTS_BEGIN
#undef IOTS_FIELD
#undef IOTS_ROOT
#undef IOTS_END

#undef IOTS_AS_TEXT
#undef IOTS_AS_NAME
#undef IOTS_AS_BOOL
#undef IOTS_AS_INTEGER
#undef IOTS_AS_NATURAL
#undef IOTS_AS_NUMBER
#undef IOTS_AS_TIME
#undef IOTS_AS_ANY
#undef IOTS_AS_TYPE
#undef IOTS_AS_OP
#undef IOTS_AS_ONE
#undef IOTS_AS_LIST
#undef IOTS_AS_MAP
#undef IOTS_AS_TEXTS
#undef IOTS_AS_INTEGERS
#undef IOTS_AS_ANYS
#undef IOTS_AS_ANY_MAP
#undef IOTS_AS_ANY_MAPS
#undef IOTS_AS_ONE_OR_TEXTS
#undef IOTS_AS_ONE_OR_LIST

/* ---- writing them down ---- */

// clang-format off

/* A number, integer or time that is set, where a member is initialised: .maximum = IOTS_SET(90). */
#define IOTS_SET(number) {true, (number)}

#ifndef __cplusplus

/* IOTS_MODEL(thing_create, .title = "Boiler"): a pointer to a model that lives as long as the block
 * around it. IOTS_MODEL_VALUE(...): the same as a value. */
#define IOTS_MODEL(x, ...)       (&(iots_##x##_model){__VA_ARGS__})
#define IOTS_MODEL_VALUE(x, ...) iots_##x##_model_value(IOTS_MODEL(x, __VA_ARGS__))

/* Where a list or map is initialised, and of the same life:
 *
 *     .links = IOTS_ITEMS(link, {.href = "/a"}, {.href = "/b"}),
 *     .properties = IOTS_ENTRIES(property_affordance, {"target", &target}),
 *     .categories = IOTS_TEXTS("Boilers", "Heaters"),
 *     .status = IOTS_VALUES({"target", {.value = iots_number(60)}}),
 */
#define IOTS_ITEMS(x, ...)   IOTS_ITEMS_OF(iots_##x##_model, __VA_ARGS__)
#define IOTS_ENTRIES(x, ...) IOTS_ITEMS_OF(iots_##x##_entry, __VA_ARGS__)
#define IOTS_VALUES(...)     IOTS_ITEMS_OF(iots_any_entry, __VA_ARGS__)
#define IOTS_TEXTS(...)      IOTS_ITEMS_OF(char *const, __VA_ARGS__)
#define IOTS_ITEMS_OF(type, ...)                                            \
    {.count = sizeof((const type[]){__VA_ARGS__}) / sizeof(const type),     \
     .items = (const type[]){__VA_ARGS__}}

#endif

// clang-format on

/* ---- what stands behind the functions of each model ----
 *
 * Called by the functions above and below, not by programs.
 */

typedef enum iots_model_id {
#define IOTS_BEGIN(x, title, sentence) IOTS_MODEL_##x,
#define IOTS_FIELD(type, member, key, need, sentence)
#define IOTS_ROOT(type, member, sentence)
#define IOTS_END(x)
#include <iots/models/all.def>
#undef IOTS_BEGIN
    IOTS_MODEL_COUNT
} iots_model_id;

/* A model as the program knows it. */
typedef struct iots_typed {
    unsigned short model; /* IOTS_MODEL_... */
    unsigned short size;  /* of the struct */
} iots_typed;

/* All of them, as the program knows them. */
static const iots_typed iots_typed_all[] = {
#define IOTS_BEGIN(x, title, sentence) {IOTS_MODEL_##x, (unsigned short)sizeof(iots_##x##_model)},
#include <iots/models/all.def>
#undef IOTS_BEGIN
};

/* `typed` is a row of the program's iots_typed_all. */
IOTS_API void *iots_typed_of(const iots_typed *typed, iots_reply *reply);
IOTS_API void *iots_typed_next(const iots_typed *typed, iots_pager *pager);
IOTS_API void *iots_typed_parse(const iots_typed *typed, iots_doc *doc, const iots_json *json);
IOTS_API iots_value iots_typed_value(const iots_typed *typed, const void *model);

/* `items` have `size` bytes each, and those of a map begin with their name. Return `count` if there
 * is no such name. */
IOTS_API size_t iots_typed_find(const void *items, size_t count, size_t size, const char *name);

/* Has a list or map, whose items have `size` bytes, point at a copy of them in the memory of `doc`,
 * with `item` in place of number `index`, or at the end if that is the count; without number `index`
 * if `item` is NULL. */
IOTS_API bool iots_typed_change(iots_doc *doc, void *list, size_t size, size_t index,
                                const void *item);

/* ---- the functions of each model ---- */

#define IOTS_BEGIN(x, title, sentence)                                                             \
    static inline iots_##x##_model *iots_##x##_model_of(iots_reply *reply)                         \
    {                                                                                              \
        return (iots_##x##_model *)iots_typed_of(iots_typed_all + IOTS_MODEL_##x, reply);          \
    }                                                                                              \
    static inline iots_##x##_model *iots_##x##_model_next(iots_pager *pager)                       \
    {                                                                                              \
        return (iots_##x##_model *)iots_typed_next(iots_typed_all + IOTS_MODEL_##x, pager);        \
    }                                                                                              \
    static inline iots_##x##_model *iots_##x##_model_parse(iots_doc *doc, const iots_json *json)   \
    {                                                                                              \
        return (iots_##x##_model *)iots_typed_parse(iots_typed_all + IOTS_MODEL_##x, doc, json);   \
    }                                                                                              \
    static inline iots_value iots_##x##_model_value(const iots_##x##_model *model)                 \
    {                                                                                              \
        return iots_typed_value(iots_typed_all + IOTS_MODEL_##x, model);                           \
    }                                                                                              \
    static inline bool iots_##x##_model_write(iots_doc *doc, const iots_##x##_model *model)        \
    {                                                                                              \
        return iots_doc_set(doc, "", iots_##x##_model_value(model));                               \
    }                                                                                              \
    static inline const iots_##x##_model *iots_##x##_map_get(const iots_##x##_map *map,            \
                                                             const char *name)                     \
    {                                                                                              \
        const size_t at = iots_typed_find(map->items, map->count, sizeof *map->items, name);       \
        return at < map->count ? map->items[at].value : NULL;                                      \
    }                                                                                              \
    static inline bool iots_##x##_map_set(iots_doc *doc, iots_##x##_map *map, const char *name,    \
                                          const iots_##x##_model *model)                           \
    {                                                                                              \
        const iots_##x##_entry entry = {name, model};                                              \
        const size_t at = iots_typed_find(map->items, map->count, sizeof entry, name);             \
        return iots_typed_change(doc, map, sizeof entry, at, &entry);                              \
    }                                                                                              \
    static inline bool iots_##x##_map_remove(iots_doc *doc, iots_##x##_map *map, const char *name) \
    {                                                                                              \
        const size_t at = iots_typed_find(map->items, map->count, sizeof *map->items, name);       \
        return iots_typed_change(doc, map, sizeof *map->items, at, NULL);                          \
    }                                                                                              \
    static inline bool iots_##x##_list_set(iots_doc *doc, iots_##x##_list *list, size_t index,     \
                                           const iots_##x##_model *model)                          \
    {                                                                                              \
        return iots_typed_change(doc, list, sizeof *model, index, model);                          \
    }                                                                                              \
    static inline bool iots_##x##_list_remove(iots_doc *doc, iots_##x##_list *list, size_t index)  \
    {                                                                                              \
        return iots_typed_change(doc, list, sizeof *list->items, index, NULL);                     \
    }
#include <iots/models/all.def>
#undef IOTS_BEGIN
#undef IOTS_FIELD
#undef IOTS_ROOT
#undef IOTS_END

/* The same for maps of values, and for lists of texts. _get gives the value as it was read: NULL as
 * well for one that the program has put there. */
static inline const iots_json *iots_any_map_get(const iots_any_map *map, const char *name)
{
    const size_t at = iots_typed_find(map->items, map->count, sizeof *map->items, name);
    return at < map->count ? map->items[at].value.json : NULL;
}

static inline bool iots_any_map_set(iots_doc *doc, iots_any_map *map, const char *name,
                                    iots_value value)
{
    const iots_any_entry entry = {name, {NULL, value}};
    const size_t at = iots_typed_find(map->items, map->count, sizeof entry, name);
    return iots_typed_change(doc, map, sizeof entry, at, &entry);
}

static inline bool iots_any_map_remove(iots_doc *doc, iots_any_map *map, const char *name)
{
    const size_t at = iots_typed_find(map->items, map->count, sizeof *map->items, name);
    return iots_typed_change(doc, map, sizeof *map->items, at, NULL);
}

static inline bool iots_text_list_set(iots_doc *doc, iots_text_list *list, size_t index,
                                      const char *text)
{
    return iots_typed_change(doc, list, sizeof text, index, &text);
}

static inline bool iots_text_list_remove(iots_doc *doc, iots_text_list *list, size_t index)
{
    return iots_typed_change(doc, list, sizeof *list->items, index, NULL);
}

#ifdef __cplusplus
}
#endif

#endif
