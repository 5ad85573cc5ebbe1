/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that many share: who would take more than there is left gets none. Any thread. */
#ifndef BUDGET_H
#define BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct budget {
    size_t most; /* bytes */
    _Atomic size_t used;
} budget;

/* `most` may be less than all of it, so that something is left for others. */
static inline bool budget_take(budget *budget, size_t bytes, size_t most)
{
    const size_t used = atomic_fetch_add(&budget->used, bytes);
    if (used + bytes <= most)
        return true;
    atomic_fetch_sub(&budget->used, bytes);
    return false;
}

static inline void budget_give_back(budget *budget, size_t bytes)
{
    atomic_fetch_sub(&budget->used, bytes);
}

static inline size_t budget_used(budget *budget)
{
    return atomic_load(&budget->used);
}

#endif
