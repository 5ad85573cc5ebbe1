/* SPDX-License-Identifier: Apache-2.0 */
#include "client/deadlines.h"

#include "base/test.h"

enum { COUNT = 500 };

/* Numbers by no chance at all, but in no order either. */
static int64_t scatter(int64_t number)
{
    return number * 7919 % 1009;
}

TEST("deadlines come in their order, whatever was moved or removed before")
{
    client_deadlines all = {0};
    client_deadline ones[COUNT] = {0};
    CHECK(!deadlines_next(&all));
    CHECK(deadlines_reserve(&all, COUNT));
    for (int i = 0; i < COUNT; i++)
        deadlines_set(&all, &ones[i], scatter(i));
    for (int i = 0; i < COUNT; i += 3)
        deadlines_set(&all, &ones[i], scatter(i + 17));
    size_t left = COUNT;
    for (int i = 0; i < COUNT; i += 5, left--)
        deadlines_remove(&all, &ones[i]);
    deadlines_remove(&all, &ones[0]); /* a second time: nothing happens */

    int64_t before_us = INT64_MIN;
    for (client_deadline *next; (next = deadlines_next(&all)); left--) {
        CHECK(next->at_us >= before_us);
        before_us = next->at_us;
        deadlines_remove(&all, next);
        CHECK_INT(next->place, 0);
    }
    CHECK_INT(left, 0);
    deadlines_done(&all);
}
