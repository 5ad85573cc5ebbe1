/* SPDX-License-Identifier: Apache-2.0 */
/* What a Model does to Things (docs/api/http.md 7.3, all of it OUR CHOICE in detail). */
#include "api/api_test.h"

static const char things[] = "/spaces/farm/things";

static void add_model(const char *name)
{
    CHECK_INT(
        ask("POST", "/spaces/farm/models", ix_format(world.cx, "{\"name\":\"%s\"}", name)).status,
        201);
}

static void add_version(const char *model, const char *template)
{
    CHECK_INT(ask("POST", ix_format(world.cx, "/spaces/farm/models/%s/versions", model),
                  ix_format(world.cx, "{\"template\":%s}", template))
                  .status,
              201);
}

/* A Model with two versions that differ in their title. */
static void add_titles(const char *name)
{
    add_model(name);
    add_version(name, ix_format(world.cx, "{\"title\":\"%s1\"}", name));
    add_version(name, ix_format(world.cx, "{\"title\":\"%s2\"}", name));
}

/* `model` as JSON: null, {"name":"M"}. */
static void add_category(const char *name, const char *model)
{
    CHECK_INT(ask("POST", "/spaces/farm/categories",
                  ix_format(world.cx, "{\"name\":\"%s\",\"model\":%s}", name, model))
                  .status,
              201);
}

static answer set_category(const char *name, const char *model)
{
    return ask("PUT", ix_format(world.cx, "/spaces/farm/categories/%s", name),
               ix_format(world.cx, "{\"model\":%s}", model));
}

static const char *model_of(const char *thing)
{
    return json_at(ask("GET", thing, NULL), "/model");
}

static const char *title_of(const char *thing)
{
    return text_at(ask("GET", thing, NULL), "/title");
}

#define M  "{\"name\":\"M\"}"
#define M1 "{\"name\":\"M\",\"version\":1}"
#define M2 "{\"name\":\"M\",\"version\":2}"
#define N2 "{\"name\":\"N\",\"version\":2}"

/* ---- templates ---- */

TEST("a template's members replace those of the body whole; the others stay")
{
    farm(cx);
    add_model("M");
    add_version("M", JSON({
                    "title" : "From M",
                    "properties" : {"on" : {"type" : "boolean"}},
                    "links" : [ {"href" : "/m", "rel" : "manual"} ]
                }));
    const answer made = ask("POST", things, JSON({
                                "title" : "Mine",
                                "description" : "Mine too",
                                "@type" : "Pump",
                                "properties" : {"on" : {"type" : "string"}, "off" : {}},
                                "links" : [ {"href" : "/x"}, {"href" : "/y"} ],
                                "model" : {"name" : "M"}
                            }));
    CHECK_INT(made.status, 201);
    CHECK_TEXT(text_at(made, "/title"), "From M");
    CHECK_TEXT(text_at(made, "/description"), "Mine too");
    CHECK_TEXT(text_at(made, "/@type"), "Pump");
    CHECK_TEXT(json_at(made, "/properties"), "{\"on\":{\"type\":\"boolean\"}}");
    CHECK_TEXT(json_at(made, "/links"), "[{\"href\":\"/m\",\"rel\":\"manual\"}]");
    CHECK_TEXT(json_at(made, "/model"), M1);
    CHECK_TEXT(json_at(ask("GET", "/spaces/farm/things?links.rel=manual&title=From%20M", NULL),
                       "/data/0/uid"),
               json_at(made, "/uid"));
}

TEST("the template wins on every write")
{
    farm(cx);
    add_titles("M");
    const char *thing = thing_made("{\"model\":" M1 "}");
    const char *title = JSON({"title" : "Mine", "x:y" : 1});
    CHECK_TEXT(text_at(ask("PATCH", thing, title), "/title"), "M1");
    const answer put = ask("PUT", thing, "{\"title\":\"Mine\",\"model\":" M1 "}");
    CHECK_TEXT(text_at(put, "/title"), "M1");
    CHECK_TEXT(json_at(put, "/x:y"), "nothing");
}

