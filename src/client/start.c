/* SPDX-License-Identifier: Apache-2.0 */
/* The only state of the library that belongs to no object. */
#include "client/start.h"

#include <pthread.h>

#include "base/json.h"

void library_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, ix_json_init);
}
