/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show/print.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/show/csv.h"

static const char ellipsis[] = "\xE2\x80\xA6";    /* U+2026 */
static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* ---- screens ---- */

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

static int columns_of_environment(void)
{
    const char *text = getenv("COLUMNS");
    int64_t columns;
    if (text && ix_str_int(ix_str_of(text), &columns) && columns >= 20 && columns <= 10000)
        return (int)columns;
    return 80;
}

/* The first of these that is set names the locale. Without any, UTF-8 is what terminals take. */
static bool is_ascii_locale(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *locale = getenv(variables[i]);
        if (locale && *locale)
            return !strcasestr(locale, "UTF-8") && !strcasestr(locale, "UTF8");
    }
    return false;
}

cli_screen screen_of(FILE *out)
{
    const int fd = fileno(out);
    if (fd < 0 || !isatty(fd))
        return (cli_screen){.out = out, .is_ascii = is_ascii_locale()};

    const char *term = getenv("TERM");
    const bool is_dumb = !term || strcmp(term, "dumb") == 0;
    struct winsize size;
    const bool is_known = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return (cli_screen){
        .out = out,
        .is_terminal = true,
        .is_ascii = is_ascii_locale(),
        .has_colour = !is_dumb && !is_set("NO_COLOR"),
        .width = is_known ? size.ws_col : columns_of_environment(),
        .height = is_known && size.ws_row > 0 ? size.ws_row : 24,
    };
}

const char *style_begin(const cli_screen *screen, style style)
{
    static const char *const sequences[] = {
        [STYLE_PLAIN] = "",        [STYLE_HEADING] = "\033[1m", [STYLE_NAME] = "\033[36m",
        [STYLE_FAINT] = "\033[2m", [STYLE_BAD] = "\033[1;31m",
    };
    return screen->has_colour ? sequences[style] : "";
}

const char *style_end(const cli_screen *screen, style style)
{
    return screen->has_colour && style != STYLE_PLAIN ? "\033[0m" : "";
}

/* ---- characters ---- */

typedef struct range {
    uint32_t first, last;
} range;

// clang-format off
static const range wide_ranges[] = {
#define WIDE(first, last) {first, last},
#define ZERO(first, last)
#include "cli/show/width.def"
#undef WIDE
#undef ZERO
};

static const range zero_ranges[] = {
#define WIDE(first, last)
#define ZERO(first, last) {first, last},
#include "cli/show/width.def"
#undef WIDE
#undef ZERO
};
// clang-format on

static int range_compare(const void *key, const void *row)
{
    const uint32_t c = *(const uint32_t *)key;
    const range *range = row;
    return c < range->first ? -1 : c > range->last;
}

static bool is_in(uint32_t c, const range *ranges, size_t count)
{
    return bsearch(&c, ranges, count, sizeof *ranges, range_compare) != NULL;
}

static size_t char_width(uint32_t c)
{
    if (c < 0x300)
        return 1;
    if (is_in(c, zero_ranges, sizeof zero_ranges / sizeof zero_ranges[0]))
        return 0;
    return is_in(c, wide_ranges, sizeof wide_ranges / sizeof wide_ranges[0]) ? 2 : 1;
}

/* Bytes of the character that `text`, which is not empty, begins with; 0 if it is not UTF-8. */
static size_t char_next(ix_str text, uint32_t *ret)
{
    const unsigned char lead = (unsigned char)text.at[0];
    const size_t len = lead < 0x80             ? 1
                       : (lead & 0xE0) == 0xC0 ? 2
                       : (lead & 0xF0) == 0xE0 ? 3
                       : (lead & 0xF8) == 0xF0 ? 4
                                               : 0;
    if (len == 0 || len > text.len || (len > 1 && !ix_str_is_utf8((ix_str){text.at, len})))
        return 0;
    uint32_t c = len == 1 ? lead : lead & (0x7FU >> len);
    for (size_t i = 1; i < len; i++)
        c = c << 6 | ((unsigned char)text.at[i] & 0x3FU);
    *ret = c;
    return len;
}

