/* SPDX-License-Identifier: Apache-2.0 */
/* What a header is made of, as far as a reader of it cares. Everything lives in the cx it was read
 * with. */
#ifndef REFERENCE_HEADER_H
#define REFERENCE_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/ctx.h"
#include "base/str.h"

/* ---- comments ---- */

typedef enum block_kind {
    BLOCK_PARAGRAPH, /* text */
    BLOCK_ITEM,      /* text of a list's item */
    BLOCK_ROW,       /* name and text */
    BLOCK_CODE,      /* text, lines as they are */
} block_kind;

typedef struct block {
    block_kind kind;
    const char *name; /* of a row; else NULL */
    const char *text;
    struct block *next;
} block;

/* The blocks of a comment, from its text between the marks. NULL if there are none; on failure, cx
 * says. */
block *comment_read(ix_ctx *cx, ix_str comment);

/* The first sentence, without its full stop; "" if there is none. */
const char *comment_summary(ix_ctx *cx, const block *blocks);

/* Is this word in a comment, whole, or as the beginning of a longer one if it ends with '-'? Letter
 * case does not matter. */
bool comment_says(const block *blocks, const char *word);

/* ---- headers ---- */

typedef enum decl_kind {
    DECL_FUNCTION,
    DECL_TYPE,
    DECL_MACRO,
} decl_kind;

typedef struct decl {
    decl_kind kind;
    const char *name;
    const char *text; /* without IOTS_API */
    int line;
    struct decl *next;
} decl;

/* Declarations that one comment is about. */
typedef struct group {
    block *comment; /* NULL: none */
    decl *decls;
    struct group *next;
} group;

/* A row of a table beside the header. */
typedef struct row {
    const char *cells[5]; /* as they are, texts without quotes; NULL: there are no more */
    struct row *next;
} row;

/* Such a table: a struct, member by member. */
typedef struct rows {
    const char *name;
    const char *title;
    const char *summary;
    row *rows;
    struct rows *next;
} rows;

/* A section whose title is "calls: lists" is a part of the one called "calls". */
typedef struct section {
    const char *title;           /* NULL: what is before the first one */
    const struct section *whole; /* that it is a part of; NULL: of none */
    block *comment;
    group *groups;
    struct section *next;
} section;

/* What a header says behind `typedef struct x x;`. */
typedef struct note {
    const char *type;
    const char *text;
    struct note *next;
} note;

typedef struct header {
    const char *path;
    const char *name; /* "iots.h" */
    block *comment;   /* of the whole file */
    section *sections;
    rows *rows;        /* of the folder of the same name beside it */
    const note *notes; /* of all headers: see headers_link */
    bool has_rule;     /* one of them says to whom pointers belong that are handed out */
} header;

/* Reads a file. NULL on failure. */
header *header_read(ix_ctx *cx, const char *path);

/* The same from text. */
header *header_parse(ix_ctx *cx, const char *path, ix_str text);

/* What a header is about, in some words. */
const char *header_summary(ix_ctx *cx, const header *header);

/* Has each of the headers know of the types of all of them, and of what holds for all. */
bool headers_link(ix_ctx *cx, header *const *headers, size_t count);

/* What is said about the type that a function returns a pointer to; NULL: nothing, or it returns none. */
const note *note_on_returned(const header *header, const decl *decl);

/* Reads the tables in a file of rows, those that it includes from `folder` (which has "iots/" in it)
 * among them, and adds them to *ret. */
bool rows_read(ix_ctx *cx, const char *folder, const char *path, rows **ret);

/* All of a file, in cx. at is NULL on failure. */
ix_str file_read(ix_ctx *cx, const char *path);

/* ---- what is made of them ---- */

/* How a reader knows to whom the pointer belongs that a function returns. */
typedef enum ownership {
    OWNERSHIP_NONE,    /* it returns none */
    OWNERSHIP_TOLD,    /* with the function, its section or the type */
    OWNERSHIP_BY_RULE, /* const, so it belongs to the first argument */
    OWNERSHIP_UNTOLD,
} ownership;

ownership decl_ownership(const header *header, const section *section, const group *group,
                         const decl *decl);

/* Prints what is missing in the documentation to `out`, a line each; how many there are. */
int header_check(ix_ctx *cx, const header *header, FILE *out);

/* The page of a header itself, and that of a group that has functions. */
void man_header(FILE *out, const header *header);
void man_group(FILE *out, const header *header, const section *section, const group *group);
void man_rows(FILE *out, const header *header, const rows *rows);

void html_header(FILE *out, const header *header);
void html_index(FILE *out, header *const *headers, size_t count);

/* The first function of a group, or behind `decl`; NULL if there is none. */
const decl *first_function(const group *group);
const decl *next_function(const decl *decl);

#endif