TEST("values go with properties that give way to the template; history stays")
{
    farm(cx);
    add_model("M");
    add_version("M", JSON({"properties" : {"b" : {"type" : "integer"}, "c" : {}}}));
    const char *thing =
        thing_made(JSON({"properties" : {"a" : {}, "b" : {}}, "status" : {"a" : 1, "b" : 2}}));
    const answer put = ask(
        "PUT", thing,
        JSON({"model" : {"name" : "M"}, "properties" : {"a" : {}}, "status" : {"a" : 5, "c" : 6}}));
    CHECK_INT(put.status, 200);
    CHECK_TEXT(json_at(put, "/status"), "{\"b\":2,\"c\":6}");
    CHECK_ASK("200", "GET", path_to(thing, "/properties-history/a"), NULL);
    CHECK_INT(ask("PUT", thing, JSON({"model" : {"name" : "M"}, "status" : {"b" : "x"}})).status,
              400);
    CHECK_INT(ask("PUT", thing, JSON({"model" : {"name" : "M"}, "status" : {"a" : 1}})).status,
              400);
}

TEST("if read-only is enforced, it is the template's properties that say what is")
{
    farm_with(cx, (api_settings){.body_limit = 1 << 20, .enforce_read_only = true});
    add_model("M");
    add_version("M", JSON({"properties" : {"n" : {"readOnly" : true}}}));
    const char *thing = thing_made("{}");
    CHECK_ASK("403 n: the property is read-only", "PUT", thing,
              JSON({"model" : {"name" : "M"}, "status" : {"n" : 1}}));
}

/* ---- which Model ---- */

TEST("the newest version is taken if none is named, and kept later")
{
    farm(cx);
    add_titles("M");
    const char *thing = thing_made("{\"model\":" M "}");
    CHECK_TEXT(model_of(thing), M2);
    add_version("M", JSON({"title" : "M3"}));
    CHECK_TEXT(text_at(ask("PUT", thing, "{\"model\":" M "}"), "/title"), "M2");
    CHECK_TEXT(text_at(ask("PATCH", thing, JSON({"x:y" : 1})), "/title"), "M2");
    CHECK_TEXT(text_at(ask("PUT", thing, "{\"model\":" M1 "}"), "/title"), "M1");
    CHECK_TEXT(model_of(thing_made("{\"model\":" M "}")), "{\"name\":\"M\",\"version\":3}");
}

TEST("an unknown Model or version is not found; a Model without versions cannot be followed")
{
    farm(cx);
    add_model("Empty");
    add_titles("M");
    const answer unknown = ask("POST", things, JSON({"model" : {"name" : "Nope"}}));
    CHECK_TEXT(outcome(unknown), "404 Item not found");
    CHECK_TEXT(text_at(unknown, "/error/details/field"), "model/name");
    const answer version = ask("POST", things, JSON({"model" : {"name" : "M", "version" : 3}}));
    CHECK_TEXT(outcome(version), "404 Item not found");
    CHECK_TEXT(text_at(version, "/error/details/field"), "model/version");
    CHECK_ASK("400 model/name: the Model 'Empty' has no versions", "POST", things,
              JSON({"model" : {"name" : "Empty"}}));
    CHECK_ASK("400 model/name: required with a version", "POST", things,
              JSON({"model" : {"version" : 1}}));
    CHECK_TEXT(json_at(ask("GET", things, NULL), "/data"), "[]");
}

TEST("a Thing whose Model is taken away keeps what it got from it")
{
    farm(cx);
    add_titles("M");
    const char *thing = thing_made("{\"model\":" M1 "}");
    const answer patched = ask("PATCH", thing, JSON({"model" : null}));
    CHECK_TEXT(json_at(patched, "/model"), "null");
    CHECK_TEXT(text_at(patched, "/title"), "M1");
    CHECK_TEXT(text_at(ask("PATCH", thing, JSON({"title" : "Free"})), "/title"), "Free");
}

TEST("Things are found by Model and version")
{
    farm(cx);
    add_titles("M");
    const char *one = thing_made("{\"model\":" M1 "}"), *two = thing_made("{\"model\":" M2 "}");
    thing_made("{}");
    const answer all = ask("GET", "/spaces/farm/things?model=M", NULL);
    CHECK_INT(ix_json_count(ix_json_member(all.json, "data")), 2);
    CHECK_TEXT(text_at(all, "/data/0/href"), one);
    const answer second = ask("GET", "/spaces/farm/things?model=M&version=2", NULL);
    CHECK_INT(ix_json_count(ix_json_member(second.json, "data")), 1);
    CHECK_TEXT(text_at(second, "/data/0/href"), two);
}

