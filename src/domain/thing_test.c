/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/thing.h"

#include "base/test.h"
#include "base/time.h"
#include "domain/dataschema.h"

/* ---- words ---- */

#define UID "01JM2Q8V5T7XK3E9A4B6C8D0EF"

static thing_input input_of(ix_ctx *cx, const char *body)
{
    thing_input input;
    CHECK_OK(cx, thing_read(cx, IX_CREATE, false, json_of(cx, body), &input));
    return input;
}

static bool reads(ix_ctx *cx, ix_purpose purpose, bool in_category, const char *body)
{
    thing_input input;
    return thing_read(cx, purpose, in_category, json_of(cx, body), &input);
}

static const char *written(ix_ctx *cx, const char *base, const char *category, thing_view view)
{
    ix_buf buf = {0};
    thing_write(&buf, base, "farm", category, &view);
    const char *text = ix_strdup(cx, ix_buf_cstr(&buf));
    ix_buf_done(&buf);
    return text;
}

/* ---- taking apart ---- */

TEST("a description has its usual members, given or not")
{
    const thing_input input = input_of(cx, "{}");
    CHECK_TEXT(ix_json_text(cx, input.doc),
               "{\"title\":\"\",\"description\":\"\",\"properties\":{},"
               "\"actions\":{},\"events\":{},\"links\":[]}");
    CHECK_TEXT(input.title, "");
    CHECK(!input.types && !input.uid && !input.categories && !input.model_given && !input.model &&
          !input.status);
    CHECK(input.properties && input.links);
}

TEST("what is kept elsewhere is not in the description, what is unknown is")
{
    const thing_input input = input_of(cx, JSON({
                                           "@context" : [ "https://example.org", {"x" : "y"} ],
                                           "id" : "urn:dev:1",
                                           "uid" : "01jm2q8v5t7xk3e9a4b6c8d0ef",
                                           "href" : "/x",
                                           "client_id" : "x",
                                           "created" : "1970-01-01T00:00:01Z",
                                           "modified" : 5,
                                           "categories" : ["A"],
                                           "model" : {"name" : "M", "version" : 3},
                                           "status" : {"t" : null},
                                           "x:y" : {"z" : null},
                                           "title" : "T",
                                           "@type" : "S",
                                           "space" : "s"
                                       }));
    CHECK_TEXT(ix_json_text(cx, input.doc),
               "{\"@context\":[\"https://example.org\",{\"x\":\"y\"}],\"x:y\":{\"z\":null},"
               "\"title\":\"T\",\"@type\":\"S\",\"description\":\"\",\"properties\":{},"
               "\"actions\":{},\"events\":{},\"links\":[]}");
    CHECK_TEXT(input.title, "T");
    CHECK_TEXT(ix_json_string(input.types), "S");
    CHECK_TEXT(input.uid, UID);
    CHECK_TEXT(input.model, "M");
    CHECK_INT(input.version, 3);
    CHECK_TEXT(ix_json_text(cx, input.status), "{\"t\":null}");
}

TEST("Categories come sorted and without doubles")
{
    const thing_input input = input_of(cx, JSON({"categories" : [ "b", "B", "a", "b", "a:1" ]}));
    CHECK_INT(input.category_count, 4);
    CHECK_TEXT(input.categories[0], "B");
    CHECK_TEXT(input.categories[1], "a");
    CHECK_TEXT(input.categories[2], "a:1");
    CHECK_TEXT(input.categories[3], "b");
}

TEST("no Categories are not the same as none given")
{
    CHECK(!input_of(cx, JSON({"categories" : null})).categories);
    CHECK(input_of(cx, JSON({"categories" : []})).categories);
    CHECK_INT(input_of(cx, JSON({"categories" : []})).category_count, 0);
}

TEST("by way of a Category, a body may not name Categories")
{
    CHECK(reads(cx, IX_CREATE, true, JSON({"categories" : null})));
    CHECK_FAILS(cx, reads(cx, IX_CREATE, true, JSON({"categories" : []})), IOTS_INVALID);
    CHECK(!reads(cx, IX_UPDATE, true, JSON({"categories" : ["A"]})));
    CHECK_TEXT(cx->error.field, "categories");
}

