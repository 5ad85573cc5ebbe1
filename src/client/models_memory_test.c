/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What if out of memory while models are read, changed and written? As memory_test.c, but each piece
 * that is taken from an arena counts as well, not only the arena's own.
 */
#include "base/test.h"
#include "client/oom_test.h"
#include "iots/models.h"

void *__real_ix_arena_alloc(ix_arena *arena, size_t size);
bool __real_ix_arena_defer(ix_arena *arena, void (*fn)(void *arg), void *arg);
void *__wrap_ix_arena_alloc(ix_arena *arena, size_t size);
bool __wrap_ix_arena_defer(ix_arena *arena, void (*fn)(void *arg), void *arg);

void *__wrap_ix_arena_alloc(ix_arena *arena, size_t size)
{
    return fails() ? NULL : __real_ix_arena_alloc(arena, size);
}

bool __wrap_ix_arena_defer(ix_arena *arena, void (*fn)(void *arg), void *arg)
{
    if (!fails())
        return __real_ix_arena_defer(arena, fn, arg);
    fn(arg);
    return false;
}

static const char text[] = "{\"@type\": [\"A\"], \"title\": \"t\", \"x\": {\"y\": [1]},"
                           "\"links\": [{\"href\": \"/a\"}, {}], \"model\": {\"name\": \"M\"},"
                           "\"properties\": {\"t\": {\"enum\": [1, null], \"items\": {}}},"
                           "\"status\": {\"t\": 5}, \"created\": \"2025-03-04T05:06:07Z\"}";

/* Reads, changes, writes. False if that failed for another reason than memory, or gave a wrong
 * document. */
static bool scenario(void)
{
    iots_doc *from = iots_doc_parse(text);
    iots_doc *to = iots_doc_new();
    iots_thing_model *thing = iots_thing_model_parse(from, iots_doc_json(from));
    bool ok = false;
    if (thing) {
        thing->title = "u";
        thing->created.us += 1;
        ok = iots_any_map_set(from, &thing->status, "u", iots_number(0.5)) &&
             iots_link_list_remove(from, &thing->links, 1) && iots_thing_model_write(to, thing);
    }
    char *written = ok ? iots_json_text(iots_doc_json(to), 0) : NULL;
    const bool is_right =
        !written || strstr(written, "\"x\":{\"y\":[1]},\"links\":[{\"href\":\"/a\"}]");
    const char *why = *iots_doc_error(from) ? iots_doc_error(from) : iots_doc_error(to);
    const bool is_reported = ok ? !*why : strcmp(why, "Out of memory") == 0;
    if (!is_right || !is_reported)
        print_error("%s: %s\n", written ? written : "nothing", why);
    free(written);
    iots_doc_free(to);
    iots_doc_free(from);
    return is_right && is_reported;
}

TEST("wherever memory runs out in the work with models, it is said, and nothing is lost")
{
    /* Each struct, list and map, and each JSON value that was made. */
    CHECK(run_failing_each(scenario) > 30);
}
