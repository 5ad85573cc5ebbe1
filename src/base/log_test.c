/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"

/* What is logged between `listen` and `heard`. Standard error is a file meanwhile. */
typedef struct ear {
    FILE *file;
    int real_stderr;
} ear;

static ear listen(void)
{
    ear e = {tmpfile(), dup(STDERR_FILENO)};
    CHECK(e.file && e.real_stderr >= 0);
    dup2(fileno(e.file), STDERR_FILENO);
    return e;
}

static const char *heard(ix_ctx *cx, ear e)
{
    dup2(e.real_stderr, STDERR_FILENO);
    close(e.real_stderr);
    rewind(e.file);
    char *text = ix_alloc(cx, 20000);
    const size_t len = fread(text, 1, 19999, e.file);
    text[len] = '\0';
    fclose(e.file);
    return text;
}

/* The line without the time in front of it. */
static const char *after_time(const char *line)
{
    CHECK(strlen(line) > 20 && line[4] == '-' && line[10] == 'T');
    return strchr(line, ' ') + 1;
}

TEST("a fact is one line: time, level, sentence")
{
    ix_log_set(IX_LOG_INFO, false);
    const ear e = listen();
    ix_log(IX_LOG_WARN, "the disk is %d%% full", 93);
    CHECK_TEXT(after_time(heard(cx, e)), "warn the disk is 93% full\n");
}

TEST("a fact may be a line of JSON")
{
    ix_log_set(IX_LOG_INFO, true);
    const ear e = listen();
    ix_log(IX_LOG_ERROR, "two\nlines, \"quoted\", \xFF");
    const ix_json *line = json_of(cx, heard(cx, e));
    CHECK_INT(ix_json_count(line), 3);
    CHECK_TEXT(ix_json_string(ix_json_member(line, "level")), "error");
    CHECK_TEXT(ix_json_string(ix_json_member(line, "message")), "two\\nlines, \"quoted\", \\xff");
    CHECK_INT(ix_json_string(ix_json_member(line, "time"))[10], 'T');
}

TEST("nothing in a sentence ends the line or talks to the terminal")
{
    ix_log_set(IX_LOG_INFO, false);
    const ear e = listen();
    ix_log(IX_LOG_INFO, "a\nb\rc\x1B[31m\x7F K\xC3\xB6ln");
    CHECK_TEXT(after_time(heard(cx, e)), "info a\\nb\\x0dc\\x1b[31m\\x7f K\xC3\xB6ln\n");
}

TEST("only the wanted levels are written")
{
    ix_log_set(IX_LOG_WARN, false);
    CHECK(ix_log_wants(IX_LOG_ERROR) && ix_log_wants(IX_LOG_WARN) && !ix_log_wants(IX_LOG_INFO));
    const ear e = listen();
    ix_log(IX_LOG_INFO, "not this");
    CHECK_TEXT(heard(cx, e), "");
    ix_log_set_level(IX_LOG_DEBUG);
    CHECK(ix_log_wants(IX_LOG_DEBUG));
}

TEST("a sentence that is too long is cut between characters")
{
    ix_log_set(IX_LOG_INFO, false);
    char words[6001];
    for (size_t i = 0; i < 6000; i += 2)
        memcpy(words + i, "\xC3\xB6", 3);
    const ear e = listen();
    ix_log(IX_LOG_INFO, "%s", words);
    const char *line = heard(cx, e);
    CHECK(strlen(line) > 4000 && strlen(line) < 4200);
    CHECK(ix_str_is_utf8(ix_str_of(line)));
    CHECK(!strstr(line, "\\x"));
}

/* ---- fields ---- */

/* What a value looks like in a line of text, after "x=". */
static const char *in_text(ix_ctx *cx, ix_str value)
{
    ix_log_set(IX_LOG_INFO, false);
    const ear e = listen();
    ix_log_fact(IX_LOG_INFO, IX_STR("it"), &(ix_log_field){"x", value, false}, 1);
    const char *line = after_time(heard(cx, e));
    const size_t before = strlen("info it x=");
    CHECK(strncmp(line, "info it x=", before) == 0);
    CHECK(strchr(line, '\n') == line + strlen(line) - 1);
    return ix_strndup(cx, line + before, strlen(line) - before - 1);
}

/* And in a line of JSON, read back. */
static const char *in_json(ix_ctx *cx, ix_str value)
{
    ix_log_set(IX_LOG_INFO, true);
    const ear e = listen();
    ix_log_fact(IX_LOG_INFO, IX_STR("it"), &(ix_log_field){"x", value, false}, 1);
    const char *line = heard(cx, e);
    CHECK(strchr(line, '\n') == line + strlen(line) - 1);
    return ix_json_string(ix_json_member(json_of(cx, line), "x"));
}

