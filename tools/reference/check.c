/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is missing in the documentation of functions. Only what a program can see: that there is a
 * comment, that its rows are about parameters that exist, and that whoever is handed a pointer is reported
 * to whom it belongs.
 */
#include <ctype.h>
#include <string.h>

#include "header.h"

/* Words of which one is there where ownership is spoken of; '-' at the end: and longer ones. */
static const char *const owning[] = {"free", "frees", "freed", "close", "end it", "taken", "takes"};
static const char *const lending[] = {"borrow-", "valid", "belong-", "lives", "owns", "constant"};

enum {
    OWNING = sizeof owning / sizeof *owning,
    LENDING = sizeof lending / sizeof *lending,
};

static bool says_one(const block *comment, const char *const *words, int count)
{
    for (int i = 0; i < count; i++) {
        if (comment_says(comment, words[i]))
            return true;
    }
    return false;
}

/* Is the word in a text, whole? */
static bool has_word(const char *text, const char *word, size_t len)
{
    for (const char *at = text; (at = strstr(at, word)); at++) {
        const bool begins = at == text || !(isalnum((unsigned char)at[-1]) || at[-1] == '_');
        if (begins && !(isalnum((unsigned char)at[len]) || at[len] == '_'))
            return true;
    }
    return false;
}

static bool is_known(const group *group, const char *word)
{
    for (const decl *decl = first_function(group); decl; decl = next_function(decl->next)) {
        if (has_word(decl->text, word, strlen(word)))
            return true;
    }
    return false;
}

/* The rows of a function's comment are parameters, or functions. */
static int check_rows(ix_ctx *cx, const header *header, const group *group, FILE *out)
{
    int faults = 0;
    const decl *decl = first_function(group);
    for (const block *block = group->comment; block; block = block->next) {
        if (block->kind != BLOCK_ROW)
            continue;
        for (ix_str names = ix_str_of(block->name); names.len > 0;) {
            ix_str name;
            names = ix_str_cut(names, ',', &name);
            name = ix_str_trim(name);
            const char *word = ix_strndup(cx, name.at, name.len);
            if (word && !is_known(group, word)) {
                fprintf(out, "%s:%d: %s: '%s' is not a parameter of it\n", header->path, decl->line,
                        decl->name, word);
                faults++;
            }
        }
    }
    return faults;
}

/* Does it hand out a pointer? And one to what the caller may change? */
static bool returns_pointer(const decl *decl, bool *ret_is_const)
{
    const char *name = strstr(decl->text, decl->name);
    *ret_is_const = strncmp(decl->text, "const ", 6) == 0;
    return name > decl->text && name[-1] == '*';
}

static bool says_whose(const block *comment)
{
    return says_one(comment, owning, OWNING) || says_one(comment, lending, LENDING);
}

ownership decl_ownership(const header *header, const section *section, const group *group,
                         const decl *decl)
{
    bool is_const;
    if (!returns_pointer(decl, &is_const))
        return OWNERSHIP_NONE;
    const note *note = note_on_returned(header, decl);
    const block on_type = {.text = note ? note->text : ""};
    if (says_whose(group->comment) || says_whose(section->comment) ||
        (section->whole && says_whose(section->whole->comment)) || says_whose(&on_type))
        return OWNERSHIP_TOLD;
    return is_const && header->has_rule ? OWNERSHIP_BY_RULE : OWNERSHIP_UNTOLD;
}

static int check_group(ix_ctx *cx, const header *header, const section *section, const group *group,
                       FILE *out)
{
    int faults = 0;
    for (const decl *decl = first_function(group); decl; decl = next_function(decl->next)) {
        if (!group->comment) {
            fprintf(out, "%s:%d: %s: there is no comment about it\n", header->path, decl->line,
                    decl->name);
            faults++;
        }
        if (decl_ownership(header, section, group, decl) == OWNERSHIP_UNTOLD) {
            fprintf(out, "%s:%d: %s: to whom does the pointer belong that it returns?\n",
                    header->path, decl->line, decl->name);
            faults++;
        }
    }
    return first_function(group) ? faults + check_rows(cx, header, group, out) : 0;
}

int header_check(ix_ctx *cx, const header *header, FILE *out)
{
    int faults = 0;
    if (!header->comment) {
        fprintf(out, "%s: there is no comment about it\n", header->path);
        faults++;
    }
    for (const section *section = header->sections; section; section = section->next) {
        if (comment_says(section->comment, "not by programs"))
            continue; /* it is called by others in the header, which are documented */
        for (const group *group = section->groups; group; group = group->next)
            faults += check_group(cx, header, section, group, out);
    }
    return faults;
}
