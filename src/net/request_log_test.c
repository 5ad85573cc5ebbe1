/* SPDX-License-Identifier: Apache-2.0 */
#include "net/request_log.h"

#include "net/net_test.h"

/* ---- what a server logs ---- */

/* Standard error is a file between `listen_to_log` and `logged`. */
static struct ear {
    FILE *file;
    int real_stderr;
} ear;

static void listen_to_log(bool as_json)
{
    ear = (struct ear){tmpfile(), dup(STDERR_FILENO)};
    CHECK(ear.file && ear.real_stderr >= 0);
    ix_log_set(IX_LOG_WARN, as_json);
    dup2(fileno(ear.file), STDERR_FILENO);
}

static void serve_logging(ix_ctx *cx, bool as_json)
{
    serve_with(cx, (http_settings){.has_access_log = true});
    listen_to_log(as_json);
}

static const char *logged(ix_ctx *cx)
{
    enum { MOST = 1 << 16 };
    dup2(ear.real_stderr, STDERR_FILENO);
    close(ear.real_stderr);
    ix_log_set(IX_LOG_WARN, false);
    rewind(ear.file);
    char *text = ix_alloc(cx, MOST);
    const size_t len = fread(text, 1, MOST - 1, ear.file);
    fclose(ear.file);
    CHECK_INT(strlen(text), len);
    return text;
}

/* Asks for this and hears the answer; what is logged of it is in the file before that. */
static answer ask(const char *request)
{
    phone phone = dial();
    CHECK(say(&phone, request));
    const answer answer = hear_answer(&phone, strncmp(request, "HEAD", 4) != 0);
    hang_up(&phone);
    return answer;
}

/* The only line of a log of text, from the name of its first field that does not vary. */
static const char *only_line(const char *log)
{
    const char *end = strchr(log, '\n');
    CHECK(end && !end[1]);
    const char *method = strstr(log, " method=");
    CHECK(strstr(log, "Z info request peer=127.0.0.1:") && method);
    return ix_strndup(scene.cx, method + 1, (size_t)(end - method) - 1);
}

/* The same without the time that it took. */
static const char *without_duration(const char *line)
{
    const char *at = strstr(line, " duration_ms=");
    CHECK(at != NULL);
    const char *end = at + strlen(" duration_ms=");
    CHECK(strspn(end, "0123456789.") >= strlen("0.000"));
    end += strspn(end, "0123456789.");
    return ix_format(scene.cx, "%.*s%s", (int)(at - line), line, end);
}

#define CHECK_LOGGED(request, want)                                \
    do {                                                           \
        serve_logging(cx, false);                                  \
        ask(request);                                              \
        CHECK_TEXT(without_duration(only_line(logged(cx))), want); \
    } while (0)

TEST("a request is a line of the access log, whatever the level")
{
    CHECK_LOGGED(GET_HEALTH, "method=GET path=/health operation=health_get status=200 bytes=15");
}

TEST("the client that a token stands for is reported, the token is not")
{
    CHECK_LOGGED(GET_PROPERTY, "method=GET path=" PLACE " operation=property_get status=200 "
                               "bytes=10 client=app::tester");
}

TEST("HEAD sends no bytes")
{
    CHECK_LOGGED("HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n",
                 "method=HEAD path=/health operation=health_get status=200 bytes=0");
}

TEST("what finds no operation is reported, too")
{
    CHECK_LOGGED("BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n",
                 "method=BREW path=/pot operation=none status=404 bytes=46");
}

TEST("what is refused before there is a call is reported, too")
{
    CHECK_LOGGED("GET /health HTTP/1.1\r\n\r\n",
                 "method=GET path=/health operation=none status=400 bytes=53");
}

TEST("no query is reported, since a client may put its token there")
{
    CHECK_LOGGED("GET /spaces?access_token=secret HTTP/1.1\r\n" BEARER "\r\n",
                 "method=GET path=/spaces operation=spaces_list status=200 bytes=75 "
                 "client=app::tester");
}

