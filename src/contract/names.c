/* SPDX-License-Identifier: Apache-2.0 */
/* The patterns of names and addresses, by hand: they are asked for on every request. */
#include "contract/names.h"

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool ix_name_is_valid(ix_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.at[i];
        if (!is_lower(c) && !(c >= 'A' && c <= 'Z') && !is_digit(c) && c != '_' && c != ':' &&
            c != '-')
            return false;
    }
    return name.len >= 1 && name.len <= IX_NAME_MAX;
}

bool ix_space_is_valid(ix_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.at[i];
        const bool may_begin = is_lower(c) || is_digit(c);
        if (!may_begin && (i == 0 || (c != '_' && c != '-')))
            return false;
    }
    return name.len >= 1 && name.len <= IX_SPACE_MAX;
}

/* A control character at `i`: U+0000 to U+001F, U+007F, or U+0080 to U+009F in two bytes. */
static bool is_control(ix_str text, size_t i)
{
    const unsigned char c = (unsigned char)text.at[i];
    return c < ' ' || c == 0x7f ||
           (c == 0xc2 && i + 1 < text.len && (unsigned char)text.at[i + 1] < 0xa0);
}

bool ix_affordance_is_valid(ix_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (is_control(name, i))
            return false;
    }
    return name.len >= 1 && name.len <= IX_AFFORDANCE_MAX && ix_str_is_utf8(name);
}

/* ---- logging in ---- */

static bool is_one_of(const char *letters, char c)
{
    return c && strchr(letters, c);
}

static bool is_letter(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

bool ix_user_is_valid(ix_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.at[i];
        if (!is_letter(c) && !is_digit(c) && !is_one_of("._-+@", c))
            return false;
    }
    return name.len >= 1 && name.len <= IX_USER_MAX;
}

/* RFC 3986 3.1 */
static bool is_scheme(ix_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.at[i];
        if (!is_letter(c) && (i == 0 || (!is_digit(c) && !is_one_of("+-.", c))))
            return false;
    }
    return text.len > 0;
}

/* Host and port, of letters that mean nothing else wherever they are written. */
static bool is_authority(ix_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.at[i];
        if (!is_letter(c) && !is_digit(c) && !is_one_of(".-:[]", c))
            return false;
    }
    return text.len > 0 && text.at[0] != ':';
}

/* What follows the scheme's colon up to the path, if that begins with //; else empty, at NULL. */
static ix_str authority_of(ix_str rest)
{
    if (!ix_str_starts(rest, "//"))
        return (ix_str){0};
    ix_str authority = {rest.at + 2, 0};
    while (authority.len + 2 < rest.len && !is_one_of("/?", authority.at[authority.len]))
        authority.len++;
    return authority;
}

bool ix_redirect_is_valid(ix_str uri)
{
    static const char *const running[] = {"javascript", "data", "vbscript",
                                          "blob",       "file", "about"};
    if (uri.len > IX_REDIRECT_MAX)
        return false;
    for (size_t i = 0; i < uri.len; i++) {
        if (uri.at[i] <= ' ' || uri.at[i] > '~' || is_one_of("#\"<>\\^`{|}", uri.at[i]))
            return false;
    }
    ix_str scheme;
    const ix_str rest = ix_str_cut(uri, ':', &scheme);
    if (!rest.at || !is_scheme(scheme))
        return false;
    for (size_t i = 0; i < sizeof(running) / sizeof(running[0]); i++) {
        if (ix_str_is_nocase(scheme, running[i]))
            return false;
    }
    const ix_str authority = authority_of(rest);
    if (ix_str_is_nocase(scheme, "http") || ix_str_is_nocase(scheme, "https"))
        return is_authority(authority);
    return rest.len > 0 && (!authority.len || is_authority(authority));
}

ix_str ix_redirect_origin(ix_str uri)
{
    ix_str scheme;
    const ix_str rest = ix_str_cut(uri, ':', &scheme);
    const ix_str authority = authority_of(rest);
    return (ix_str){uri.at, scheme.len + 1 + (authority.len ? authority.len + 2 : 0)};
}

/* ---- e-mail addresses ---- */

/* Characters of RFC 5322 3.2.3 (atext) and all beyond ASCII (RFC 6531). */
static bool is_local_char(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z') || is_digit(c) || (unsigned char)c >= 0x80 ||
           (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool is_domain_char(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-' ||
           (unsigned char)c >= 0x80;
}

/* Parts of such characters with single dots between them. */
static bool is_dotted(ix_str text, bool (*is_part)(char c))
{
    for (size_t i = 0; i < text.len; i++) {
        const bool is_inner_dot =
            text.at[i] == '.' && i > 0 && i + 1 < text.len && text.at[i - 1] != '.';
        if (!is_inner_dot && !is_part(text.at[i]))
            return false;
    }
    return text.len > 0;
}

static bool is_mailbox(ix_str text)
{
    ix_str local;
    const ix_str domain = ix_str_cut(text, '@', &local);
    return is_dotted(local, is_local_char) && local.len <= 64 &&
           is_dotted(domain, is_domain_char) && domain.len <= 255 && domain.at[0] != '-' &&
           domain.at[domain.len - 1] != '-';
}

/* Splits Name <mailbox>; the whole text is the mailbox if there are no angle brackets. */
static bool address_split(ix_str text, ix_str *name, ix_str *mailbox)
{
    text = ix_str_trim(text);
    *mailbox = ix_str_cut(text, '<', name);
    if (!mailbox->at) {
        *mailbox = text;
        *name = (ix_str){0};
        return true;
    }
    if (!mailbox->len || mailbox->at[mailbox->len - 1] != '>')
        return false;
    mailbox->len--;
    return true;
}

bool ix_address_is_valid(ix_str text)
{
    ix_str name, mailbox;
    if (text.len > IX_ADDRESS_MAX || !ix_str_is_utf8(text) ||
        !address_split(text, &name, &mailbox) || !is_mailbox(mailbox))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (is_control(name, i) || name.at[i] == '>')
            return false;
    }
    return true;
}

ix_str ix_address_mailbox(ix_str text)
{
    ix_str name, mailbox;
    return address_split(text, &name, &mailbox) ? mailbox : (ix_str){0};
}

ix_str ix_address_name(ix_str text)
{
    ix_str name, mailbox;
    return address_split(text, &name, &mailbox) ? ix_str_trim(name) : (ix_str){0};
}
