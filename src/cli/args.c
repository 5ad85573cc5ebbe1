/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/args.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

/* ---- did you mean ---- */

enum { NEAR_MAX = 40, NEAR_ENOUGH = 2 };

static size_t least_of(size_t a, size_t b, size_t c)
{
    const size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

bool text_is_near(const char *a, const char *b)
{
    const size_t a_len = strlen(a), b_len = strlen(b);
    if (a_len > NEAR_MAX || b_len > NEAR_MAX || a_len < 2 || b_len < 2)
        return false;
    if (a_len >= 3 && strncmp(a, b, a_len) == 0)
        return true;
    /* The letters to add, drop and change (Levenshtein), one row of the table at a time. */
    size_t row[NEAR_MAX + 1];
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            const size_t above = row[j];
            row[j] = least_of(above + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1]));
            corner = above;
        }
    }
    return row[b_len] <= NEAR_ENOUGH && row[b_len] < a_len && row[b_len] < b_len;
}

/* ---- taking apart ---- */

static const cli_flag *flag_find(cli_flags flags, ix_str name)
{
    for (size_t i = 0; i < flags.count; i++) {
        if (ix_str_is(name, flags.at[i].name))
            return &flags.at[i];
    }
    return NULL;
}

static const cli_flag *flag_near(cli_flags flags, const char *name)
{
    for (size_t i = 0; i < flags.count; i++) {
        if (text_is_near(name, flags.at[i].name))
            return &flags.at[i];
    }
    return NULL;
}

static bool fail_unknown(ix_ctx *cx, cli_flags own, cli_flags common, ix_str name)
{
    const char *text = ix_strndup(cx, name.at, name.len);
    if (!text)
        return false;
    const cli_flag *near = flag_near(own, text);
    if (!near)
        near = flag_near(common, text);
    if (near)
        return ix_fail(cx, IOTS_USAGE, "there is no option --%s here; did you mean --%s?", text,
                       near->name);
    return ix_fail(cx, IOTS_USAGE, "there is no option --%s here", text);
}

static bool is_word(const char *text)
{
    return text[0] != '-' || text[1] == '\0' || text[1] == '.' || isdigit((unsigned char)text[1]);
}

static bool is_truth(const char *text)
{
    const ix_str word = ix_str_of(text);
    return ix_str_is_nocase(word, "true") || ix_str_is_nocase(word, "false");
}

static void args_add(cli_args *args, const cli_flag *flag, const char *value)
{
    args->given[args->given_count++] = (given){flag, value};
}

/* Reads the flag in argv[*at], and its value; *at then is the last of argv that was read. */
static bool flag_read(ix_ctx *cx, cli_flags own, cli_flags common, int argc, char *const *argv,
                      int *at, cli_args *ret)
{
    if (argv[*at][1] != '-' && strcmp(argv[*at], "-h") != 0)
        return ix_fail(cx, IOTS_USAGE, "there is no option %s; options begin with two hyphens",
                       argv[*at]);

    ix_str name = argv[*at][1] == '-' ? ix_str_of(argv[*at] + 2) : IX_STR("help");
    const ix_str inside = ix_str_cut(name, '=', &name);
    const cli_flag *flag = flag_find(own, name);
    if (!flag)
        flag = flag_find(common, name);
    if (!flag)
        return fail_unknown(cx, own, common, name);

    const char *next = *at + 1 < argc ? argv[*at + 1] : NULL;
    switch (flag->kind) {
    case FLAG_SWITCH:
        if (inside.at)
            return ix_fail(cx, IOTS_USAGE, "--%s takes no value", flag->name);
        args_add(ret, flag, "true");
        return true;
    case FLAG_BOOL:
        /* "--group false" would leave a word that then means something else. */
        if (!inside.at && next && is_truth(next))
            return ix_fail(cx, IOTS_USAGE, "--%s %s: write --%s=%s", flag->name, next, flag->name,
                           next);
        args_add(ret, flag, inside.at ? inside.at : "true");
        return true;
    case FLAG_VALUE:
        break;
    }
    if (inside.at) {
        args_add(ret, flag, inside.at);
        return true;
    }
    if (!next || strncmp(next, "--", 2) == 0)
        return ix_fail(cx, IOTS_USAGE, "--%s needs a value: --%s %s", flag->name, flag->name,
                       flag->value);
    args_add(ret, flag, next);
    (*at)++;
    return true;
}