TEST("no query of a login is reported")
{
    serve_logging(cx, false);
    ask("GET /oauth2/auth?state=secret&client_id=nobody HTTP/1.1\r\nHost: x\r\n\r\n");
    const char *line = only_line(logged(cx));
    CHECK(strstr(line, "path=/oauth2/auth operation=login_page status=400"));
    CHECK(!strstr(line, "secret") && !strchr(line, '?'));
}

TEST("a hostile path is one word of one line")
{
    CHECK_LOGGED("GET /a\"b\\c\x1B[31m\xC2\x9B\x7F=\xFF HTTP/1.1\r\nHost: x\r\n\r\n",
                 "method=GET path=\"/a\\\"b\\\\c\\x1b[31m\\xc2\\x9b\\x7f=\\xff\" operation=none "
                 "status=400 bytes=60");
}

TEST("a long path is cut, between characters")
{
    char path[REQUEST_LOG_PATH_MAX + 3];
    memset(path, 'a', sizeof path);
    path[0] = '/';
    memcpy(path + REQUEST_LOG_PATH_MAX - 1, "\xC3\xB6z", 4);
    serve_logging(cx, false);
    ask(ix_format(cx, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path));
    const char *line = only_line(logged(cx));
    path[REQUEST_LOG_PATH_MAX - 1] = 0;
    CHECK(strstr(line, ix_format(cx, " path=%s... operation=none ", path)));
}

TEST("in JSON a request is an object, whatever its path")
{
    serve_logging(cx, true);
    ask("GET /a\"b\\c\x1B=\xC3\xB6\xC2\x9B HTTP/1.1\r\n" BEARER "\r\n");
    const ix_json *line = json_of(cx, logged(cx));
    CHECK_TEXT(ix_json_string(ix_json_member(line, "level")), "info");
    CHECK_TEXT(ix_json_string(ix_json_member(line, "message")), "request");
    CHECK(strncmp(ix_json_string(ix_json_member(line, "peer")), "127.0.0.1:", 10) == 0);
    CHECK_TEXT(ix_json_string(ix_json_member(line, "method")), "GET");
    CHECK_TEXT(ix_json_string(ix_json_member(line, "path")), "/a\"b\\c\\x1b=\xC3\xB6\\x9b");
    CHECK_TEXT(ix_json_string(ix_json_member(line, "operation")), "none");
    CHECK_INT(ix_json_int(ix_json_member(line, "status"), 0), 400);
    CHECK_INT(ix_json_int(ix_json_member(line, "bytes"), 0), 60);
    CHECK(ix_json_is_number(ix_json_member(line, "duration_ms")));
    CHECK(ix_json_member(line, "client") == NULL);
}

/* ---- failures ---- */

/* Answers 503 to a request, since the store is elsewhere meanwhile. What is logged then. */
static const char *logged_of_failure(ix_ctx *cx, http_settings http)
{
    http.threads = 1;
    serve_with(cx, http);
    listen_to_log(false);
    const char *elsewhere = ix_format(cx, "%s-away", scene.folder);
    CHECK(rename(scene.folder, elsewhere) == 0);
    const answer answer = ask("GET /health?secret HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(rename(elsewhere, scene.folder) == 0);
    CHECK_INT(answer.status, 503);
    CHECK(!strstr(answer.body, scene.folder));
    return logged(cx);
}

TEST("a failure of ours is logged with its reason, which the client does not hear")
{
    const char *line = logged_of_failure(cx, (http_settings){0});
    const char *end = strchr(line, '\n');
    CHECK(end && !end[1]);
    CHECK(strstr(line, ix_format(cx, "Z warn %s", scene.folder)));
    CHECK(strstr(line, " method=GET path=/health operation=health_get status=503\n"));
}

TEST("without an access log nothing is reported of what went well, unless all is to be reported")
{
    serve(cx);
    listen_to_log(false);
    CHECK_INT(ask(GET_HEALTH).status, 200);
    CHECK_INT(ask("GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n").status, 404);
    CHECK_TEXT(logged(cx), "");

    listen_to_log(false);
    ix_log_set_level(IX_LOG_DEBUG);
    CHECK_INT(ask(GET_HEALTH).status, 200);
    CHECK(strstr(logged(cx), "Z debug request peer=127.0.0.1:"));
}