TEST("a fact has fields, in text and in JSON")
{
    const ix_log_field fields[] = {
        {"path", IX_STR("/spaces"), false},
        {"status", IX_STR("200"), true},
        {"took_ms", IX_STR("0.25"), true},
    };
    ix_log_set(IX_LOG_INFO, false);
    const ear text = listen();
    ix_log_fact(IX_LOG_WARN, IX_STR("a request"), fields, 3);
    CHECK_TEXT(after_time(heard(cx, text)),
               "warn a request path=/spaces status=200 took_ms=0.25\n");

    ix_log_set(IX_LOG_INFO, true);
    const ear json = listen();
    ix_log_fact(IX_LOG_WARN, IX_STR("a request"), fields, 3);
    const ix_json *line = json_of(cx, heard(cx, json));
    CHECK_INT(ix_json_count(line), 6);
    CHECK_TEXT(ix_json_string(ix_json_member(line, "level")), "warn");
    CHECK_TEXT(ix_json_string(ix_json_member(line, "message")), "a request");
    CHECK_TEXT(ix_json_string(ix_json_member(line, "path")), "/spaces");
    CHECK_INT(ix_json_int(ix_json_member(line, "status"), 0), 200);
    CHECK_TEXT(ix_json_text(cx, ix_json_member(line, "took_ms")), "0.25");
}

TEST("nothing in a field ends it, the line, or talks to the terminal")
{
    static const struct {
        ix_str value;
        const char *text, *json;
    } cases[] = {
        {{"/a/b-c", 6}, "/a/b-c", "/a/b-c"},
        {{"", 0}, "\"\"", ""},
        {{"a b", 3}, "\"a b\"", "a b"},
        {{"a\" status=500", 13}, "\"a\\\" status=500\"", "a\" status=500"},
        {{"a\\", 2}, "\"a\\\\\"", "a\\"},
        {{"x=y", 3}, "\"x=y\"", "x=y"},
        {{"a\nb", 3}, "\"a\\nb\"", "a\nb"},
        {{"a\0b\x1B[31m", 8}, "\"a\\x00b\\x1b[31m\"", "a\\x00b\\x1b[31m"},
        {{"\x7F", 1}, "\"\\x7f\"", "\\x7f"},
        {{"\xC2\x9B\x33", 3}, "\"\\x9b3\"", "\\x9b3"},
        {{"\xC3\xB6\xC2\xB0", 4}, "\"\xC3\xB6\xC2\xB0\"", "\xC3\xB6\xC2\xB0"},
        {{"\xFF\xC2", 2}, "\"\\xff\\xc2\"", "\\xff\\xc2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_TEXT(in_text(cx, cases[i].value), cases[i].text);
        if (!memchr(cases[i].value.at, 0, cases[i].value.len))
            CHECK_TEXT(in_json(cx, cases[i].value), cases[i].json);
    }
}

/* ---- many at once ---- */

enum { WRITERS = 4, LINES = 20, LONG = 70000 }; /* longer than a pipe holds */

static void *write_lines(void *arg)
{
    char *text = malloc(LONG);
    if (!text)
        return NULL;
    memset(text, *(const char *)arg, LONG);
    for (int i = 0; i < LINES; i++)
        ix_log_fact(IX_LOG_INFO, IX_STR("it"), &(ix_log_field){"x", {text, LONG}, false}, 1);
    free(text);
    return NULL;
}

/* Reads what comes through a pipe to its end, and counts the lines of one letter. */
static void *count_lines(void *arg)
{
    int *whole = arg;
    char *line = NULL;
    size_t size = 0;
    FILE *in = fdopen(*whole, "r");
    *whole = 0;
    while (getline(&line, &size, in) > 0) {
        const char *value = strstr(line, " x=");
        if (value && strspn(value + 3, (char[]){value[3], 0}) == LONG && value[3 + LONG] == '\n')
            ++*whole;
    }
    free(line);
    fclose(in);
    return NULL;
}

TEST("long lines of many threads do not mix in a pipe")
{
    static const char *const letters[WRITERS] = {"a", "b", "c", "d"};
    int fds[2];
    pthread_t writers[WRITERS], reader;
    ix_log_set(IX_LOG_INFO, false);
    CHECK(pipe(fds) == 0);
    const int real_stderr = dup(STDERR_FILENO);
    dup2(fds[1], STDERR_FILENO);
    close(fds[1]);
    int whole = fds[0];
    CHECK(pthread_create(&reader, NULL, count_lines, &whole) == 0);
    for (int i = 0; i < WRITERS; i++) {
        union {
            const char *from;
            void *to;
        } letter = {.from = letters[i]};
        CHECK(pthread_create(&writers[i], NULL, write_lines, letter.to) == 0);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i], NULL);
    dup2(real_stderr, STDERR_FILENO); /* the pipe's end */
    close(real_stderr);
    pthread_join(reader, NULL);
    CHECK_INT(whole, WRITERS * LINES);
}