static bool args_new(ix_ctx *cx, size_t room, cli_args *ret)
{
    *ret = (cli_args){.given = ix_new(cx, given, room + 1),
                      .words = ix_new(cx, const char *, room + 1)};
    return ret->given && ret->words;
}

bool args_parse(ix_ctx *cx, cli_flags own, cli_flags common, int argc, char *const *argv,
                cli_args *ret)
{
    if (!args_new(cx, (size_t)argc, ret))
        return false;
    bool only_words = false;
    for (int i = 0; i < argc; i++) {
        if (only_words || is_word(argv[i]))
            ret->words[ret->word_count++] = argv[i];
        else if (strcmp(argv[i], "--") == 0)
            only_words = true;
        else if (!flag_read(cx, own, common, argc, argv, &i, ret))
            return false;
    }
    return true;
}

bool args_parse_leading(ix_ctx *cx, cli_flags common, int argc, char *const *argv, cli_args *ret,
                        int *ret_used)
{
    if (!args_new(cx, (size_t)argc, ret))
        return false;
    int i = 0;
    for (; i < argc && !is_word(argv[i]) && strcmp(argv[i], "--") != 0; i++) {
        if (!flag_read(cx, common, (cli_flags){0}, argc, argv, &i, ret))
            return false;
    }
    *ret_used = i;
    return true;
}

bool args_join(ix_ctx *cx, const cli_args *a, const cli_args *b, cli_args *ret)
{
    cli_args both;
    if (!args_new(cx, a->given_count + b->given_count + a->word_count + b->word_count, &both))
        return false;
    const cli_args *const parts[] = {a, b};
    for (size_t p = 0; p < 2; p++) {
        for (size_t i = 0; i < parts[p]->given_count; i++)
            both.given[both.given_count++] = parts[p]->given[i];
        for (size_t i = 0; i < parts[p]->word_count; i++)
            both.words[both.word_count++] = parts[p]->words[i];
    }
    *ret = both;
    return true;
}

/* ---- looking ---- */

const char *args_value(const cli_args *args, const char *name)
{
    for (size_t i = args->given_count; i > 0; i--) {
        if (strcmp(args->given[i - 1].flag->name, name) == 0)
            return args->given[i - 1].value;
    }
    return NULL;
}

bool args_has(const cli_args *args, const char *name)
{
    return args_value(args, name) != NULL;
}

const char *args_each(const cli_args *args, const char *name, size_t *at)
{
    while (*at < args->given_count) {
        const given *given = &args->given[(*at)++];
        if (strcmp(given->flag->name, name) == 0)
            return given->value;
    }
    return NULL;
}

bool args_int(ix_ctx *cx, const cli_args *args, const char *name, int64_t least, int64_t most,
              int64_t otherwise, int64_t *ret)
{
    const char *text = args_value(args, name);
    if (!text) {
        *ret = otherwise;
        return true;
    }
    int64_t value;
    if (!ix_str_int(ix_str_of(text), &value) || value < least || value > most)
        return ix_fail(cx, IOTS_USAGE, "--%s %s: expected an integer from %lld to %lld", name, text,
                       (long long)least, (long long)most);
    *ret = value;
    return true;
}

bool args_skips(ix_ctx *cx, const cli_args *args, const char *name, bool otherwise, bool *ret)
{
    const char *value = args_value(args, name);
    *ret = value ? strcmp(value, "skip") == 0 : otherwise;
    return !value || *ret || strcmp(value, "fail") == 0 ||
           ix_fail(cx, IOTS_USAGE, "--%s %s: expected skip or fail", name, value);
}

bool args_duration(ix_ctx *cx, const cli_args *args, const char *name, int64_t otherwise_ms,
                   int64_t *ret_ms)
{
    // clang-format off
    static const struct { const char *unit; double ms; } units[] = {
        {"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 60 * 60 * 1000}, {"", 1000},
    };
    // clang-format on
    static const double most_ms = 1000.0 * 60 * 60 * 24 * 7;

    const char *text = args_value(args, name);
    if (!text) {
        *ret_ms = otherwise_ms;
        return true;
    }
    const size_t digits = strspn(text, "0123456789.");
    double number;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(text + digits, units[i].unit) != 0)
            continue;
        if (!ix_str_number((ix_str){text, digits}, &number) || number * units[i].ms > most_ms)
            break;
        *ret_ms = (int64_t)(number * units[i].ms);
        return true;
    }
    return ix_fail(cx, IOTS_USAGE, "--%s %s: expected a time such as 500ms, 2s or 1m", name, text);
}
