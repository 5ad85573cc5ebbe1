/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

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