/* Control characters, line and paragraph separators, and those that turn the direction of text. */
static bool is_harmful(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x206F);
}

/* What becomes of the one that is harmful, or no UTF-8 (`c` is 0 then). */
typedef void replace(ix_buf *buf, uint32_t c);

static void clean(ix_buf *buf, ix_str text, replace *replace)
{
    while (text.len > 0) {
        uint32_t c = 0;
        const size_t len = char_next(text, &c);
        if (len == 0 || is_harmful(c))
            replace(buf, c);
        else
            ix_buf_add(buf, text.at, len);
        const size_t used = len ? len : 1;
        text = (ix_str){text.at + used, text.len - used};
    }
}

static void replace_in_line(ix_buf *buf, uint32_t c)
{
    ix_buf_text(buf, c == '\t' || c == '\n' || c == '\r' ? " " : replacement);
}

void text_clean(ix_buf *buf, ix_str text)
{
    clean(buf, text, replace_in_line);
}

static void replace_in_lines(ix_buf *buf, uint32_t c)
{
    if (c == '\t' || c == '\n')
        ix_buf_char(buf, (char)c);
    else
        replace_in_line(buf, c);
}

void text_show(const cli_screen *screen, ix_str text)
{
    ix_buf shown = {0};
    if (screen->is_terminal) {
        clean(&shown, text, replace_in_lines);
        text = (ix_str){ix_buf_cstr(&shown), shown.len};
    }
    fwrite(text.at, 1, text.len, screen->out);
    ix_buf_done(&shown);
}

/* In JSON, bytes below a blank are between values only. */
static void replace_in_json(ix_buf *buf, uint32_t c)
{
    if (c && c < 0x20)
        ix_buf_char(buf, (char)c);
    else
        ix_buf_format(buf, "\\u%04x", c ? (unsigned)c : 0xFFFDU);
}

void json_clean(ix_buf *buf, ix_str json)
{
    clean(buf, json, replace_in_json);
}

/* How much of clean text fits into `width` columns: bytes; *ret_width columns of them. */
static size_t text_part(ix_str text, size_t width, size_t *ret_width)
{
    size_t at = 0, columns = 0;
    while (at < text.len) {
        uint32_t c = 0;
        const size_t len = char_next((ix_str){text.at + at, text.len - at}, &c);
        const size_t more = char_width(c);
        if (columns + more > width)
            break;
        at += len ? len : 1;
        columns += more;
    }
    *ret_width = columns;
    return at;
}

size_t text_width(ix_str text)
{
    size_t width;
    text_part(text, SIZE_MAX, &width);
    return width;
}

static void blanks(ix_buf *buf, size_t count)
{
    while (count-- > 0)
        ix_buf_char(buf, ' ');
}

void text_fit(ix_buf *buf, ix_str text, size_t width, bool is_right)
{
    if (width == 0) {
        ix_buf_str(buf, text);
        return;
    }
    size_t columns;
    size_t part = text_part(text, width, &columns);
    const bool is_cut = part < text.len;
    if (is_cut)
        part = text_part(text, width - 1, &columns);
    const size_t gap = width - columns - is_cut;
    if (is_right)
        blanks(buf, gap);
    ix_buf_add(buf, text.at, part);
    if (is_cut)
        ix_buf_text(buf, ellipsis);
    if (!is_right)
        blanks(buf, gap);
}

void text_wrap(ix_buf *buf, ix_str text, size_t column, size_t indent, size_t width)
{
    bool is_first = true;
    while (text.at && text.len > 0) {
        ix_str word;
        text = ix_str_cut(text, ' ', &word);
        const size_t columns = text_width(word);
        if (!is_first && column + 1 + columns > width) {
            ix_buf_char(buf, '\n');
            blanks(buf, indent);
            column = indent;
        } else if (!is_first) {
            ix_buf_char(buf, ' ');
            column++;
        }
        ix_buf_str(buf, word);
        column += columns;
        is_first = false;
    }
}

/* ---- tables ---- */

enum { SHEET_GAP = 2, SHEET_LEAST = 4 };

