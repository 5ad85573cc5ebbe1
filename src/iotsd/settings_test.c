/* SPDX-License-Identifier: Apache-2.0 */
#include "iotsd/settings.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"

/* ---- the words in which the tests are said ---- */

#define NO_ENV ((const char *const[]){NULL})

/* A configuration file of this text; removed by the caller. */
static const char *file_of(ix_ctx *cx, const char *text)
{
    char *path = ix_strdup(cx, "/tmp/iotsd-settings-XXXXXX");
    const int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    return path;
}

/* Settings of a file of this text. */
static bool read_text(ix_ctx *cx, iotsd_settings *settings, const char *text)
{
    const char *path = file_of(cx, text);
    const bool ok = settings_init(cx, settings) && settings_take_file(cx, settings, path, true) &&
                    settings_check(cx, settings);
    unlink(path);
    return ok;
}

/* What is said of one flag; NULL if it is taken. */
static const char *complaint(ix_ctx *cx, const char *name, const char *value)
{
    iotsd_settings settings;
    CHECK_OK(cx, settings_init(cx, &settings));
    if (settings_take_flag(cx, &settings, name, value) && settings_check(cx, &settings))
        return NULL;
    CHECK_INT(cx->error.code, IOTS_USAGE);
    const char *sentence = ix_strdup(cx, cx->error.message);
    ix_ctx_clear_error(cx);
    return sentence;
}

static int64_t number_of(ix_ctx *cx, setting_id id, const char *value)
{
    iotsd_settings settings;
    CHECK_OK(cx, settings_init(cx, &settings));
    CHECK_OK(cx, settings_take_flag(cx, &settings, setting_rows[id].name, value));
    return settings.all[id].number;
}

/* ---- defaults and precedence ---- */

TEST("every row has a sentence and a default that is in order")
{
    iotsd_settings settings;
    CHECK_OK(cx, settings_init(cx, &settings));
    CHECK_OK(cx, settings_check(cx, &settings));
    for (int i = 0; i < SETTING_COUNT; i++) {
        CHECK(setting_rows[i].sentence[strlen(setting_rows[i].sentence) - 1] == '.');
        CHECK(setting_find(setting_rows[i].name) == &setting_rows[i]);
        CHECK(settings.all[i].place == NULL);
    }
    CHECK_TEXT(SET(&settings, data).text, "./iotsd-data");
    CHECK_TEXT(SET(&settings, listen).list[0], "127.0.0.1:8080");
    CHECK_INT(SET(&settings, body_limit).number, 1 << 20);
    CHECK_INT(SET(&settings, token_lifetime).number, INT64_C(3600000000));
    CHECK_INT(SET(&settings, validate_values).number, 0);
}

TEST("a flag wins over the environment, that over the file, that over the default")
{
    static const char *const env[] = {"HOME=/", "IOTSD_DATA=/env", "IOTSD_LOG_LEVEL=warn", NULL};
    iotsd_settings settings;
    CHECK_OK(cx, read_text(cx, &settings, "data = /file\nlog_level = error\nbody_limit = 2KiB\n"));
    CHECK_OK(cx, settings_take_env(cx, &settings, env));
    CHECK_OK(cx, settings_take_flag(cx, &settings, "data", "/flag"));

    CHECK_TEXT(SET(&settings, data).text, "/flag");
    CHECK_TEXT(SET(&settings, data).place, "--data");
    CHECK_INT(SET(&settings, log_level).number, 1);
    CHECK_TEXT(SET(&settings, log_level).place, "IOTSD_LOG_LEVEL");
    CHECK_INT(SET(&settings, body_limit).number, 2048);
    CHECK_INT(SET(&settings, log_format).number, 0);
}

TEST("a list adds up within one place and is replaced by a stronger one")
{
    iotsd_settings settings;
    CHECK_OK(cx, read_text(cx, &settings, "listen = a:1, b:2\nlisten = [::1]:3\n"));
    CHECK_INT(SET(&settings, listen).count, 3);
    CHECK_TEXT(SET(&settings, listen).list[1], "b:2");
    CHECK_TEXT(SET(&settings, listen).list[2], "[::1]:3");

    CHECK_OK(cx, settings_take_flag(cx, &settings, "listen", "c:4"));
    CHECK_OK(cx, settings_take_flag(cx, &settings, "listen", "d:5"));
    CHECK_INT(SET(&settings, listen).count, 2);
    CHECK_TEXT(SET(&settings, listen).list[0], "c:4");
}

TEST("nothing means none where there is no default")
{
    iotsd_settings settings;
    CHECK_OK(cx, read_text(cx, &settings, "public_url = http://a.example\n"));
    CHECK_OK(cx, settings_take_flag(cx, &settings, "public_url", ""));
    CHECK(SET(&settings, public_url).text == NULL);
    CHECK_TEXT(complaint(cx, "data", ""), "--data: there is no value");
}

