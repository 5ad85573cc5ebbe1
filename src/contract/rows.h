/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a field is called, its type and the sentence about it stand in the rows of the public models
 * (include/iots/models), and nowhere else. A field table takes them from there and adds what only a
 * server has to know:
 *
 *     {IX_ROW(category, created), .flags = IX_READ_ONLY},
 *
 * A field that no model has is written out in the table.
 */
#ifndef IX_ROWS_H
#define IX_ROWS_H

#include "contract/schema.h"

/* The name, type and sentence of a member of a model. */
#define IX_ROW(model, member) \
    IX_ROW_AS(model, member, sizeof(((const struct ix_types_##model *)NULL)->member))

/* The same with another type, where the server knows more of it than the model says. */
#define IX_ROW_AS(model, member, its_type) \
    .name = ix_rows_##model.member##_key, .type = (its_type), .doc = ix_rows_##model.member##_doc

#define IX_TYPE_TEXT           IX_T_STRING
#define IX_TYPE_NAME           IX_T_STRING
#define IX_TYPE_BOOL           IX_T_BOOL
#define IX_TYPE_INTEGER        IX_T_INT
#define IX_TYPE_NATURAL        IX_T_INT
#define IX_TYPE_NUMBER         IX_T_NUMBER
#define IX_TYPE_TIME           IX_T_TIME
#define IX_TYPE_ANY            IX_T_ANY
#define IX_TYPE_TYPE           IX_T_STRING
#define IX_TYPE_OP             IX_T_STRING
#define IX_TYPE_ONE(x)         IX_T_OBJECT
#define IX_TYPE_LIST(x)        IX_T_ARRAY
#define IX_TYPE_MAP(x)         IX_T_OBJECT
#define IX_TYPE_TEXTS          IX_T_ARRAY
#define IX_TYPE_INTEGERS       IX_T_ARRAY
#define IX_TYPE_ANYS           IX_T_ARRAY
#define IX_TYPE_ANY_MAP        IX_T_OBJECT
#define IX_TYPE_ANY_MAPS       IX_T_ARRAY
#define IX_TYPE_ONE_OR_TEXTS   (IX_T_STRING | IX_T_ARRAY)
#define IX_TYPE_ONE_OR_LIST(x) (IX_T_OBJECT | IX_T_ARRAY)

/* Tables are initialised by constants. In C a member of a constant struct is none, but its address is
 * one, so the texts are arrays in place; and so is the size of a member, which stands for its type. */
// clang-format off
#define IOTS_BEGIN(x, title, sentence)                 struct ix_types_##x {
#define IOTS_FIELD(type, member, name, need, sentence)     char member[IX_TYPE_##type];
#define IOTS_ROOT(type, member, sentence)                  char member;
#define IOTS_END(x)                                    };
#include "iots/models/all.def"
#undef IOTS_BEGIN
#undef IOTS_FIELD

#define IOTS_BEGIN(x, title, sentence)                 struct ix_rows_##x {
#define IOTS_FIELD(type, member, name, need, sentence)     char member##_key[sizeof(name)], \
                                                                member##_doc[sizeof(sentence)];
#include "iots/models/all.def"
#undef IOTS_BEGIN
#undef IOTS_FIELD
#undef IOTS_ROOT

#define IOTS_BEGIN(x, title, sentence) static const struct ix_rows_##x ix_rows_##x = {
#define IOTS_FIELD(type, member, name, need, sentence)     name, sentence,
#define IOTS_ROOT(type, member, sentence)                  0,
#include "iots/models/all.def"
#undef IOTS_BEGIN
#undef IOTS_FIELD
#undef IOTS_ROOT
#undef IOTS_END
// clang-format on

#endif