TEST("a uid that is none is ignored in a create and refused in an update")
{
    const thing_input input = input_of(cx, JSON({"uid" : "urn:x"}));
    CHECK(!input.uid);
    CHECK(!reads(cx, IX_UPDATE, false, JSON({"uid" : 5})));
    CHECK_TEXT(cx->error.field, "uid");
    ix_ctx_clear_error(cx);
    CHECK(reads(cx, IX_UPDATE, false, JSON({"uid" : null})));
}

TEST("a Model may be asked for by version alone")
{
    const thing_input input = input_of(cx, JSON({"model" : {"version" : 2}}));
    CHECK(input.model_given && !input.model && input.version == 2);
    CHECK(!input_of(cx, JSON({"model" : null})).model_given);
    CHECK(!input_of(cx, JSON({"model" : {}})).model_given);
}

TEST("a body is checked before it is taken apart")
{
    CHECK(!reads(cx, IX_CREATE, false, JSON({"properties" : {"t" : {"type" : "warm"}}})));
    CHECK_TEXT(cx->error.field, "properties/t/type");
    ix_ctx_clear_error(cx);
    CHECK_FAILS(cx, reads(cx, IX_CREATE, false, "[]"), IOTS_INVALID);
}

/* ---- templates ---- */

TEST("a template replaces members whole and leaves the others")
{
    thing_input input = input_of(cx, JSON({
                                     "title" : "mine",
                                     "description" : "mine",
                                     "properties" : {"a" : {}, "b" : {}},
                                     "links" : [ {"rel" : "x"} ]
                                 }));
    const char *template = JSON({
        "title" : "theirs",
        "description" : null,
        "properties" : {"c" : {"type" : "number"}},
        "base" : "x"
    });
    CHECK_OK(cx, thing_apply_template(cx, json_of(cx, template), &input));
    CHECK_TEXT(input.title, "theirs");
    CHECK_TEXT(ix_json_text(cx, input.properties), "{\"c\":{\"type\":\"number\"}}");
    CHECK_TEXT(ix_json_text(cx, input.links), "[{\"rel\":\"x\"}]");
    CHECK_TEXT(ix_json_string(ix_json_member(input.doc, "description")), "mine");
    CHECK(!ix_json_member(input.doc, "base"));
}

static bool check_status(ix_ctx *cx, const thing_input *input, validate_mode mode)
{
    for (ix_member m = ix_members(input->status); m.name; m = ix_members_next(m))
        if (!thing_check_value(cx, input, m.name, m.value, (int)mode))
            return false;
    return true;
}

TEST("OUR CHOICE: values are checked against the properties of body and template together")
{
    thing_input input =
        input_of(cx, JSON({
                     "properties" : {"mine" : {"type" : "string"}, "both" : {"type" : "string"}},
                     "status" : {"mine" : "x", "both" : 1, "its" : true}
                 }));
    const char *template = JSON({
        "properties" : {"both" : {"type" : "integer"}, "its" : {"type" : "boolean"}, "other" : {}}
    });
    CHECK_OK(cx, thing_apply_template(cx, json_of(cx, template), &input));
    CHECK_OK(cx, check_status(cx, &input, VALIDATE_STRICT));
    CHECK_TEXT(ix_json_text(cx, thing_values(cx, &input)), "{\"both\":1,\"its\":true}");

    input.status = json_of(cx, JSON({"mine" : 7}));
    CHECK_FAILS(cx, check_status(cx, &input, VALIDATE_STRICT), IOTS_INVALID);
    input.status = json_of(cx, JSON({"nobody's" : 7}));
    CHECK_FAILS(cx, check_status(cx, &input, VALIDATE_STRICT), IOTS_INVALID);
    input.status = json_of(cx, JSON({"mine" : "x"}));
    CHECK(!thing_values(cx, &input));
    input.status = NULL;
    CHECK(!thing_values(cx, &input));
    CHECK(!ix_failed(cx));
}

TEST("a stored description is read as an input for nothing but itself")
{
    const thing_input before = input_of(cx, JSON({"title" : "T", "@type" : "X", "x:y" : [1]}));
    const char *stored = thing_stored_text(cx, "", before.doc);
    thing_input input;
    CHECK_OK(cx, thing_stored_read(cx, ix_str_of(stored), &input));
    CHECK_TEXT(thing_stored_text(cx, "", input.doc), stored);
    CHECK_TEXT(input.title, "T");
    CHECK(input.types && input.properties && input.links);
    CHECK(!input.model && !input.categories && !input.status);
}

