/* SPDX-License-Identifier: Apache-2.0 */
/* What if the database goes away at this very moment? */
#include "api/api_test.h"
#include "store/sql/sql.h"

enum { FAULTS_MAX = 200 };

#define THE_UID "01H00000000000000000000000"

/* All that there is in the farm, as text. */
static const char *everything(void)
{
    const char *things = ask("GET", "/spaces/farm/things", NULL).text;
    const char *categories = ask("GET", "/spaces/farm/categories", NULL).text;
    const char *thing = text_at(ask("GET", "/spaces/farm/things", NULL), "/data/0/href");
    const char *history = thing ? ask("GET", path_to(thing, "/properties-history"), NULL).text : "";
    const char *actions = thing ? ask("GET", path_to(thing, "/actions"), NULL).text : "";
    const char *models = ask("GET", "/spaces/farm/models", NULL).text;
    const char *versions = ask("GET", "/spaces/farm/models/N/versions", NULL).text;
    return ix_format(world.cx, "%s\n%s\n%s\n%s\n%s\n%s", things, categories, history, actions,
                     models, versions);
}

typedef struct request {
    const char *method, *path, *body; /* $ in the path stands for a Thing, ! for a request of it */
} request;

static const request requests[] = {
    {"GET", "/spaces", NULL},
    {"GET", "/spaces/farm/categories", NULL},
    {"POST", "/spaces/farm/categories", JSON({"name" : "Attic"})},
    {"GET", "/spaces/farm/categories/Attic", NULL},
    {"PUT", "/spaces/farm/categories/Attic", JSON({"description" : "High"})},
    {"GET", "/spaces/farm/things?sort=title&property:n=gt:0", NULL},
    {"GET", "/spaces/farm/categories/Pumps/things", NULL},
    {"POST", "/spaces/farm/categories/Pumps/things",
     JSON({"properties" : {"n" : {}}, "status" : {"n" : 1}})},
    {"GET", "$", NULL},
    {"GET", "$/actions", NULL},
    {"GET", "$/actions/go", NULL},
    {"GET", "$/actions/gone", NULL},
    {"POST", "$/actions/go", JSON({"go" : {"input" : 1}})},
    {"GET", "!", NULL},
    {"PUT", "!", JSON({"go" : {"status" : "completed"}})},
    {"PUT", "!", "[]"},
    {"PUT", "$", JSON({"properties" : {"n" : {}, "m" : {}}, "status" : {"m" : 1}})},
    {"PUT", "$", "[]"},
    {"PATCH", "$", JSON([ {"op" : "add", "path" : "/status/m", "value" : 2} ])},
    {"PATCH", "$", JSON({"title" : "Patched", "status" : {"m" : 3}})},
    {"PATCH", "/spaces/farm/things",
     "[{\"id\":\"" THE_UID "\",\"patch\":[{\"op\":\"add\",\"path\":\"/status/m\",\"value\":4}]},"
     "{\"id\":\"" THE_UID "\",\"patch\":[{\"op\":\"remove\",\"path\":\"/nope\"}]},"
     "{\"id\":\"" THE_UID "\",\"patch\":[{\"op\":\"add\",\"path\":\"/title\",\"value\":\"x\"}]}]"},
    {"GET", "$/actions/go", NULL},
    {"DELETE", "!", NULL},
    {"POST", "/spaces/farm/models", JSON({"name" : "N"})},
    {"GET", "/spaces/farm/models", NULL},
    {"PUT", "/spaces/farm/models/N", JSON({"description" : "x"})},
    {"POST", "/spaces/farm/models/N/versions", JSON({"template" : {"title" : "T"}})},
    {"GET", "/spaces/farm/models/N/versions", NULL},
    {"GET", "/spaces/farm/models/N/versions/1", NULL},
    {"PATCH", "$", JSON({"model" : {"name" : "N"}, "categories" : ["Attic"]})},
    {"POST", "/spaces/farm/models/N/versions", JSON({"template" : {"title" : "U"}})},
    {"PUT", "/spaces/farm/categories/Attic", JSON({"model" : {"name" : "N", "version" : 2}})},
    {"PUT", "/spaces/farm/categories/Attic", "{}"},
    {"DELETE", "/spaces/farm/models/N", NULL},
    {"PATCH", "$", JSON({"model" : null, "categories" : null})},
    {"DELETE", "/spaces/farm/models/N", NULL},
    {"GET", "$/properties", NULL},
    {"PUT", "$/properties", JSON({"n" : 2, "m" : 3})},
    {"GET", "$/properties/n", NULL},
    {"PUT", "$/properties/n", JSON({"n" : 4})},
    {"POST", "$/properties-history",
     JSON({"at" : "2024-05-01T00:00:00Z", "properties" : {"n" : 1}})},
    {"GET", "$/properties-history", NULL},
    {"GET", "$/properties-history/n?at=2024", NULL},
    {"DELETE", "$/properties-history/n?at=0001|9999", NULL},
    {"POST", "$/reset-secret", NULL},
    {"POST", "$/mqtt-credentials", JSON({"username" : "probe"})},
    {"PUT", "$/mqtt-credentials", JSON({"username" : "pump"})},
    {"GET", "$/mqtt-credentials", NULL},
    {"DELETE", "$/mqtt-credentials", NULL},
    {"POST", "/spaces/farm/categories/Attic/mqtt-credentials", NULL},
    {"DELETE", "/spaces/farm/categories/Attic", NULL},
    {"DELETE", "/spaces/farm/things?property:n=eq:1", NULL},
    {"DELETE", "$", NULL},
};

/* Asks again and again, each time with a later question to the database failing, until none does. */
static void ask_with_faults(db_conn *faulty, const request *request, const char *path)
{
    for (int nth = 1; nth < FAULTS_MAX; nth++) {
        const char *before = everything();
        db_faulty_set(faulty, nth, IOTS_UNAVAILABLE);
        const answer answer = ask(request->method, path, request->body);
        db_faulty_set(faulty, 0, IOTS_OK);
        if (answer.status < 500)
            return;
        CHECK_TEXT(outcome(answer), "503 Service unavailable");
        CHECK_INT(answer.changes, 0);
        CHECK_TEXT(everything(), before);
    }
    fail_msg("%s %s: every question failed", request->method, path);
}

TEST("whenever the database fails, the answer says so and nothing has changed")
{
    farm(cx);
    CHECK_ASK("201", "POST", "/spaces/farm/categories", JSON({"name" : "Pumps"}));
    const char *body = ix_format(cx,
                                 "{\"uid\":\"%s\",\"properties\":{\"n\":{}},\"status\":{\"n\":7},"
                                 "\"actions\":{\"go\":{}}}",
                                 THE_UID);
    const answer made = ask("POST", "/spaces/farm/things?preserve_uid=true", body);
    const char *thing = text_at(made, "/href");
    CHECK_INT(made.status, 201);
    const char *request =
        text_at(ask("POST", path_to(thing, "/actions/go"), JSON({"go" : {}})), "/go/href");
    world.store->db = db_faulty_new(world.store->db);
    CHECK(world.store->db != NULL);

    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        const char *path = requests[i].path;
        ask_with_faults(world.store->db, &requests[i],
                        *path == '$'   ? path_to(thing, path + 1)
                        : *path == '!' ? request
                                       : path);
    }
    CHECK_TEXT(json_at(ask("GET", "/spaces/farm/things", NULL), "/data"), "[]");
}
