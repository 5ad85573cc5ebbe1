/* SPDX-License-Identifier: Apache-2.0 */
/*
 *     reference man FOLDER HEADER...     writes manual pages
 *     reference html FOLDER HEADER...    writes HTML
 *     reference names HEADER...          prints the names of all functions
 *     reference check HEADER...          prints what is missing; exit status 1 if something is
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "header.h"

enum { HEADERS_MAX = 64, PATH_SIZE = 4096 };

/* A file of this name in a folder, or NULL with a sentence. */
static FILE *page_open(const char *folder, const char *name, const char *end)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s%s", folder, name, end);
    FILE *out = fopen(path, "w");
    if (!out)
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return out;
}

static bool page_close(FILE *out)
{
    const bool ok = !ferror(out);
    return fclose(out) == 0 && ok;
}

/* ---- manual pages ---- */

/* Pages of further functions lead to the one of the first. */
static bool man_others(const char *folder, const group *group)
{
    const decl *first = first_function(group);
    for (const decl *decl = next_function(first->next); decl; decl = next_function(decl->next)) {
        FILE *out = page_open(folder, decl->name, ".3");
        if (!out)
            return false;
        fprintf(out, ".so man3/%s.3\n", first->name);
        if (!page_close(out))
            return false;
    }
    return true;
}

static bool man_write_group(const char *folder, const header *header, const section *section,
                            const group *group)
{
    if (!first_function(group))
        return true;
    FILE *out = page_open(folder, first_function(group)->name, ".3");
    if (!out)
        return false;
    man_group(out, header, section, group);
    return page_close(out) && man_others(folder, group);
}

static bool man_write_rows(const char *folder, const header *header)
{
    for (const rows *table = header->rows; table; table = table->next) {
        char name[PATH_SIZE / 2];
        snprintf(name, sizeof name, "iots_%s_model", table->name);
        FILE *out = page_open(folder, name, ".3");
        if (!out)
            return false;
        man_rows(out, header, table);
        if (!page_close(out))
            return false;
    }
    return true;
}

static bool man_write(const char *folder, const header *header)
{
    FILE *out = page_open(folder, header->name, ".3");
    if (!out)
        return false;
    man_header(out, header);
    bool ok = page_close(out);
    for (const section *section = header->sections; section; section = section->next) {
        for (const group *group = section->groups; ok && group; group = group->next)
            ok = man_write_group(folder, header, section, group);
    }
    return ok && man_write_rows(folder, header);
}

/* ---- HTML ---- */

static bool html_write(const char *folder, const header *header)
{
    FILE *out = page_open(folder, header->name, ".html");
    if (!out)
        return false;
    html_header(out, header);
    return page_close(out);
}

static bool index_write(const char *folder, header *const *headers, size_t count)
{
    FILE *out = page_open(folder, "index", ".html");
    if (!out)
        return false;
    html_index(out, headers, count);
    return page_close(out);
}

/* ---- names ---- */

static void names_print(const header *header)
{
    for (const section *section = header->sections; section; section = section->next) {
        for (const group *group = section->groups; group; group = group->next) {
            for (const decl *decl = first_function(group); decl; decl = next_function(decl->next))
                puts(decl->name);
        }
    }
}

/* ---- what is asked ---- */

static bool run(ix_ctx *cx, const char *what, const char *folder, header *const *headers,
                size_t count)
{
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        if (strcmp(what, "man") == 0)
            ok = man_write(folder, headers[i]);
        else if (strcmp(what, "html") == 0)
            ok = html_write(folder, headers[i]);
        else if (strcmp(what, "names") == 0)
            names_print(headers[i]);
    }
    if (strcmp(what, "html") == 0)
        return ok && index_write(folder, headers, count);
    if (strcmp(what, "check") != 0)
        return ok;
    int faults = 0;
    for (size_t i = 0; i < count; i++)
        faults += header_check(cx, headers[i], stdout);
    return faults == 0;
}

static int usage(void)
{
    fputs("reference man|html FOLDER HEADER...\nreference names|check HEADER...\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    const bool writes = strcmp(what, "man") == 0 || strcmp(what, "html") == 0;
    const int first = writes ? 3 : 2;
    if (argc <= first || argc - first > HEADERS_MAX ||
        (!writes && strcmp(what, "names") != 0 && strcmp(what, "check") != 0))
        return usage();

    ix_ctx cx;
    if (!ix_ctx_init(&cx, 0))
        return EXIT_FAILURE;
    header *headers[HEADERS_MAX];
    size_t count = 0;
    for (int i = first; i < argc && !ix_failed(&cx); i++) {
        headers[count] = header_read(&cx, argv[i]);
        count += headers[count] != NULL;
    }
    const bool ok = !ix_failed(&cx) && headers_link(&cx, headers, count) &&
                    run(&cx, what, argv[2], headers, count);
    if (ix_failed(&cx))
        fprintf(stderr, "reference: %s\n", cx.error.message);
    ix_ctx_done(&cx);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
