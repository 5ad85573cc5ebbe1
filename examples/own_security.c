/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A security strategy of one's own: the token comes from a file, which something else on the device
 * renews. When the server refuses it, the file is read again.
 *
 *     IOTS_HOST=... IOTS_TOKEN_FILE=/run/token own_security
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iots/iots.h>

enum { TOKEN_MAX = 4096 };

typedef struct token_file {
    iots_security base; /* what the library sees */
    const char *path;
    pthread_mutex_t lock;  /* calls may be made by several threads */
    char token[TOKEN_MAX]; /* "": to be read */
} token_file;

/* Reads the token, if it is not at hand. The lock is held. */
static bool token_read(token_file *file)
{
    if (*file->token)
        return true;
    FILE *in = fopen(file->path, "r");
    if (!in)
        return false;
    if (!fgets(file->token, sizeof file->token, in))
        *file->token = '\0';
    file->token[strcspn(file->token, "\r\n")] = '\0';
    fclose(in);
    return *file->token != '\0';
}

static iots_reply *token_file_apply(iots_security *security, iots_api *api, iots_request *request)
{
    (void)api;
    token_file *file = security->self;
    char value[TOKEN_MAX + 8] = "";
    pthread_mutex_lock(&file->lock);
    if (token_read(file))
        snprintf(value, sizeof value, "Bearer %s", file->token);
    pthread_mutex_unlock(&file->lock);
    if (!*value)
        return iots_failure(IOTS_UNAUTHENTICATED, "%s: no token in it", file->path);
    iots_request_set_header(request, "Authorization", value);
    return NULL;
}

/* 401: perhaps there is a newer one by now. */
static bool token_file_refused(iots_security *security, const iots_request *request)
{
    (void)request;
    token_file *file = security->self;
    pthread_mutex_lock(&file->lock);
    *file->token = '\0';
    pthread_mutex_unlock(&file->lock);
    return true;
}

static iots_reply *token_file_clean(iots_security *security, iots_api *api)
{
    (void)api;
    token_file *file = security->self;
    memset(file->token, 0, sizeof file->token);
    return NULL;
}

int main(void)
{
    const char *path = getenv("IOTS_TOKEN_FILE");
    token_file file = {.base = {.size = sizeof file.base,
                                .self = &file,
                                .apply = token_file_apply,
                                .refused = token_file_refused,
                                .clean = token_file_clean},
                       .path = path ? path : "token",
                       .lock = PTHREAD_MUTEX_INITIALIZER};

    iots_api *api =
        iots_api_new(IOTS_API_OPTS(.host = getenv("IOTS_HOST"), .security = &file.base));
    iots_pager *spaces = iots_spaces_list(api, NULL);
    for (const iots_json *space; (space = iots_pager_next(spaces));)
        puts(iots_json_string(space, "/name"));
    const bool ok = iots_ok(iots_pager_reply(spaces));
    if (!ok)
        fprintf(stderr, "%s\n", iots_error_report(iots_pager_reply(spaces)));
    iots_pager_free(spaces);
    iots_api_free(api);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