typedef struct cell {
    size_t at, len; /* in sheet.text */
    size_t width;
    bool is_number;
} cell;

struct cli_sheet {
    cli_screen screen;
    size_t columns;
    bool has_titles;
    bool is_whole[SHEET_COLUMNS_MAX];
    size_t width[SHEET_COLUMNS_MAX]; /* known once `is_flowing` */
    bool is_right[SHEET_COLUMNS_MAX];
    bool is_flowing; /* the widths stand; rows are printed at once */
    bool is_csv, is_csv_safe;
    bool has_failed;
    ix_buf text;
    cell *cells; /* rows held back, the titles first */
    size_t count, size;
};

static void sheet_add(cli_sheet *sheet, ix_str text, bool is_number)
{
    if (sheet->count == sheet->size) {
        const size_t size = sheet->size ? 2 * sheet->size : 64;
        cell *grown = realloc(sheet->cells, size * sizeof *grown);
        if (!grown) {
            sheet->has_failed = true;
            return;
        }
        sheet->cells = grown;
        sheet->size = size;
    }
    const size_t at = sheet->text.len;
    text_clean(&sheet->text, text.len ? text : IX_STR("-"));
    if (sheet->text.failed) {
        sheet->has_failed = true;
        return;
    }
    const ix_str clean = {sheet->text.at + at, sheet->text.len - at};
    sheet->cells[sheet->count++] = (cell){at, clean.len, text_width(clean), is_number};
}

cli_sheet *sheet_new(const cli_screen *screen, const cli_column *columns, size_t count,
                     bool has_titles)
{
    assert(count > 0 && count <= SHEET_COLUMNS_MAX);
    cli_sheet *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->screen = *screen;
    made->columns = count;
    made->has_titles = has_titles;
    for (size_t i = 0; i < count; i++)
        made->is_whole[i] = columns[i].is_whole;
    for (size_t i = 0; has_titles && i < count; i++)
        sheet_add(made, ix_str_of(columns[i].title), false);
    return made;
}

static void sheet_csv_cell(cli_sheet *sheet, ix_str text, bool is_number)
{
    ix_buf shown = {0};
    if (sheet->screen.is_terminal) {
        text_clean(&shown, text);
        text = (ix_str){ix_buf_cstr(&shown), shown.len};
    }
    if (sheet->count > 0)
        ix_buf_char(&sheet->text, ',');
    if (sheet->is_csv_safe && !is_number)
        csv_write_safe(&sheet->text, text, sheet->columns == 1);
    else
        csv_write(&sheet->text, text, sheet->columns == 1);
    ix_buf_done(&shown);
    if (++sheet->count < sheet->columns)
        return;
    ix_buf_text(&sheet->text, "\r\n");
    fwrite(ix_buf_cstr(&sheet->text), 1, sheet->text.len, sheet->screen.out);
    sheet->has_failed = sheet->has_failed || sheet->text.failed;
    sheet->count = 0;
    ix_buf_clear(&sheet->text);
}

cli_sheet *sheet_new_csv(const cli_screen *screen, const cli_column *columns, size_t count,
                         bool has_titles, bool is_safe)
{
    cli_sheet *made = sheet_new(screen, columns, count, false);
    if (!made)
        return NULL;
    made->is_csv = true;
    made->is_csv_safe = is_safe;
    for (size_t i = 0; has_titles && i < count; i++)
        sheet_csv_cell(made, ix_str_of(columns[i].title), false);
    return made;
}

bool sheet_is_csv(const cli_sheet *sheet)
{
    return sheet && sheet->is_csv;
}

/* A column stands on the right if there is nothing but numbers and gaps in it. */
static bool sheet_is_right(const cli_sheet *sheet, size_t column)
{
    bool has_number = false;
    const size_t first = sheet->has_titles ? sheet->columns : 0;
    for (size_t i = first + column; i < sheet->count; i += sheet->columns) {
        const cell *cell = &sheet->cells[i];
        const bool is_gap = cell->len == 1 && sheet->text.at[cell->at] == '-';
        if (!cell->is_number && !is_gap)
            return false;
        has_number = has_number || cell->is_number;
    }
    return has_number;
}

