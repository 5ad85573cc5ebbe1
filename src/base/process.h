/* SPDX-License-Identifier: Apache-2.0 */
/* What the system says of this program. */
#ifndef IX_PROCESS_H
#define IX_PROCESS_H

#include <stdint.h>

/* Each is -1 where the system does not say. */
typedef struct ix_process {
    int64_t cpu_us;         /* of processor time, in the program and for it, of all threads */
    int64_t resident_bytes; /* in memory now */
    int64_t open_files;     /* descriptors */
    int64_t files_max;      /* the most it may have */
} ix_process;

/* Any thread. */
ix_process ix_process_now(void);

#endif
