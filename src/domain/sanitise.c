/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser's tree is written again from nothing: only elements of the table come out, and all text
 * is escaped, so whatever the parser made of the input, nothing else can be in the output.
 *
 * The parser's memory and time may grow with the square of its input, and it has no way to fail. So
 * it gets its memory from us: what goes beyond a limit leaves it by a long jump, and all of its memory
 * is released at once. (Its own release is recursive, and depth is what an attacker brings.)
 */
#include "domain/sanitise.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gumbo.h>

#include "base/buf.h"

/* ---- what becomes of an element ---- */

typedef enum treatment {
    UNWRAP, /* the tags go, what is between them stays: all that is not in the table */
    KEEP,
    KEEP_EMPTY, /* has no content, and so no end tag */
    DROP,       /* with all that is in it */
} treatment;

// clang-format off
static const unsigned char treatments[GUMBO_TAG_LAST + 1] = {
    [GUMBO_TAG_BR]     = KEEP_EMPTY, [GUMBO_TAG_HR]         = KEEP_EMPTY,
    [GUMBO_TAG_P]      = KEEP,       [GUMBO_TAG_DIV]        = KEEP, [GUMBO_TAG_SPAN]  = KEEP,
    [GUMBO_TAG_B]      = KEEP,       [GUMBO_TAG_STRONG]     = KEEP, [GUMBO_TAG_I]     = KEEP,
    [GUMBO_TAG_EM]     = KEEP,       [GUMBO_TAG_U]          = KEEP, [GUMBO_TAG_S]     = KEEP,
    [GUMBO_TAG_SUB]    = KEEP,       [GUMBO_TAG_SUP]        = KEEP,
    [GUMBO_TAG_UL]     = KEEP,       [GUMBO_TAG_OL]         = KEEP, [GUMBO_TAG_LI]    = KEEP,
    [GUMBO_TAG_H1]     = KEEP,       [GUMBO_TAG_H2]         = KEEP, [GUMBO_TAG_H3]    = KEEP,
    [GUMBO_TAG_H4]     = KEEP,       [GUMBO_TAG_H5]         = KEEP, [GUMBO_TAG_H6]    = KEEP,
    [GUMBO_TAG_PRE]    = KEEP,       [GUMBO_TAG_BLOCKQUOTE] = KEEP, [GUMBO_TAG_CODE]  = KEEP,
    [GUMBO_TAG_TABLE]  = KEEP,       [GUMBO_TAG_THEAD]      = KEEP, [GUMBO_TAG_TBODY] = KEEP,
    [GUMBO_TAG_TR]     = KEEP,       [GUMBO_TAG_TH]         = KEEP, [GUMBO_TAG_TD]    = KEEP,

    [GUMBO_TAG_SCRIPT]   = DROP, [GUMBO_TAG_STYLE] = DROP, [GUMBO_TAG_HEAD]   = DROP,
    [GUMBO_TAG_TITLE]    = DROP, [GUMBO_TAG_FORM]  = DROP, [GUMBO_TAG_IFRAME] = DROP,
    [GUMBO_TAG_OBJECT]   = DROP, [GUMBO_TAG_EMBED] = DROP, [GUMBO_TAG_SVG]    = DROP,
    [GUMBO_TAG_MATH]     = DROP, [GUMBO_TAG_TEMPLATE] = DROP, [GUMBO_TAG_NOSCRIPT] = DROP,
};
// clang-format on

static treatment treatment_of(const GumboElement *element)
{
    /* Foreign elements stand inside svg or math only. */
    return element->tag_namespace == GUMBO_NAMESPACE_HTML ? (treatment)treatments[element->tag]
                                                          : DROP;
}

/* ---- links ---- */

/* What a link begins with, in any letter case. Some stand at the beginning of a word only, since
 * words may well contain them ("metadata:"). */
typedef struct link_start {
    const char *text;
    bool begins_word;
} link_start;

static const link_start link_starts[] = {
    {"http:", false},       {"https:", false}, {"ftp:", false},    {"www.", true},
    {"javascript:", false}, {"data:", true},   {"mailto:", false},
};

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

/* Length of what begins a link at `i`; 0 if none begins there. */
static size_t link_start_at(ix_str text, size_t i)
{
    for (size_t row = 0; row < sizeof(link_starts) / sizeof(link_starts[0]); row++) {
        const link_start *start = &link_starts[row];
        const size_t len = strlen(start->text);
        if (text.len - i < len || !ix_str_is_nocase((ix_str){text.at + i, len}, start->text))
            continue;
        if (!start->begins_word || i == 0 || !is_word_char(text.at[i - 1]))
            return len;
    }
    return 0;
}