/* ---- status ---- */

TEST("values must be of defined properties, and fit")
{
    thing_input input =
        input_of(cx, JSON({"properties" : {"t" : {"type" : "number"}}, "status" : {"t" : null}}));
    CHECK(check_status(cx, &input, VALIDATE_STRICT));

    input.status = json_of(cx, JSON({"t" : "warm"}));
    CHECK(!check_status(cx, &input, VALIDATE_STRICT));
    CHECK_TEXT(cx->error.message, "status/t: expected a number");
    ix_ctx_clear_error(cx);
    CHECK(check_status(cx, &input, VALIDATE_OFF));

    input.status = json_of(cx, JSON({"u" : null}));
    CHECK(!check_status(cx, &input, VALIDATE_OFF));
    CHECK_TEXT(cx->error.message, "status/u: no such property");
    ix_ctx_clear_error(cx);

    input.status = NULL;
    CHECK(check_status(cx, &input, VALIDATE_STRICT));
}

/* ---- putting together ---- */

static thing_view some_view(void)
{
    return (thing_view){
        .uid = IX_STR(UID),
        .doc = IX_STR("\"title\":\"T\",\"links\":[]"),
        .categories = IX_STR("[\"A\"]"),
        .status = IX_STR("{\"t\":1}"),
        .created_us = IX_SECOND_US,
        .modified_us = 2 * IX_SECOND_US,
    };
}

TEST("the stored form is the text between the braces")
{
    CHECK_TEXT(thing_stored_text(cx, "", json_of(cx, JSON({"title" : "T", "links" : []}))),
               "\"title\":\"T\",\"links\":[]");
}

TEST("a Thing is written as its parts say")
{
    CHECK_TEXT(written(cx, "https://x", NULL, some_view()),
               "{\"uid\":\"" UID "\",\"id\":\"https://x/spaces/farm/things/" UID
               "\",\"href\":\"/spaces/farm/things/" UID
               "\",\"title\":\"T\",\"links\":[],\"categories\":[\"A\"],\"model\":null,"
               "\"status\":{\"t\":1},\"created\":\"1970-01-01T00:00:01Z\","
               "\"modified\":\"1970-01-01T00:00:02Z\"}");
}

TEST("by way of a Category the addresses go there, and Categories are not shown")
{
    const ix_json *thing = json_of(cx, written(cx, "https://x", "Boilers:1", some_view()));
    CHECK_TEXT(ix_json_string(ix_json_member(thing, "id")),
               "https://x/spaces/farm/categories/Boilers:1/things/" UID);
    CHECK_TEXT(ix_json_string(ix_json_member(thing, "href")),
               "/spaces/farm/categories/Boilers:1/things/" UID);
    CHECK(!ix_json_member(thing, "categories"));
}

TEST("Model and client are shown once there are some")
{
    thing_view view = some_view();
    view.model = IX_STR("M");
    view.version = 3;
    view.client_id = IX_STR("farm::" UID);
    const ix_json *thing = json_of(cx, written(cx, "https://x", NULL, view));
    CHECK_TEXT(ix_json_text(cx, ix_json_member(thing, "model")), "{\"name\":\"M\",\"version\":3}");
    CHECK_TEXT(ix_json_string(ix_json_member(thing, "client_id")), "farm::" UID);
}

TEST("an odd base is still JSON")
{
    const ix_json *thing = json_of(cx, written(cx, "http://a\"b\\", NULL, some_view()));
    CHECK_TEXT(ix_json_string(ix_json_member(thing, "id")),
               "http://a\"b\\/spaces/farm/things/" UID);
}

TEST("what was written can be read again and says the same")
{
    const char *body = written(cx, "https://x", NULL, some_view());
    const thing_input input = input_of(cx, body);
    CHECK_TEXT(thing_stored_text(cx, "", input.doc),
               "\"title\":\"T\",\"links\":[],\"description\":\"\",\"properties\":{},\"actions\":{},"
               "\"events\":{}");
    CHECK_TEXT(input.uid, UID);
}
