/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"

#include "domain/td.h"

static const char probe[] = JSON({
    "title" : "Probe",
    "@context" : [ "https://www.w3.org/2019/wot/td/v1", {"saref" : "https://saref.example/"} ],
    "securityDefinitions" : {"basic" : {"scheme" : "basic"}},
    "security" : "basic",
    "properties" : {
        "soil/water" : {
            "type" : "number",
            "readOnly" : true,
            "forms" : [ {"href" : "coap://probe.example/water"}, {"href" : "water"} ]
        }
    },
    "actions" : {"flush" : {}},
    "events" : {"dry" : {}}
});

/* A description, completed; by way of a Category if one is named. */
static const ix_json *completed_of(ix_ctx *cx, const char *text, const char *base,
                                   const char *category)
{
    const char *vars[IX_VAR_COUNT] = {[IX_VAR_space] = "farm",
                                      [IX_VAR_category] = category,
                                      [IX_VAR_thing] = "01JM2Q8V5T7XK3E9A4B6C8D0EF"};
    const char *doc = thing_stored_text(cx, "", json_of(cx, text));
    const thing_view view = {.uid = IX_STR("01JM2Q8V5T7XK3E9A4B6C8D0EF"),
                             .doc = ix_str_of(doc),
                             .categories = IX_STR("[]"),
                             .status = IX_STR("{\"soil/water\":1}")};
    const ix_json *td = td_of(cx, base, vars, &view);
    CHECK_OK(cx, td != NULL);
    return td;
}

/* That of the probe. */
static const ix_json *completed(ix_ctx *cx, const char *category)
{
    return completed_of(cx, probe, "http://here.example", category);
}

static const char *text_at(const ix_json *json, const char *pointer)
{
    return ix_json_string(ix_json_at(json, pointer));
}

TEST("a Thing Description is given to those who ask for one")
{
    CHECK(td_is_wanted(IX_STR("application/td+json")));
    CHECK(td_is_wanted(IX_STR("text/html, application/TD+json;q=0.5")));
    CHECK(!td_is_wanted(IX_STR("application/td+json;q=0, */*")));
    CHECK(!td_is_wanted(IX_STR("application/json")));
    CHECK(!td_is_wanted(IX_STR("*/*")));
    CHECK(!td_is_wanted((ix_str){0}));
}

TEST("it names our context first and keeps the vocabularies that were there")
{
    const ix_json *td = completed(cx, NULL);
    CHECK_TEXT(text_at(td, "/@context/0"), "https://www.w3.org/2019/wot/td/v1");
    CHECK_TEXT(text_at(td, "/@context/1"), "https://www.w3.org/2022/wot/td/v1.1");
    CHECK_TEXT(text_at(td, "/@context/3/saref"), "https://saref.example/");
    CHECK_INT(ix_json_count(ix_json_at(td, "/@context")), 4);
}

TEST("it says how to reach each affordance here, and has no present values")
{
    const ix_json *td = completed(cx, NULL);
    CHECK_TEXT(text_at(td, "/base"), "http://here.example");
    CHECK_TEXT(text_at(td, "/properties/soil~1water/forms/0/href"),
               "/spaces/farm/things/01JM2Q8V5T7XK3E9A4B6C8D0EF/properties/soil%2Fwater");
    CHECK_TEXT(text_at(td, "/properties/soil~1water/forms/0/op/0"), "readproperty");
    CHECK_TEXT(text_at(td, "/actions/flush/forms/0/op/0"), "invokeaction");
    CHECK_TEXT(text_at(td, "/events/dry/forms/0/op/0"), "subscribeevent");
    CHECK_TEXT(text_at(td, "/forms/0/op/0"), "readallproperties");
    CHECK(!ix_json_member(td, "status"));
}

TEST("a read-only property has no form for writing")
{
    const ix_json *forms = ix_json_at(completed(cx, NULL), "/properties/soil~1water/forms");
    for (size_t i = 0; i < ix_json_count(forms); i++) {
        const char *op = text_at(ix_json_item(forms, i), "/op/0");
        CHECK(!op || strcmp(op, "writeproperty") != 0);
    }
}

TEST("forms of the device itself stay behind ours with the security they relied on")
{
    const ix_json *td = completed(cx, NULL);
    const ix_json *forms = ix_json_at(td, "/properties/soil~1water/forms");
    CHECK_INT(ix_json_count(forms), 2); /* the relative one is gone */
    CHECK_TEXT(text_at(forms, "/1/href"), "coap://probe.example/water");
    CHECK_TEXT(text_at(forms, "/1/security"), "basic");
    CHECK_TEXT(text_at(td, "/security"), "iots_bearer");
    CHECK_TEXT(text_at(td, "/securityDefinitions/iots_bearer/scheme"), "bearer");
    CHECK_TEXT(text_at(td, "/securityDefinitions/basic/scheme"), "basic");
}

TEST("by way of a Category the forms go by it too")
{
    CHECK_TEXT(text_at(completed(cx, "Probes"), "/actions/flush/forms/0/href"),
               "/spaces/farm/categories/Probes/things/01JM2Q8V5T7XK3E9A4B6C8D0EF/actions/flush");
}

TEST("over TLS it says where a token is to be had, else that one is needed")
{
    const ix_json *td = completed_of(cx, probe, "https://here.example:8443", NULL);
    CHECK_TEXT(text_at(td, "/security"), "iots_oauth2");
    CHECK_TEXT(ix_json_text(cx, ix_json_at(td, "/securityDefinitions/iots_oauth2")),
               "{\"scheme\":\"oauth2\",\"flow\":\"client\","
               "\"token\":\"https://here.example:8443/oauth2/token\",\"scopes\":[\"thing\"]}");
    CHECK(!ix_json_at(td, "/securityDefinitions/iots_bearer"));
    CHECK_TEXT(text_at(td, "/securityDefinitions/basic/scheme"), "basic");
    CHECK(!ix_json_at(td, "/properties/soil~1water/forms/0/security"));
}

TEST("a property of which nothing is said may have a value of each type of JSON")
{
    static const char text[] = JSON({
        "properties" : {
            "any" : {"unit" : "m"},
            "typed" : {"type" : "integer"},
            "listed" : {"enum" : [ 1, "a" ]},
            "fixed" : {"const" : null},
            "either" : {"oneOf" : [ {"type" : "string"} ]}
        }
    });
    static const char *const types[] = {"null", "boolean", "number", "string", "array", "object"};
    const ix_json *all =
        ix_json_at(completed_of(cx, text, "http://here.example", NULL), "/properties");
    const ix_json *any = ix_json_at(all, "/any/oneOf");
    CHECK_INT(ix_json_count(any), 6);
    for (size_t i = 0; i < 6; i++)
        CHECK_TEXT(text_at(ix_json_item(any, i), "/type"), types[i]);
    CHECK_TEXT(text_at(all, "/any/unit"), "m");
    CHECK(!ix_json_at(all, "/typed/oneOf"));
    CHECK(!ix_json_at(all, "/listed/oneOf"));
    CHECK(!ix_json_at(all, "/fixed/oneOf"));
    CHECK_INT(ix_json_count(ix_json_at(all, "/either/oneOf")), 1);
}