static size_t sheet_total(const cli_sheet *sheet)
{
    size_t total = SHEET_GAP * (sheet->columns - 1);
    for (size_t i = 0; i < sheet->columns; i++)
        total += sheet->width[i];
    return total;
}

/* Takes columns away from the widest until the row fits, or nothing more can go. */
static void sheet_narrow(cli_sheet *sheet)
{
    const size_t limit = (size_t)sheet->screen.width;
    for (size_t total = sheet_total(sheet); total > limit; total--) {
        size_t widest = sheet->columns;
        for (size_t i = 0; i < sheet->columns; i++) {
            if (!sheet->is_whole[i] && sheet->width[i] > SHEET_LEAST &&
                (widest == sheet->columns || sheet->width[i] > sheet->width[widest]))
                widest = i;
        }
        if (widest == sheet->columns)
            return;
        sheet->width[widest]--;
    }
}

static void sheet_measure(cli_sheet *sheet)
{
    for (size_t i = 0; i < sheet->count; i++) {
        size_t *width = &sheet->width[i % sheet->columns];
        if (sheet->cells[i].width > *width)
            *width = sheet->cells[i].width;
    }
    for (size_t i = 0; i < sheet->columns; i++)
        sheet->is_right[i] = sheet_is_right(sheet, i);
    if (sheet->screen.width > 0)
        sheet_narrow(sheet);
    sheet->is_flowing = true;
}

/* One row. The last column is not filled up; without a terminal, nothing is cut. */
static void sheet_row(const cli_sheet *sheet, ix_buf *line, const cell *cells, style style)
{
    ix_buf_text(line, style_begin(&sheet->screen, style));
    for (size_t i = 0; i < sheet->columns; i++) {
        const ix_str text = {sheet->text.at + cells[i].at, cells[i].len};
        const bool is_last = i + 1 == sheet->columns;
        const bool is_over = cells[i].width > sheet->width[i];
        if (i > 0)
            blanks(line, SHEET_GAP);
        const bool is_as_is = (is_last && !sheet->is_right[i] && !is_over) ||
                              (is_over && (sheet->screen.width == 0 || sheet->is_whole[i]));
        text_fit(line, text, is_as_is ? 0 : sheet->width[i], sheet->is_right[i]);
    }
    ix_buf_text(line, style_end(&sheet->screen, style));
    ix_buf_char(line, '\n');
}

static void sheet_flush(cli_sheet *sheet)
{
    ix_buf line = {0};
    bool is_titles = sheet->has_titles && !sheet->is_flowing;
    if (!sheet->is_flowing)
        sheet_measure(sheet);
    for (size_t i = 0; i + sheet->columns <= sheet->count; i += sheet->columns) {
        ix_buf_clear(&line);
        sheet_row(sheet, &line, &sheet->cells[i], is_titles ? STYLE_HEADING : STYLE_PLAIN);
        fwrite(ix_buf_cstr(&line), 1, line.len, sheet->screen.out);
        is_titles = false;
    }
    sheet->has_failed = sheet->has_failed || line.failed;
    ix_buf_done(&line);
    sheet->count = 0;
    ix_buf_clear(&sheet->text);
}

void sheet_cell(cli_sheet *sheet, ix_str text, bool is_number)
{
    if (!sheet || sheet->has_failed)
        return;
    if (sheet->is_csv) {
        sheet_csv_cell(sheet, text, is_number);
        return;
    }
    sheet_add(sheet, text, is_number);
    const bool is_row = sheet->count % sheet->columns == 0;
    if (is_row && (sheet->is_flowing || sheet->count >= SHEET_AHEAD * sheet->columns))
        sheet_flush(sheet);
}

bool sheet_end(cli_sheet *sheet)
{
    if (!sheet)
        return false;
    if (!sheet->has_failed && !sheet->is_csv)
        sheet_flush(sheet);
    const bool ok = !sheet->has_failed;
    ix_buf_done(&sheet->text);
    free(sheet->cells);
    free(sheet);
    return ok;
}