/* Does the link end before this character? At blanks, the one of two bytes (U+00A0) included, controls
 * and what quotes it. */
static bool ends_link(ix_str text, size_t i)
{
    const unsigned char c = (unsigned char)text.at[i];
    const bool is_hard_blank =
        c == 0xc2 && i + 1 < text.len && (unsigned char)text.at[i + 1] == 0xa0;
    return c <= ' ' || c == 0x7f || c == '<' || c == '>' || c == '"' || is_hard_blank;
}

/* Where the link from `from` on ends: without what belongs to the sentence around it. */
static size_t link_end(ix_str text, size_t from, size_t min)
{
    size_t end = from + min;
    while (end < text.len && !ends_link(text, end))
        end++;
    const bool has_bracket = memchr(text.at + from, '(', end - from) != NULL;
    while (end > from + min &&
           (strchr(".,;:!?'", text.at[end - 1]) || (text.at[end - 1] == ')' && !has_bracket)))
        end--;
    return end;
}

/* Appends the text with its links replaced; `add` takes a piece of it. */
static void add_without_links(ix_buf *out, ix_str text, void (*add)(ix_buf *out, ix_str piece))
{
    size_t done = 0;
    for (size_t i = 0; i < text.len;) {
        const size_t min = link_start_at(text, i);
        const size_t end = min ? link_end(text, i, min) : i;
        if (end <= i + min) { /* a mere "data:" is a word */
            i++;
            continue;
        }
        add(out, (ix_str){text.at + done, i - done});
        ix_buf_text(out, SANITISE_LINK);
        done = i = end;
    }
    if (done < text.len)
        add(out, (ix_str){text.at + done, text.len - done});
}

bool sanitise_text(ix_ctx *cx, ix_str text, ix_str *ret)
{
    ix_buf out = {0};
    add_without_links(&out, text, ix_buf_str);
    return ix_buf_take_in(cx, &out, ret);
}

/* ---- the parser's memory ---- */

typedef struct piece {
    struct piece *next, **from;
    size_t size;
} piece;

/* Room for anything behind the head. */
#define PIECE_HEAD \
    ((sizeof(piece) + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t))

enum { LOOK_AT_CLOCK_EVERY = 256 }; /* pieces */

typedef struct pen {
    piece *first;
    size_t size;
    unsigned count;
    int64_t until_us; /* of this thread's processor time */
    bool is_out_of_memory;
    jmp_buf way_out;
} pen;

