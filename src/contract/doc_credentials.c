/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets of Things and Categories (http-api.md section 15). */
#include "contract/names.h"
#include "contract/schema.h"

/* <name>, or <name>@<space> as it is shown; whether it is this space is for the handler to see. */
static bool is_username(ix_str text)
{
    ix_str name;
    const ix_str space = ix_str_cut(text, '@', &name);
    if (space.at && !ix_space_is_valid(space))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.at[i];
        if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
            c != '.' && c != '_' && c != '-')
            return false;
    }
    return name.len >= 1 && name.len <= IX_MQTT_NAME_MAX;
}

// clang-format off
static const ix_field client_secret_fields[] = {
    {.name = "client_id", .type = IX_T_STRING, .flags = IX_READ_ONLY,
     .doc = "The Thing's OAuth2 client."},
    {.name = "client_secret", .type = IX_T_STRING, .flags = IX_READ_ONLY,
     .doc = "Its secret, shown this once."},
};

static const ix_field pattern_fields[] = {
    {.name = "pattern", .type = IX_T_STRING, .flags = IX_READ_ONLY,
     .doc = "A topic, with + and # for any."},
};

static const ix_schema pattern = IX_SCHEMA("TopicPattern", pattern_fields,
                                           .doc = "Topics that one may use.");

static const ix_field acl_fields[] = {
    {.name = "publish", .type = IX_T_ARRAY, .flags = IX_READ_ONLY, .inside = &pattern,
     .doc = "The topics to publish on."},
    {.name = "subscribe", .type = IX_T_ARRAY, .flags = IX_READ_ONLY, .inside = &pattern,
     .doc = "The topics to subscribe to."},
};

static const ix_schema acl = IX_SCHEMA("Acl", acl_fields, .doc = "What one may do.");

static const ix_field topics_fields[] = {
    {.name = "acl", .type = IX_T_OBJECT, .flags = IX_READ_ONLY, .inside = &acl,
     .doc = "What one may do with which topics."},
};

static const ix_schema topics = IX_SCHEMA("Topics", topics_fields, .doc = "Topics and rights.");

static const ix_field mqtt_fields[] = {
    {.name = "id", .type = IX_T_STRING, .flags = IX_READ_ONLY,
     .doc = "The credentials' ID."},
    {.name = "username", .type = IX_T_STRING, .is_valid = is_username,
     .rule = "expected 1 to 64 letters, digits, . _ or -",
     .doc = "The user name, <name>@<space>; made up if it is not given."},
    {.name = "password", .type = IX_T_STRING, .min = 4, .max = 128,
     .doc = "The password, made up if it is not given; shown when it is set, hidden later."},
    {.name = "enabled", .type = IX_T_BOOL,
     .doc = "Whether one may connect with them."},
    {.name = "description", .type = IX_T_STRING,
     .doc = "What they are for."},
    {.name = "collection_name", .type = IX_T_STRING, .flags = IX_READ_ONLY | IX_ABSENT_OK,
     .doc = "The Category they belong to, if they belong to one."},
    {.name = "topics", .type = IX_T_OBJECT, .flags = IX_READ_ONLY, .inside = &topics,
     .doc = "What they allow."},
    {.name = "created", .type = IX_T_TIME, .flags = IX_READ_ONLY,
     .doc = "When they were created."},
};
// clang-format on

const ix_schema ix_doc_client_secret =
    IX_SCHEMA("ThingOAuth2Credentials", client_secret_fields,
              .doc = "The OAuth2 client of a Thing, with its secret.");

const ix_schema ix_doc_mqtt_credentials =
    IX_SCHEMA("MQTTCredentials", mqtt_fields,
              .doc = "The user name and password with which a Thing or Category speaks MQTT.");