TEST("hyphens are as good as underscores, and the environment speaks in capitals")
{
    CHECK(setting_find("mqtt-listen") == &setting_rows[SETTING_mqtt_listen]);
    CHECK(setting_find("MQTT_LISTEN") == &setting_rows[SETTING_mqtt_listen]);
    CHECK(setting_find("mqtt listen") == NULL);
    CHECK(setting_find("dat") == NULL);
    CHECK(setting_find("data2") == NULL);
}

/* ---- the file ---- */

TEST("a file has comments, blank lines and blanks around everything")
{
    iotsd_settings settings;
    CHECK_OK(cx,
             read_text(cx, &settings, "# a comment\n\n  data=  /a b \r\n\t# more\nthreads = 4"));
    CHECK_TEXT(SET(&settings, data).text, "/a b");
    CHECK_INT(SET(&settings, threads).number, 4);
}

TEST("what is wrong in a file is reported with its line")
{
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"\nport = 80\n", ":2: there is no setting 'port'"},
        {"data\n", ":1: expected name = value"},
        {"threads = many\n", ":1: 'many' is not a whole number"},
        {"data = /a\ndata = /b\n", ":2: 'data' is given twice"},
        {"tls_key = /k\n", ":1: tls_certificate is missing"},
        {"tls_certificate = /c\n", ":1: tls_key is missing"},
        {"listen = ,\n", ":1: there is no address"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        iotsd_settings settings;
        CHECK(!read_text(cx, &settings, cases[i].text));
        CHECK_INT(cx->error.code, IOTS_USAGE);
        CHECK_TEXT(strchr(cx->error.message, ':'), cases[i].sentence);
        ix_ctx_clear_error(cx);
    }
}

TEST("a file that was asked for must be there, the usual one need not")
{
    iotsd_settings settings;
    CHECK_OK(cx, settings_init(cx, &settings));
    CHECK_OK(cx, settings_take_file(cx, &settings, "/nowhere/iotsd.conf", false));
    CHECK_FAILS(cx, settings_take_file(cx, &settings, "/nowhere/iotsd.conf", true), IOTS_USAGE);
    CHECK_FAILS(cx, settings_take_file(cx, &settings, "/tmp", true), IOTS_USAGE);
}

TEST("unknown variables are collected, those of iots are not")
{
    static const char *const env[] = {
        "IOTSD_PORT=tcp://10.0.0.1:80",
        "IOTSD_SERVICE_HOST=10.0.0.1",
        "IOTS_CLIENT_SECERT=x",
        "IOTS_CLIENT_SECRET=x",
        "IOTS_HOST=localhost",
        "IOTSD_THREADS=3",
        "IOTSD_",
        "IOTSDIOT=1",
        NULL,
    };
    iotsd_settings settings;
    CHECK_OK(cx, settings_init(cx, &settings));
    CHECK_OK(cx, settings_take_env(cx, &settings, env));
    CHECK_INT(settings.unknown_count, 3);
    CHECK_TEXT(settings.unknown_variables[0], "IOTSD_PORT");
    CHECK_TEXT(settings.unknown_variables[1], "IOTSD_SERVICE_HOST");
    CHECK_TEXT(settings.unknown_variables[2], "IOTS_CLIENT_SECERT");
    CHECK_INT(SET(&settings, threads).number, 3);
}

TEST("a malformed value of a known variable is refused by name")
{
    static const char *const env[] = {"IOTSD_THREADS=many", NULL};
    iotsd_settings settings;
    CHECK_OK(cx, settings_init(cx, &settings));
    CHECK(!settings_take_env(cx, &settings, env));
    CHECK_TEXT(cx->error.message, "IOTSD_THREADS: 'many' is not a whole number");
    ix_ctx_clear_error(cx);
}

/* ---- values ---- */

TEST("sizes and times have units")
{
    CHECK_INT(number_of(cx, SETTING_body_limit, "4096"), 4096);
    CHECK_INT(number_of(cx, SETTING_body_limit, "64KiB"), 65536);
    CHECK_INT(number_of(cx, SETTING_body_limit, "3 MiB"), 3 << 20);
    CHECK_INT(number_of(cx, SETTING_body_limit, "1GiB"), 1 << 30);
    CHECK_INT(number_of(cx, SETTING_token_lifetime, "5"), INT64_C(5000000));
    CHECK_INT(number_of(cx, SETTING_token_lifetime, "1500ms"), INT64_C(1500000));
    CHECK_INT(number_of(cx, SETTING_token_lifetime, "90s"), INT64_C(90000000));
    CHECK_INT(number_of(cx, SETTING_token_lifetime, "2m"), INT64_C(120000000));
    CHECK_INT(number_of(cx, SETTING_token_lifetime, "1h"), INT64_C(3600000000));
    CHECK_INT(number_of(cx, SETTING_history_retention, "30d"), INT64_C(2592000000000));
}

