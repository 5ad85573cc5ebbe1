/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What property:<name>=<text> keeps (docs/api/http.md 10.2). One table for both who answer it: filter.c in
 * memory, and the store in SQL.
 *
 * Each row is a Thing with the values `status` (whose members are its properties) and one condition.
 */
#ifndef FILTER_CASES_H
#define FILTER_CASES_H

#include <stdbool.h>

typedef struct filter_case {
    const char *what;   /* a sentence that is true */
    const char *status; /* JSON object */
    const char *name;
    const char *text;
    bool holds;
} filter_case;

#define S(...) #__VA_ARGS__

// clang-format off
static const filter_case filter_cases[] = {
    /* operators */
    {"without an operator it is eq",                  S({"p": 20}),      "p", "20",              true},
    {"a word before a colon may be an operator",      S({"p": 21}),      "p", "gt:20",           true},
    {"a word that is not an operator is part of the text", S({"p": "aa:bb"}), "p", "aa:bb",          true},
    {"eq: forces the rest to be the text",            S({"p": "gt:20"}), "p", "eq:gt:20",        true},
    {"operators are lower case",                      S({"p": "GT:20"}), "p", "GT:20",           true},
    {"an operator may stand before nothing",          S({"p": ""}),      "p", "eq:",             true},
    {"an operator without a colon is a text",         S({"p": "gt"}),    "p", "gt",              true},
    {"only the first colon counts",                   S({"p": "a:b"}),   "p", "neq:a:b",         false},

    /* absent and null */
    {"an absent property equals nothing",             S({"q": 1}),       "p", "1",               false},
    {"an absent property differs from nothing",       S({"q": 1}),       "p", "neq:1",           false},
    {"an absent property is not null either",         S({"q": 1}),       "p", "eq:null",         false},
    {"null equals null",                              S({"p": null}),    "p", "eq:null",         true},
    {"null equals null without an operator",          S({"p": null}),    "p", "null",            true},
    {"null differs from nothing",                     S({"p": null}),    "p", "neq:1",           false},
    {"null does not differ from null",                S({"p": null}),    "p", "neq:null",        false},
    {"null is below nothing",                         S({"p": null}),    "p", "lt:1",            false},
    {"null is not at least null",                     S({"p": null}),    "p", "gte:null",        false},
    {"null contains nothing",                         S({"p": null}),    "p", "contains:null",   false},
    {"null is not the empty text",                    S({"p": null}),    "p", "eq:",             false},
    {"the word null is a text for a string",          S({"p": "null"}),  "p", "eq:null",         true},
    {"a number is not null",                          S({"p": 0}),       "p", "eq:null",         false},
    {"a number differs from null",                    S({"p": 0}),       "p", "neq:null",        true},

    /* numbers */
    {"equal numbers are equal",                       S({"p": 20}),      "p", "eq:20",           true},
    {"an integer equals its double",                  S({"p": 20}),      "p", "20.0",            true},
    {"a double equals its integer",                   S({"p": 20.0}),    "p", "20",              true},
    {"exponents are numbers",                         S({"p": 2000}),    "p", "2e3",             true},
    {"negative zero is zero",                         S({"p": 0}),       "p", "-0.0",            true},
    {"gt keeps what is above",                        S({"p": 20.5}),    "p", "gt:20",           true},
    {"gt drops what is equal",                        S({"p": 20}),      "p", "gt:20",           false},
    {"gte keeps what is equal",                       S({"p": 20}),      "p", "gte:20",          true},
    {"gte drops what is below",                       S({"p": 19.99}),   "p", "gte:20",          false},
    {"lt keeps what is below",                        S({"p": -3}),      "p", "lt:-2.5",         true},
    {"lt drops what is equal",                        S({"p": 20}),      "p", "lt:20",           false},
    {"lte keeps what is equal",                       S({"p": 20}),      "p", "lte:20",          true},
    {"lte drops what is above",                       S({"p": 21}),      "p", "lte:20",          false},
    {"neq keeps what differs",                        S({"p": 21}),      "p", "neq:20",          true},
    {"neq drops what is equal",                       S({"p": 20.0}),    "p", "neq:20",          false},
    {"numbers compare by value, not by text",         S({"p": 9}),       "p", "lt:10",           true},
    {"large integers are distinguished",                 S({"p": 9007199254740993}), "p", "9007199254740992", false},
    {"a large integer is above its neighbour",        S({"p": 9007199254740993}), "p", "gt:9007199254740992", true},
    {"a large integer is above a double nearby",      S({"p": 9007199254740993}), "p", "gt:9007199254740992.0", true},
    {"the largest integer equals itself",             S({"p": 9223372036854775807}), "p", "9223372036854775807", true},
    {"a number does not equal what is not a number",     S({"p": 20}),      "p", "warm",            false},
    {"a number differs from what is not a number",       S({"p": 20}),      "p", "neq:warm",        true},
    {"a number is not below what is not a number",       S({"p": 20}),      "p", "lt:warm",         false},
    {"a number differs from the empty text",          S({"p": 20}),      "p", "neq:",            true},
    {"a number in quotes is not a number",               S({"p": 20}),      "p", "\"20\"",          false},
    {"hexadecimal is not JSON number",                 S({"p": 16}),      "p", "0x10",            false},
    {"a leading plus is not JSON number",              S({"p": 16}),      "p", "+16",             false},
    {"an integer beyond 64 bits is a number",         S({"p": 5}),       "p", "lt:9223372036854775808", true},
    {"the largest integer is below the next one",     S({"p": 9223372036854775807}), "p", "lt:9223372036854775808", true},
    {"the largest integer is not the next one",       S({"p": 9223372036854775807}), "p", "9223372036854775808", false},
    {"it differs from the next one",                  S({"p": 9223372036854775807}), "p", "neq:9223372036854775808", true},
    {"a double may be above all integers",            S({"p": 1e21}),    "p", "gt:99999999999999999999", true},
    {"integers below 64 bits are numbers",            S({"p": -5}),      "p", "gt:-9223372036854775809", true},
    {"digits after a zero are no number",             S({"p": 5}),       "p", "lt:09223372036854775808", false},
    {"a string of many digits equals its digits",     S({"p": "9223372036854775808"}), "p", "9223372036854775808", true},
    {"a number beyond double is above all",           S({"p": 16}),      "p", "lt:1e999",        true},
    {"a number beyond double is below none",          S({"p": 16}),      "p", "gt:1e999",        false},
    {"a negative one is below all",                   S({"p": -16}),     "p", "gte:-1e999",      true},
    {"a number too small for double is next to 0",    S({"p": -1}),      "p", "lt:1e-999",       true},
    {"a number beyond double equals none",            S({"p": 0}),       "p", "1e-999",          false},
    {"a string compares with its text",               S({"p": "12e999"}), "p", "12e999",         true},
    {"a string is below a number's text",             S({"p": "12e998"}), "p", "lt:12e999",      true},
    {"true is not a number",                             S({"p": 1}),       "p", "true",            false},
    {"a number contains nothing",                     S({"p": 20}),      "p", "contains:2",      false},

    /* booleans */
    {"true equals true",                              S({"p": true}),    "p", "true",            true},
    {"true does not equal false",                     S({"p": true}),    "p", "eq:false",        false},
    {"false equals false",                            S({"p": false}),   "p", "false",           true},
    {"false differs from true",                       S({"p": false}),   "p", "neq:true",        true},
    {"true does not differ from true",                S({"p": true}),    "p", "neq:true",        false},
    {"a boolean is compared in lower case",           S({"p": true}),    "p", "True",            false},
    {"a boolean is not 1",                            S({"p": true}),    "p", "1",               false},
    {"a boolean differs from any other text",         S({"p": true}),    "p", "neq:maybe",       true},
    {"a boolean is above nothing",                    S({"p": true}),    "p", "gt:false",        false},
    {"a boolean is not at least itself",              S({"p": true}),    "p", "gte:true",        false},
    {"a boolean contains nothing",                    S({"p": true}),    "p", "contains:true",   false},

    /* strings */
    {"equal strings are equal",                       S({"p": "open"}),  "p", "open",            true},
    {"strings are case-sensitive",                    S({"p": "open"}),  "p", "Open",            false},
    {"quotes are part of the text",                   S({"p": "open"}),  "p", "\"open\"",        false},
    {"the empty string equals the empty text",        S({"p": ""}),      "p", "",                true},
    {"a string of digits equals its digits",          S({"p": "20"}),    "p", "20",              true},
    {"a string of digits is not a number",               S({"p": "20"}),    "p", "20.0",            false},
    {"strings differ",                                S({"p": "open"}),  "p", "neq:closed",      true},
    {"strings are ordered by code points",            S({"p": "b"}),     "p", "gt:a",            true},
    {"upper case is before lower case",               S({"p": "Z"}),     "p", "lt:a",            true},
    {"digits are ordered as characters",              S({"p": "9"}),     "p", "gt:10",           true},
    {"a beginning is before the whole",               S({"p": "abc"}),   "p", "lt:abcd",         true},
    {"beyond ASCII is above ASCII",                   S({"p": "é"}),     "p", "gt:z",            true},
    {"astral characters are above all others",        S({"p": "😀"}),    "p", "gt:\xef\xbf\xbd", true},
    {"a string is at most itself",                    S({"p": "a"}),     "p", "lte:a",           true},
    {"a string is at least itself",                   S({"p": "a"}),     "p", "gte:a",           true},
    {"a string contains its parts",                   S({"p": "north side"}), "p", "contains:th s", true},
    {"a string contains itself",                      S({"p": "north"}), "p", "contains:north",  true},
    {"a string contains the empty text",              S({"p": "north"}), "p", "contains:",       true},
    {"a string does not contain other letters",       S({"p": "north"}), "p", "contains:North",  false},
    {"percent and underscore are characters",         S({"p": "north"}), "p", "contains:n_r%",   false},
    {"percent is found as itself",                    S({"p": "50%"}),   "p", "contains:0%",     true},
    {"a star is a character",                         S({"p": "north"}), "p", "contains:n*h",    false},
    {"a backslash is a character",                    S({"p": "a\\b"}),  "p", "contains:\\",     true},
    {"a quote is a character",                        S({"p": "it's"}),  "p", "it's",            true},

    /* arrays and objects */
    {"equal arrays are equal",                        S({"p": [1, "a", null]}), "p", "[1.0, \"a\", null]", true},
    {"arrays in another order differ",                S({"p": [1, 2]}),  "p", "neq:[2,1]",       true},
    {"an array does not equal what is not JSON",       S({"p": [1]}),     "p", "[1",              false},
    {"an array differs from what is not JSON",         S({"p": [1]}),     "p", "neq:[1",          true},
    {"the empty array equals itself",                 S({"p": []}),      "p", "[]",              true},
    {"an array is above nothing",                     S({"p": [2]}),     "p", "gt:[1]",          false},
    {"an array is not at most itself",                S({"p": [2]}),     "p", "lte:[2]",         false},
    {"equal objects are equal in any order",          S({"p": {"a": 1, "b": {"c": []}}}), "p", "{\"b\":{\"c\":[]},\"a\":1.0}", true},
    {"objects with more members differ",              S({"p": {"a": 1, "b": 2}}), "p", "{\"a\":1}", false},
    {"an object differs from a number",               S({"p": {"a": 1}}), "p", "neq:1",          true},
    {"an object is below nothing",                    S({"p": {"a": 1}}), "p", "lt:{\"a\":2}",   false},
    {"an array contains an equal number",             S({"p": [1, 2.0]}), "p", "contains:2",     true},
    {"an array does not contain another number",      S({"p": [1, 2]}),  "p", "contains:3",      false},
    {"an array contains an equal string",             S({"p": ["a", "2"]}), "p", "contains:2",   true},
    {"an array does not contain parts of strings",    S({"p": ["abc"]}), "p", "contains:b",      false},
    {"an array contains a boolean",                   S({"p": [false]}), "p", "contains:false",  true},
    {"an array contains a null",                      S({"p": [null]}),  "p", "contains:null",   true},
    {"an array contains an equal array",              S({"p": [[1, 2]]}), "p", "contains:[1,2]", true},
    {"an array contains an equal object",             S({"p": [{"a": 1}]}), "p", "contains:{\"a\":1}", true},
    {"an array does not contain what is further in",  S({"p": [[1]]}),   "p", "contains:1",      false},
    {"an empty array contains nothing",               S({"p": []}),      "p", "contains:",       false},
    {"an object contains a member of that name",      S({"p": {"a": null}}), "p", "contains:a",  true},
    {"an object does not contain values",             S({"p": {"a": "b"}}), "p", "contains:b",   false},
    {"an object does not contain members of members", S({"p": {"a": {"b": 1}}}), "p", "contains:a.b", false},

    /* names */
    {"dots lead into an object",                      S({"p": {"a": 5}}), "p.a", "gt:4",         true},
    {"dots lead further in",                          S({"p": {"a": {"b": "x"}}}), "p.a.b", "x", true},
    {"dots lead to null",                             S({"p": {"a": null}}), "p.a", "eq:null",   true},
    {"dots lead to nothing",                          S({"p": {"a": 5}}), "p.b", "neq:5",        false},
    {"dots lead to no null that is absent",           S({"p": {"a": 5}}), "p.b", "eq:null",      false},
    {"dots lead to nothing in an array",              S({"p": [5]}),     "p.0", "5",             false},
    {"dots lead to nothing in a string",              S({"p": "a"}),     "p.a", "a",             false},
    {"the literal name comes first",                  S({"p.a": 1, "p": {"a": 2}}), "p.a", "1",  true},
    {"the literal name hides what dots lead to",      S({"p.a": 1, "p": {"a": 2}}), "p.a", "2",  false},
    {"a literal name may be null",                    S({"p.a": null, "p": {"a": 2}}), "p.a", "2", false},
    {"the longest name comes first",                  S({"p.a": {"b": 1}, "p": {"a": {"b": 2}}}), "p.a.b", "1", true},
    {"inside, too, the literal name comes first",     S({"p": {"a.b": 1, "a": {"b": 2}}}), "p.a.b", "1", true},
    {"a name may hold quotes and brackets",           S({"p'\"[0]": 1}), "p'\"[0]", "1",         true},
    {"a name may be of any script",                   S({"größe": 1}),   "größe", "1",           true},
    {"names are case-sensitive",                      S({"p": 1}),       "P", "1",               false},
};
// clang-format on

#undef S

enum { FILTER_CASES = sizeof(filter_cases) / sizeof(filter_cases[0]) };

#endif