/* ---- what Categories ask for ---- */

TEST("a Thing that joins a Category gets its Model")
{
    farm(cx);
    add_titles("M");
    add_category("Any", M);
    add_category("First", M1);
    const char *thing = thing_made(JSON({"categories" : ["Any"]}));
    CHECK_TEXT(model_of(thing), M2);
    CHECK_TEXT(title_of(thing), "M2");
    const answer on_way = ask("POST", "/spaces/farm/categories/First/things", "{}");
    CHECK_TEXT(json_at(on_way, "/model"), M1);
    CHECK_TEXT(json_at(ask("PUT", text_at(on_way, "/href"), "{}"), "/model"), M1);
    const char *joins = JSON({"categories" : [ "Any", "First" ]});
    CHECK_TEXT(json_at(ask("PUT", thing, joins), "/model"), M1);
    CHECK_TEXT(json_at(ask("PUT", thing, JSON({"model" : null})), "/model"), M1);
    CHECK_TEXT(json_at(ask("PATCH", thing, JSON({"model" : null})), "/model"), M1);
}

TEST("Categories that disagree are a conflict, and nothing changes")
{
    farm(cx);
    add_titles("M");
    add_titles("N");
    add_category("Ms", M1);
    add_category("Twos", M2);
    add_category("Ns", N2);
    const char *thing = thing_made(JSON({"title" : "Mine"}));
    const answer before = ask("GET", thing, NULL);
    CHECK_ASK("409 the Category 'Ns' asks for version 2 of Model 'N'", "PUT", thing,
              JSON({"categories" : [ "Ms", "Ns" ]}));
    CHECK_ASK("409 the Category 'Twos' asks for version 2 of Model 'M'", "PUT", thing,
              JSON({"categories" : [ "Ms", "Twos" ]}));
    CHECK_ASK("409 the Category 'Ns' asks for version 2 of Model 'N'", "PUT", thing,
              "{\"categories\":[\"Ns\"],\"model\":" M "}");
    CHECK_ASK("409 the Category 'Twos' asks for version 2 of Model 'M'", "PUT", thing,
              "{\"categories\":[\"Twos\"],\"model\":" M1 "}");
    CHECK_ASK("409 the Category 'Ns' asks for version 2 of Model 'N'", "POST",
              "/spaces/farm/categories/Ns/things", "{\"model\":" M "}");
    CHECK_TEXT(ask("GET", thing, NULL).text, before.text);
}

TEST("a Category's Model is applied to all its Things at once")
{
    farm(cx);
    add_titles("M");
    add_category("Pumps", "null");
    const char *one = thing_made(JSON({"categories" : ["Pumps"], "title" : "a", "x:y" : 1}));
    const char *two = thing_made("{\"categories\":[\"Pumps\"],\"model\":" M1 "}");
    const char *other = thing_made(JSON({"title" : "other"}));
    const answer before = ask("GET", two, NULL);

    CHECK_INT(set_category("Pumps", M).status, 200);
    CHECK_TEXT(model_of(one), M2);
    CHECK_TEXT(title_of(one), "M2");
    CHECK_TEXT(json_at(ask("GET", one, NULL), "/x:y"), "1");
    CHECK_TEXT(title_of(other), "other");
    CHECK_TEXT(ask("GET", two, NULL).text, before.text);

    CHECK_INT(set_category("Pumps", M2).status, 200);
    CHECK_TEXT(title_of(two), "M2");
    CHECK_INT(set_category("Pumps", M1).status, 200);
    CHECK_TEXT(title_of(one), "M1");
    CHECK_TEXT(model_of(two), M1);
}

TEST("a Category's new Model replaces the one its Things had")
{
    farm(cx);
    add_titles("M");
    add_titles("N");
    add_category("Pumps", M1);
    const char *one = thing_made(JSON({"categories" : ["Pumps"]}));
    CHECK_INT(set_category("Pumps", "{\"name\":\"N\"}").status, 200);
    CHECK_TEXT(model_of(one), N2);
    CHECK_TEXT(title_of(one), "N2");
}