TEST("bools and choices have words")
{
    CHECK_INT(number_of(cx, SETTING_enforce_read_only, "true"), 1);
    CHECK_INT(number_of(cx, SETTING_enforce_read_only, "Off"), 0);
    CHECK_INT(number_of(cx, SETTING_validate_values, "type"), 1);
    CHECK_INT(number_of(cx, SETTING_log_level, "debug"), 3);
    CHECK_INT(number_of(cx, SETTING_log_format, "json"), 1);
}

TEST("a malformed value is reported with what it should be")
{
    static const struct {
        const char *name, *value, *sentence;
    } cases[] = {
        {"port", "80", "--port: there is no such setting"},
        {"body_limit", "1MB", "--body_limit: '1MB' is not a size (4096, 64KiB, 1MiB, 2GiB)"},
        {"body_limit", "MiB", "--body_limit: 'MiB' is not a size (4096, 64KiB, 1MiB, 2GiB)"},
        {"body_limit", "99999999999999999999",
         "--body_limit: '99999999999999999999' is not a size (4096, 64KiB, 1MiB, 2GiB)"},
        {"body_limit", "9007199254740993GiB",
         "--body_limit: '9007199254740993GiB' is not a size (4096, 64KiB, 1MiB, 2GiB)"},
        {"body_limit", "10", "--body_limit: 10 is too small"},
        {"body_limit", "2GiB", "--body_limit: 2GiB is too large"},
        {"token_lifetime", "-5", "--token_lifetime: '-5' is not a time (500ms, 30s, 5m, 2h, 90d)"},
        {"token_lifetime", "0", "--token_lifetime: 0 is too small"},
        {"history_retention", "1y",
         "--history_retention: '1y' is not a time (500ms, 30s, 5m, 2h, 90d)"},
        {"enforce_read_only", "maybe", "--enforce_read_only: 'maybe' is neither true nor false"},
        {"validate_values", "some", "--validate_values: 'some' is none of: strict type off"},
        {"log_level", "", "--log_level: there is no value"},
        {"store", "mysql://x", "--store: it is neither sqlite nor postgres://..."},
        {"listen", "8080", "--listen: '8080' has no port (ADDR:PORT)"},
        {"listen", "127.0.0.1:99999",
         "--listen: '127.0.0.1:99999': a port is a number from 0 to 65535"},
        {"listen", "::1:80", "--listen: '::1:80': an IPv6 address stands in brackets"},
        {"listen", ":80", "--listen: ':80' has no address (ADDR:PORT)"},
        {"mqtt_listen", "on", "--mqtt_listen: 'on' has no port (ADDR:PORT)"},
        {"public_url", "iot.example.org",
         "--public_url: 'iot.example.org' is not a http:// or https:// address"},
        {"public_url", "https://a.example/",
         "--public_url: 'https://a.example/' ends with a slash"},
        {"public_url", "https://", "--public_url: 'https://' is not a http:// or https:// address"},
        {"smtp_url", "mail:x:y", "--smtp_url: it is not a smtp:// or smtps:// address"},
        {"smtp_url", "smtp://h/?starttls=maybe",
         "--smtp_url: what follows the address is not ?starttls=required"},
        {"mail_from", "someone", "--mail_from: 'someone' is not an e-mail address"},
        {"cors_origins", "https://a.example/b",
         "--cors_origins: 'https://a.example/b' is not an origin (https://host:port)"},
        {"cors_origins", "*,null", "--cors_origins: 'null' is not an origin (https://host:port)"},
        {"rate_limit", "0", "--rate_limit: 0 is too small"},
        {"rate_limit", "1000001", "--rate_limit: 1000001 is too large"},
        {"max_connections", "1000001", "--max_connections: 1000001 is too large"},
        {"body_budget", "1MiB", "--body_budget: body_budget is less than twice body_limit"},
        {"reply_budget", "1KiB", "--reply_budget: 1KiB is too small"},
        {"threads", "257", "--threads: 257 is too large"},
        {"threads", "2.5", "--threads: '2.5' is not a whole number"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_TEXT(complaint(cx, cases[i].name, cases[i].value), cases[i].sentence);
}

TEST("well-formed values are taken")
{
    static const char *const cases[][2] = {
        {"store", "postgres://u@h/db"},
        {"listen", "[::]:0"},
        {"mqtt_listen", "off"},
        {"public_url", "https://iot.example.org/base"},
        {"smtp_url", "smtps://u:p@h:465"},
        {"smtp_url", "smtp://h:25/?starttls=required"},
        {"mail_from", "iot@example.org"},
        {"mail_from", "Farm <iot@example.org>"},
        {"cors_origins", "*"},
        {"cors_origins", "https://a.example,http://b:81"},
        {"rate_limit", "100"},
        {"threads", "0"},
        {"history_retention", "0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK(complaint(cx, cases[i][0], cases[i][1]) == NULL);
}

TEST("a password in a setting is not repeated in a complaint")
{
    CHECK(strstr(complaint(cx, "smtp_url", "http://u:hunter2@h"), "hunter2") == NULL);
}
