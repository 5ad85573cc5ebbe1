/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: files that are imported, and what is in the history then. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "base/test.h"
#include "shell.h"

/* A Thing with these properties. */
static inline const char *thing(shell *shell, const char *properties)
{
    CHECK_INT(run(shell, "iots things create --json --body '{\"properties\": {%s}}'", properties),
              0);
    return ix_json_string(ix_json_member(json_of(shell->cx, shell->out), "uid"));
}

/* The history as "time property=value" lines, oldest first. */
static inline const char *history(shell *shell, const char *id)
{
    CHECK_INT(run(shell,
                  "iots history list %s --jsonl | sed 's/.*\"at\":\"\\([^\"]*\\)\",\"properties\":"
                  "{\"\\([^\"]*\\)\":\\(.*\\)}}/\\1 \\2=\\3/' | sort",
                  id),
              0);
    return shell->out;
}

/* A file, how it is imported by a verb of `iots import`, and what becomes of it. */
typedef struct sample {
    const char *name; /* what writes such files */
    const char *file;
    const char *options;
    const char *properties; /* of the Thing; NULL: temp and hum, numbers */
    int status;
    const char *history; /* or what is said */
} sample;

#define TEMP_AND_HUM "\"temp\": {\"type\": \"number\"}, \"hum\": {\"type\": \"number\"}"

static inline void check_sample(shell *shell, const char *verb, const sample *sample)
{
    const char *id = thing(shell, sample->properties ? sample->properties : TEMP_AND_HUM);
    file_put(shell, "f.csv", sample->file);
    const int status = run(shell, "iots import %s f.csv --thing %s %s", verb, id, sample->options);
    if (status != sample->status)
        print_error("%s: exit code %d\n%s%s\n", sample->name, status, shell->out, shell->err);
    CHECK_INT(status, sample->status);
    if (status == 0) {
        const char *found = history(shell, id);
        if (strcmp(found, sample->history) != 0)
            print_error("%s:\n", sample->name);
        CHECK_TEXT(found, sample->history);
        return;
    }
    if (!strstr(shell->err, sample->history))
        print_error("%s: expected '%s' in: %s\n", sample->name, sample->history, shell->err);
    CHECK(strstr(shell->err, sample->history));
}

#define CHECK_SAMPLES(shell, verb, samples)                                \
    for (size_t i_ = 0; i_ < sizeof(samples) / sizeof((samples)[0]); i_++) \
    check_sample((shell), (verb), &(samples)[i_])

#endif
