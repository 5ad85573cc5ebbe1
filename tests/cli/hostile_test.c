/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spaces with whatever the API lets one make, at random: exported, imported into another server and
 * exported again they are the same, byte for byte.
 *
 * The seed is fixed, so that what fails fails again; IOTS_TEST_SEED is another one, and with
 * IOTS_TEST_LONG there are more.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/test.h"
#include "http.h"
#include "shell.h"

#define THINGS "/spaces/farm/things"

enum { ROUNDS_LONG = 20, ROUND_THINGS = 12, NAMES_MAX = 8, NAME_BYTES = 128 };

/* ---- chance ---- */

typedef struct chance {
    uint64_t state;
} chance;

/* A number below `count`. */
static unsigned draw(chance *chance, unsigned count)
{
    chance->state ^= chance->state << 13;
    chance->state ^= chance->state >> 7;
    chance->state ^= chance->state << 17;
    return (unsigned)((chance->state >> 20) % count);
}

#define DRAW_OF(chance, all) ((all)[draw((chance), sizeof(all) / sizeof((all)[0]))])

/* ---- what is made ---- */

static const char *const pieces[] = {
    "a",
    "B7",
    " ",
    "/",
    "+",
    "#",
    "\"",
    "\\",
    "'",
    ",",
    ";",
    "=",
    ".",
    "..",
    "%",
    "&",
    "?",
    "~1",
    "@",
    ":",
    "[",
    "]",
    "{",
    "}",
    "<",
    "$",
    "at",
    "null",
    "\xC3\xBC",
    "\xE6\x9C\xA8",
    "\xF0\x9F\x90\x94",
    "\xE2\x80\xAE",
    "\xC2\xA0",
    "e\xCC\x81",
    "properties",
    "-",
};

static const char *const numbers[] = {
    "0",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "1e308",
    "-1e308",
    "5e-324",
    "0.1",
    "-0.0",
    "5.0",
    "1e15",
    "123456789.123456789",
};

static const char *const texts[] = {
    "\"\"",        "\" \"",         "\"007\"",
    "\"null\"",    "\"\\n\\r\\t\"", "\"\\u0001\\u007f\"",
    "\"=1+2\"",    "\"\\\"\\\\/\"", "\"\xF0\x9F\x90\x94\"",
    "\"\\u2028\"", "\"a,b;c\"",
};

/* Text of pieces in JSON, up to `most` bytes. */
static void text_write(chance *chance, ix_buf *buf, size_t most)
{
    ix_buf text = {0};
    const unsigned count = 1 + draw(chance, draw(chance, 4) ? 4 : 100);
    for (unsigned i = 0; i < count; i++) {
        const char *piece = DRAW_OF(chance, pieces);
        if (text.len + strlen(piece) <= most)
            ix_buf_text(&text, piece);
    }
    ix_json_write_text(buf, (ix_str){ix_buf_cstr(&text), text.len});
    ix_buf_done(&text);
}

static void value_write(chance *chance, ix_buf *buf, unsigned depth)
{
    static const char *const words[] = {"null", "true", "false", "[]", "{}"};
    const unsigned kind = draw(chance, depth > 0 ? 7 : 4);
    if (kind == 0)
        ix_buf_text(buf, DRAW_OF(chance, words));
    else if (kind == 1)
        ix_buf_text(buf, DRAW_OF(chance, numbers));
    else if (kind == 2)
        ix_buf_text(buf, DRAW_OF(chance, texts));
    else if (kind == 3)
        text_write(chance, buf, 2000);
    else if (kind == 4)
        ix_buf_format(buf, "\"%0*d\"", 1 + (int)draw(chance, 20000), 7); /* a long one */
    const unsigned count = kind < 5 ? 0 : 1 + draw(chance, 3);
    for (unsigned i = 0; i < count; i++) {
        ix_buf_text(buf, i > 0 ? "," : kind == 5 ? "[" : "{");
        if (kind == 6)
            ix_buf_format(buf, "\"%u %s\":", i, i % 2 ? "/~\\u00fc" : "");
        value_write(chance, buf, i == 0 ? depth - 1 : 0);
    }
    if (count > 0)
        ix_buf_char(buf, kind == 5 ? ']' : '}');
}

/* Names of properties, in JSON; no two are the same. */
static const char *name_make(ix_ctx *cx, chance *chance, unsigned index)
{
    ix_buf name = {0};
    text_write(chance, &name, NAME_BYTES - 2);
    name.len--; /* before the quote at its end */
    const char *made = ix_format(cx, "%.*s%u\"", (int)name.len, name.at, index);
    ix_buf_done(&name);
    return made;
}

typedef struct world {
    ix_ctx *cx;
    http *http;
    const char *token;
    chance chance;
} world;

/* Some of it may be refused; nothing of it may fail. */
static const char *ask(world *world, const char *method, const char *target, const ix_buf *body)
{
    http_reply reply;
    CHECK(!body->failed);
    CHECK_OK(world->cx, http_json(world->cx, world->http, method, target, world->token,
                                  ix_buf_cstr(body), &reply));
    if (reply.status >= 400)
        print_error("%s %s: %d %s\n%.500s\n", method, target, reply.status, reply.body,
                    ix_buf_cstr(body));
    CHECK(reply.status < 400);
    return ix_strdup(world->cx, reply.body);
}