TEST("a Category's Model with which another Category of a Thing disagrees changes nothing")
{
    farm(cx);
    add_titles("M");
    add_titles("N");
    add_category("Pumps", "null");
    add_category("Ns", N2);
    const char *one = thing_made(JSON({"categories" : ["Pumps"], "title" : "a"}));
    const char *two = thing_made(JSON({"categories" : [ "Pumps", "Ns" ]}));
    const answer before = ask("GET", things, NULL);
    const answer refused = set_category("Pumps", M);
    CHECK_TEXT(outcome(refused), "409 the Category 'Ns' asks for version 2 of Model 'N'");
    CHECK_TEXT(json_at(ask("GET", "/spaces/farm/categories/Pumps", NULL), "/model"), "null");
    CHECK_TEXT(ask("GET", things, NULL).text, before.text);
    CHECK_INT(ask("DELETE", two, NULL).status, 204);
    CHECK_INT(set_category("Pumps", M).status, 200);
    CHECK_TEXT(title_of(one), "M2");
}

TEST("a Category cannot give its Things a Model without versions, but may wait for some")
{
    farm(cx);
    add_model("Empty");
    add_category("Pumps", "{\"name\":\"Empty\"}");
    CHECK_ASK("400 model/name: the Model 'Empty' has no versions", "POST",
              "/spaces/farm/categories/Pumps/things", "{}");
    add_version("Empty", "{}");
    CHECK_ASK("201", "POST", "/spaces/farm/categories/Pumps/things", "{}");

    add_model("Void");
    CHECK_TEXT(outcome(set_category("Pumps", "{\"name\":\"Void\"}")),
               "400 model/name: the Model 'Void' has no versions");
}

TEST("a Category gives a Model to a thousand Things at a time, and to more of them not at all")
{
    enum { CHANGED_MAX = 1000 }; /* MEMBERS_CHANGED_MAX */
    farm(cx);
    add_titles("M");
    add_category("Pumps", "null");
    const char *last = NULL;
    CHECK_OK(cx, store_begin(cx, world.store));
    for (int i = 0; i <= CHANGED_MAX; i++) {
        const thing_row row = {.uid = last = ix_format(cx, "01JM2Q8V5T7XK3E9A4B6%06d", i),
                               .title = "",
                               .doc = "\"title\":\"\"",
                               .categories = (const char *[]){"Pumps"},
                               .category_count = 1};
        CHECK_OK(cx, store_thing_add(cx, world.store, "farm", &row));
    }
    CHECK_OK(cx, store_commit(cx, world.store));

    const char *thing = ix_format(cx, "/spaces/farm/things/%s", last);
    CHECK_TEXT(outcome(set_category("Pumps", M1)),
               "400 more than 1000 Things would change: give them the Model first, by PATCH");
    CHECK_TEXT(json_at(ask("GET", "/spaces/farm/categories/Pumps", NULL), "/model"), "null");
    CHECK_TEXT(json_at(ask("GET", thing, NULL), "/model"), "null");
    CHECK_ASK("200", "PUT", thing, JSON({"categories" : []}));
    CHECK_TEXT(outcome(set_category("Pumps", M1)), "200");
    CHECK_TEXT(json_at(ask("GET", "/spaces/farm/things?limit=1", NULL), "/data/0/model"), M1);
}

TEST("a Category that gives up its Model, or goes, leaves it to its Things")
{
    farm(cx);
    add_titles("M");
    add_category("Pumps", M1);
    const char *one = thing_made(JSON({"categories" : ["Pumps"]}));
    CHECK_INT(set_category("Pumps", "null").status, 200);
    CHECK_TEXT(model_of(one), M1);
    CHECK_INT(set_category("Pumps", M1).status, 200);
    CHECK_ASK("204", "DELETE", "/spaces/farm/categories/Pumps", NULL);
    CHECK_TEXT(model_of(one), M1);
    CHECK_TEXT(title_of(one), "M1");
    CHECK_ASK("403 model is in use by things", "DELETE", "/spaces/farm/models/M", NULL);
}

TEST("a Category's description may change without touching its Things")
{
    farm(cx);
    add_titles("M");
    add_category("Pumps", M);
    const char *one = thing_made(JSON({"categories" : ["Pumps"]}));
    const answer before = ask("GET", one, NULL);
    add_version("M", JSON({"title" : "M3"}));
    CHECK_ASK("200", "PUT", "/spaces/farm/categories/Pumps",
              "{\"description\":\"new\",\"model\":" M "}");
    CHECK_TEXT(ask("GET", one, NULL).text, before.text);
}
