/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/scopes.h"

#include "base/test.h"
#include "contract/ops.h"

static bool may(const char *names, const char *op)
{
    return ix_scopes_allowed(ix_str_of(names)) & ix_op_find(op)->scopes;
}

TEST("a bare name covers its dotted children, and a child nothing but itself")
{
    CHECK(may("thing", "thing_get"));
    CHECK(may("thing.read", "thing_get"));
    CHECK(!may("thing.read", "thing_update"));
    CHECK(may("thing.update", "property_update"));
    CHECK(may("thing.create", "property_update"));
    CHECK(!may("thing.read", "property_update"));
    CHECK(!may("category", "thing_get"));
}

TEST("every scope says what it allows, in a sentence")
{
    for (int i = 0; i < IX_SCOPE_COUNT; i++) {
        const char *doc = ix_scope_docs[i];
        CHECK(doc[0] >= 'A' && doc[0] <= 'Z' && doc[strlen(doc) - 1] == '.');
    }
}

TEST("MQTT credentials are opened by any of their names")
{
    CHECK(may("thing", "thing_mqtt_get"));
    CHECK(may("thing.mqtt", "thing_mqtt_get"));
    CHECK(may("thing.mqtt.read", "thing_mqtt_get"));
    CHECK(may("mqtt", "thing_mqtt_get"));
    CHECK(may("mqtt.credentials", "category_mqtt_delete"));
    CHECK(may("mqtt.credentials.update", "category_mqtt_update"));
    CHECK(!may("mqtt.credentials.update", "category_mqtt_get"));
    CHECK(!may("category", "thing_mqtt_get"));
    CHECK(!may("thing.read", "thing_mqtt_get"));
}

TEST("e-mail goes by its name, its parent and two synonyms")
{
    CHECK(may("communications", "email_send"));
    CHECK(may("communications.email", "email_send"));
    CHECK(may("communication", "email_send"));
    CHECK(may("email", "email_send"));
    CHECK(!may("thing", "email_send"));
}

TEST("unknown names, parts of names and odd blanks allow nothing")
{
    CHECK(ix_scopes_allowed(IX_STR("")) == 0);
    CHECK(ix_scopes_allowed(IX_STR("   ")) == 0);
    CHECK(ix_scopes_allowed(IX_STR("thin things Thing thing.fly")) == 0);
    CHECK(ix_scopes_allowed(IX_STR("  thing  fly ")) == ix_scopes_allowed(IX_STR("thing")));
}

TEST("all scopes together cover every one")
{
    const ix_str all = ix_str_of(ix_scopes_all());
    CHECK(ix_scopes_allowed(all) == (UINT64_C(1) << IX_SCOPE_COUNT) - 1);
    for (int i = 0; i < IX_SCOPE_COUNT; i++)
        CHECK(ix_scopes_cover(all, ix_str_of(ix_scope_names[i])));
    for (size_t i = 0; i < IX_OP_COUNT; i++)
        CHECK(!ix_ops[i].scopes || may(ix_scopes_all(), ix_ops[i].name));
}

TEST("a list covers the names in it and what continues them")
{
    CHECK(ix_scopes_cover(IX_STR("thing own.scope"), IX_STR("thing.read")));
    CHECK(ix_scopes_cover(IX_STR("thing own.scope"), IX_STR("own.scope")));
    CHECK(!ix_scopes_cover(IX_STR("thing own.scope"), IX_STR("own")));
    CHECK(!ix_scopes_cover(IX_STR("thing.read"), IX_STR("thing")));
    CHECK(!ix_scopes_cover(IX_STR("thing"), IX_STR("")));
}

TEST("a scope's name is printable ASCII without blank, quote and backslash")
{
    CHECK(ix_scope_is_valid(IX_STR("thing.read")));
    CHECK(ix_scope_is_valid(IX_STR("urn:x~!")));
    CHECK(!ix_scope_is_valid(IX_STR("")));
    CHECK(!ix_scope_is_valid(IX_STR("a b")));
    CHECK(!ix_scope_is_valid(IX_STR("a\"b")));
    CHECK(!ix_scope_is_valid(IX_STR("a\\b")));
    CHECK(!ix_scope_is_valid(IX_STR("\xc3\xa4")));
}