static void values_write(world *world, ix_buf *buf, const char *const *names, size_t count)
{
    bool is_first = true;
    const size_t sure = draw(&world->chance, (unsigned)count);
    ix_buf_char(buf, '{');
    for (size_t i = 0; i < count; i++) {
        if (i != sure && draw(&world->chance, 2))
            continue;
        ix_buf_format(buf, "%s%s:", is_first ? "" : ",", names[i]);
        value_write(&world->chance, buf, draw(&world->chance, 4) ? 2 : 40);
        is_first = false;
    }
    ix_buf_char(buf, '}');
}

static void thing_make(world *world)
{
    ix_buf body = {0};
    const char *names[NAMES_MAX];
    const size_t count = 1 + draw(&world->chance, NAMES_MAX);
    ix_buf_text(&body, "{\"title\":");
    text_write(&world->chance, &body, 5000);
    ix_buf_text(&body, ",\"x:y\":");
    value_write(&world->chance, &body, 5);
    ix_buf_text(&body, ",\"actions\":{\"a b\":{}},\"events\":{\"\xC3\xBC\":{}},\"properties\":{");
    for (size_t i = 0; i < count; i++) {
        names[i] = name_make(world->cx, &world->chance, (unsigned)i);
        ix_buf_format(&body, "%s%s:{\"description\":", i ? "," : "", names[i]);
        text_write(&world->chance, &body, 500);
        ix_buf_char(&body, '}');
    }
    ix_buf_text(&body, "}}");
    const ix_json *made = json_of(world->cx, ask(world, "POST", THINGS, &body));
    const char *uid = ix_json_string(ix_json_member(made, "uid"));

    for (unsigned i = draw(&world->chance, 4); i > 0; i--) {
        ix_buf_clear(&body);
        values_write(world, &body, names, count);
        ask(world, "PUT", ix_format(world->cx, THINGS "/%s/properties", uid), &body);
    }
    ix_buf_clear(&body);
    for (unsigned i = 0, items = 1 + draw(&world->chance, 30); i < items; i++) {
        ix_buf_format(&body,
                      "%s{\"at\":\"%04u-01-01T00:00:00.%06uZ\",\"properties\":", i ? "," : "[",
                      1 + i * 333, draw(&world->chance, 1000000));
        values_write(world, &body, names, count);
        ix_buf_char(&body, '}');
    }
    ix_buf_char(&body, ']');
    ask(world, "POST", ix_format(world->cx, THINGS "/%s/properties-history", uid), &body);

    ix_buf_clear(&body);
    ix_buf_text(&body, "{\"a b\":{\"input\":");
    value_write(&world->chance, &body, 10);
    ix_buf_text(&body, "}}");
    ask(world, "POST", ix_format(world->cx, THINGS "/%s/actions/a%%20b", uid), &body);
    ix_buf_clear(&body);
    ix_buf_text(&body, "{\"\xC3\xBC\":{\"data\":");
    value_write(&world->chance, &body, 10);
    ix_buf_text(&body, "}}");
    ask(world, "POST", ix_format(world->cx, THINGS "/%s/events/%%C3%%BC", uid), &body);
    ix_buf_done(&body);
}

/* Values as deep as a request may have them: pages and items put more around them. */
static void deep_thing_make(world *world)
{
    enum { DEEPEST = 63 };
    ix_buf value = {0}, body = {0};
    for (int i = 0; i < DEEPEST; i++)
        ix_buf_text(&value, "[");
    for (int i = 0; i < DEEPEST; i++)
        ix_buf_text(&value, "]");
    ix_buf_format(&body, "{\"x\":%s,\"properties\":{\"a\":{}}}", value.at);
    const ix_json *made = json_of(world->cx, ask(world, "POST", THINGS, &body));
    const char *uid = ix_json_string(ix_json_member(made, "uid"));
    ix_buf_clear(&body);
    ix_buf_format(&body, "{\"a\":%s}", value.at);
    ask(world, "PUT", ix_format(world->cx, THINGS "/%s/properties", uid), &body);
    ix_buf_done(&value);
    ix_buf_done(&body);
}

/* ---- the same, there and back ---- */

static void check_round(ix_ctx *cx, uint64_t seed)
{
    shell *from = shell_open(cx, AS_CLIENT), *to = shell_open(cx, AS_CLIENT);
    world world = {cx,
                   http_new(server_url(from->server)),
                   server_token(cx, from->server, NULL),
                   {seed * 0x9E3779B97F4A7C15U + 1}};
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int i = 0; i < ROUND_THINGS; i++)
        thing_make(&world);
    deep_thing_make(&world);
    http_free(world.http);
    CHECK_INT(run(from, "iots export space out --quiet"), 0);
    const int imported = run(to, "iots import space %s/out", from->home);
    if (imported != 0)
        print_error("%s%s", to->out, to->err);
    CHECK_INT(imported, 0);
    CHECK_INT(run(to, "iots export space again --quiet"), 0);
    const int status = run(to, "diff -r -x manifest.json %s/out again | cut -c1-300", from->home);
    CHECK_INT(status, 0);
    CHECK_TEXT(to->out, "");
    shell_close(from);
    shell_close(to);
}

TEST("whatever the API lets one make is exported, imported and exported the same")
{
    const char *given = getenv("IOTS_TEST_SEED");
    const uint64_t seed = given ? strtoull(given, NULL, 10) : 1;
    const int rounds = getenv("IOTS_TEST_LONG") ? ROUNDS_LONG : 1;
    for (int i = 0; i < rounds; i++)
        check_round(cx, seed + (uint64_t)i);
}
