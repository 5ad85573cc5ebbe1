/* SPDX-License-Identifier: Apache-2.0 */
#include "constant.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

bool constant_start(ix_ctx *cx, long threads, constant *ret)
{
    int in[2], out[2];
    char count[16], line[128];
    snprintf(count, sizeof(count), "%ld", threads);
    if (pipe(in) != 0 || pipe(out) != 0 || (ret->pid = fork()) < 0) {
        ret->pid = 0;
        return ix_fail(cx, IOTS_INTERNAL, "constant: %s", strerror(errno));
    }
    if (ret->pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        close(in[1]);
        execl(CONSTANT_PATH, CONSTANT_PATH, count, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    ret->in = in[1];
    FILE *said = fdopen(out[0], "r");
    const bool ok =
        said && fgets(line, sizeof(line), said) && sscanf(line, "serves %63s", ret->url) == 1;
    if (said)
        fclose(said);
    return ok || ix_fail(cx, IOTS_UNAVAILABLE, "%s does not start", CONSTANT_PATH);
}

void constant_stop(const constant *constant)
{
    if (constant->pid <= 0)
        return;
    close(constant->in);
    waitpid(constant->pid, NULL, 0);
}

static int compare_doubles(const void *a, const void *b)
{
    const double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

double median(double *values, long count)
{
    qsort(values, (size_t)count, sizeof(*values), compare_doubles);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}