static int64_t processor_us(void)
{
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

static void *pen_alloc(void *arg, size_t size)
{
    pen *pen = arg;
    if (size > SANITISE_MEMORY_BYTES || pen->size + size > SANITISE_MEMORY_BYTES)
        longjmp(pen->way_out, 1);
    if (++pen->count % LOOK_AT_CLOCK_EVERY == 0 && processor_us() > pen->until_us)
        longjmp(pen->way_out, 1);
    piece *made = malloc(PIECE_HEAD + size);
    if (!made) {
        pen->is_out_of_memory = true;
        longjmp(pen->way_out, 1);
    }
    *made = (piece){.next = pen->first, .from = &pen->first, .size = size};
    if (made->next)
        made->next->from = &made->next;
    pen->first = made;
    pen->size += size;
    return (char *)made + PIECE_HEAD;
}

static void pen_release(void *arg, void *memory)
{
    pen *pen = arg;
    if (!memory)
        return;
    piece *removed = (piece *)(void *)((char *)memory - PIECE_HEAD);
    *removed->from = removed->next;
    if (removed->next)
        removed->next->from = removed->from;
    pen->size -= removed->size;
    free(removed);
}

static void pen_done(pen *pen)
{
    while (pen->first) {
        piece *removed = pen->first;
        pen->first = removed->next;
        free(removed);
    }
}

/* The element whose children are what the HTML says; NULL if a limit was met. */
static const GumboNode *sanitise_parse(pen *pen, ix_str html)
{
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = pen_alloc;
    options.deallocator = pen_release;
    options.userdata = pen;
    options.max_errors = 0; /* nobody reads them */
    /* As if it stood in a body: what a head may hold goes with its content in any case. */
    options.fragment_context = GUMBO_TAG_BODY;
    if (setjmp(pen->way_out))
        return NULL;
    return gumbo_parse_with_options(&options, html.at, html.len)->root;
}

/* ---- writing ---- */

/* An element under way: which child is next. */
typedef struct level {
    const GumboElement *element;
    unsigned next;
} level;

typedef struct writer {
    ix_buf out;
    ix_buf text;   /* that stands without a tag in it, not written yet */
    ix_buf levels; /* of type level: deeper than recursion could go */
} writer;

static void add_escaped(ix_buf *out, ix_str piece)
{
    for (size_t i = 0; i < piece.len; i++) {
        switch (piece.at[i]) {
        case '&':
            ix_buf_text(out, "&amp;");
            break;
        case '<':
            ix_buf_text(out, "&lt;");
            break;
        case '>':
            ix_buf_text(out, "&gt;");
            break;
        default:
            ix_buf_char(out, piece.at[i]);
        }
    }
}

/* Text is written when a tag follows, so that a link is seen even if tags that went or comments stood
 * in the middle of it. */
static void write_text(writer *writer)
{
    static const char pre[] = "<pre>";
    ix_buf *out = &writer->out;
    const ix_str text = {writer->text.at, writer->text.len};
    /* A line break right after <pre> counts only if there is another one before it. */
    if (ix_str_starts(text, "\n") && out->len >= strlen(pre) &&
        strcmp(ix_buf_cstr(out) + out->len - strlen(pre), pre) == 0)
        ix_buf_char(out, '\n');
    add_without_links(out, text, add_escaped);
    out->failed = out->failed || writer->text.failed;
    ix_buf_clear(&writer->text);
}

static void write_tag(writer *writer, const char *mark, const GumboElement *element)
{
    write_text(writer);
    ix_buf_text(&writer->out, mark);
    ix_buf_text(&writer->out, gumbo_normalized_tagname(element->tag));
    ix_buf_char(&writer->out, '>');
}

static void enter(writer *writer, const GumboElement *element)
{
    const level level = {.element = element};
    ix_buf_add(&writer->levels, (const char *)&level, sizeof level);
}

static void begin_element(writer *writer, const GumboElement *element)
{
    const treatment treatment = treatment_of(element);
    if (treatment == DROP)
        return;
    if (treatment != UNWRAP)
        write_tag(writer, "<", element);
    if (treatment != KEEP_EMPTY)
        enter(writer, element);
}

static void end_element(writer *writer, const GumboElement *element)
{
    if (treatment_of(element) == KEEP)
        write_tag(writer, "</", element);
}

static void write_node(writer *writer, const GumboNode *node)
{
    switch (node->type) {
    case GUMBO_NODE_ELEMENT:
        begin_element(writer, &node->v.element);
        break;
    case GUMBO_NODE_TEXT:
    case GUMBO_NODE_WHITESPACE:
        ix_buf_text(&writer->text, node->v.text.text);
        break;
    case GUMBO_NODE_CDATA: /* stands in foreign elements only */
    case GUMBO_NODE_COMMENT:
    case GUMBO_NODE_TEMPLATE:
    case GUMBO_NODE_DOCUMENT:
        break;
    }
}

/* False: there is too much of it, or there is no memory. */
static bool write_all(writer *writer, const GumboNode *root)
{
    enter(writer, &root->v.element);
    while (writer->levels.len > 0) {
        if (writer->out.len > SANITISE_OUT_MAX || writer->levels.failed)
            return false;
        level *level = (struct level *)(void *)(writer->levels.at + writer->levels.len) - 1;
        if (level->next < level->element->children.length) {
            write_node(writer, level->element->children.data[level->next++]);
        } else {
            end_element(writer, level->element);
            writer->levels.len -= sizeof *level;
        }
    }
    write_text(writer);
    return writer->out.len <= SANITISE_OUT_MAX;
}

bool sanitise_html(ix_ctx *cx, ix_str html, ix_str *ret)
{
    pen pen = {.until_us = processor_us() + SANITISE_CPU_MS * INT64_C(1000)};
    writer writer = {0};
    const GumboNode *root = sanitise_parse(&pen, html);
    const bool ok = root && write_all(&writer, root);
    if (pen.is_out_of_memory || writer.levels.failed)
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
    else if (!ok)
        ix_fail_field(cx, IOTS_INVALID, NULL, "body/html", "it is too tangled");
    pen_done(&pen);
    ix_buf_done(&writer.text);
    ix_buf_done(&writer.levels);
    if (ok)
        return ix_buf_take_in(cx, &writer.out, ret);
    ix_buf_done(&writer.out);
    return false;
}
