/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output for people: text that is safe for a terminal, its width, and tables.
 *
 * What comes from a server is never sent to a terminal as it is: control characters, which could
 * move the cursor or worse, are replaced. Widths are columns of a terminal, so wide and combining
 * characters count as they look.
 */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/str.h"

/* Where output goes, and what it can do. */
typedef struct cli_screen {
    FILE *out;
    bool is_terminal;
    bool has_colour; /* a terminal, NO_COLOR unset or empty, TERM not "dumb" */
    bool is_ascii;   /* the environment names a locale whose characters are not UTF-8 */
    int width;       /* columns; 0: no limit, because it is not a terminal */
    int height;      /* lines; 0: no limit */
} cli_screen;

cli_screen screen_of(FILE *out);

typedef enum style { STYLE_PLAIN, STYLE_HEADING, STYLE_NAME, STYLE_FAINT, STYLE_BAD } style;

/* The sequences around styled text; "" without colour. */
const char *style_begin(const cli_screen *screen, style style);
const char *style_end(const cli_screen *screen, style style);

/* Appends `text` with whatever could harm or confuse a terminal replaced: control and bidirectional
 * characters and bad UTF-8 by U+FFFD, tabs and line breaks by a blank. */
void text_clean(ix_buf *buf, ix_str text);

/* The same for JSON, which stays the same JSON: such characters are escaped. Blanks between values
 * stay. */
void json_clean(ix_buf *buf, ix_str json);

/* Prints text as it is; at a terminal as by text_clean(), but with its line breaks and tabs. */
void text_show(const cli_screen *screen, ix_str text);

/* Columns that clean text takes. */
size_t text_width(ix_str text);

/* Appends clean text, cut to `width` columns with an ellipsis, and filled up with blanks to `width`
 * (on the left if `is_right`). A width of 0 leaves it as it is. */
void text_fit(ix_buf *buf, ix_str text, size_t width, bool is_right);

/* Appends text broken between words into lines of at most `width` columns, each but the first
 * beginning with `indent` blanks; `column` is where the first one begins. No line break at the end. */
void text_wrap(ix_buf *buf, ix_str text, size_t column, size_t indent, size_t width);

/* ---- tables ----
 *
 * Rows are held back until there are enough to know how wide the columns are; later rows follow at
 * once, with those widths. On a terminal, columns are cut so that a row fits into a line.
 */

typedef struct cli_column {
    const char *title;
    const char *at; /* a JSON Pointer; for those who fill the cells */
    bool is_whole;  /* never cut: what one copies from here, such as an ID */
} cli_column;

enum { SHEET_COLUMNS_MAX = 16, SHEET_AHEAD = 500 };

typedef struct cli_sheet cli_sheet;

/* Titles are copied. NULL when out of memory; then what follows does nothing, and sheet_end() says
 * false. `has_titles`: a first line with the titles. */
cli_sheet *sheet_new(const cli_screen *screen, const cli_column *columns, size_t count,
                     bool has_titles);

/* As sheet_new(), for programs: CSV as in RFC 4180, each row at once, text as it is but at a terminal.
 * `is_safe`: as csv_write_safe() writes it. */
cli_sheet *sheet_new_csv(const cli_screen *screen, const cli_column *columns, size_t count,
                         bool has_titles, bool is_safe);
bool sheet_is_csv(const cli_sheet *sheet); /* false if it is NULL */

/* The next cell of the row at hand; numbers stand on the right. The row ends by itself. Empty text
 * shows as "-"; in CSV, it is empty. */
void sheet_cell(cli_sheet *sheet, ix_str text, bool is_number);

/* Prints what is held back and frees the sheet. False when memory ran out on the way. */
bool sheet_end(cli_sheet *sheet);

#endif
