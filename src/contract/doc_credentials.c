/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets of Things and Categories (docs/api/http.md section 15). */
#include "contract/names.h"
#include "contract/rows.h"
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
    {IX_ROW(thing_oauth2_credentials, client_id), .flags = IX_READ_ONLY},
    {IX_ROW(thing_oauth2_credentials, client_secret), .flags = IX_READ_ONLY},
};

static const ix_field pattern_fields[] = {
    {IX_ROW(publish_item, pattern), .flags = IX_READ_ONLY},
};

static const ix_schema pattern = IX_SCHEMA("TopicPattern", pattern_fields,
                                           .doc = "Topics that one may use.");

static const ix_field acl_fields[] = {
    {IX_ROW(acl, publish), .flags = IX_READ_ONLY, .inside = &pattern},
    {IX_ROW(acl, subscribe), .flags = IX_READ_ONLY, .inside = &pattern},
};

static const ix_schema acl = IX_SCHEMA("Acl", acl_fields, .doc = "What one may do.");

static const ix_field topics_fields[] = {
    {IX_ROW(mqtt_thing_document_acl, acl), .flags = IX_READ_ONLY, .inside = &acl},
};

static const ix_schema topics = IX_SCHEMA("Topics", topics_fields, .doc = "Topics and rights.");

static const ix_field mqtt_fields[] = {
    {IX_ROW(mqtt_category_document, id), .flags = IX_READ_ONLY},
    {IX_ROW(mqtt_category_document, username), .is_valid = is_username,
     .rule = "expected 1 to 64 letters, digits, . _ or -"},
    {IX_ROW(mqtt_category_document, password), .min = 4, .max = 128},
    {IX_ROW(mqtt_category_document, enabled)},
    {IX_ROW(mqtt_category_document, description)},
    {IX_ROW(mqtt_category_document, collection_name), .flags = IX_READ_ONLY | IX_ABSENT_OK},
    {IX_ROW(mqtt_category_document, topics), .flags = IX_READ_ONLY, .inside = &topics},
    {IX_ROW_AS(mqtt_category_document, created, IX_T_TIME), .flags = IX_READ_ONLY},
};
// clang-format on

const ix_schema ix_doc_client_secret =
    IX_SCHEMA("ThingOAuth2Credentials", client_secret_fields,
              .doc = "The OAuth2 client of a Thing, with its secret.");

const ix_schema ix_doc_mqtt_credentials =
    IX_SCHEMA("MQTTCredentials", mqtt_fields,
              .doc = "The user name and password with which a Thing or Category speaks MQTT.");
