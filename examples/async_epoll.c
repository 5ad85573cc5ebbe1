/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks every Thing of a space for its values, all at once and in one thread, from an epoll loop that
 * has other things to do as well: Ctrl-C, noticed by a descriptor, ends it in order.
 *
 *     IOTS_HOST=... IOTS_CLIENT_ID=... IOTS_CLIENT_SECRET=... IOTS_SPACE=farm async_epoll
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <iots/async.h>

typedef struct survey {
    iots_async *loop;
    iots_things things;
    int asked, answered, failed;
} survey;

static void on_values(iots_reply *values, void *user)
{
    survey *survey = user;
    if (iots_ok(values)) {
        survey->answered++;
    } else {
        survey->failed++;
        fprintf(stderr, "%s\n", iots_error_report(values));
    }
    iots_reply_free(values);
}

/* Asks for the values of the Things at hand. The next page is on its way meanwhile. */
static void on_page(iots_pager *all, void *user)
{
    survey *survey = user;
    for (const iots_json *item; (item = iots_pager_next(all));) {
        const iots_thing thing = {.api = survey->things.api,
                                  .space = survey->things.space,
                                  .id = iots_json_string(item, "/uid")};
        survey->asked++;
        iots_properties_get(thing,
                            IOTS_CALL(.async = survey->loop, .done = on_values, .user = survey));
    }
    const iots_reply *page = iots_pager_reply(all);
    if (iots_reply_code(page) == IOTS_PENDING)
        return;
    if (!iots_ok(page)) {
        survey->failed++;
        fprintf(stderr, "the list stopped early: %s\n", iots_error_report(page));
    }
    iots_pager_free(all);
}

/* Returns once all calls have ended, or a signal has come. */
static void run(iots_async *loop, int signals)
{
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    const int watched[] = {iots_async_fd(loop), signals};
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = watched[i]};
        epoll_ctl(epoll, EPOLL_CTL_ADD, watched[i], &event);
    }
    while (iots_async_count(loop)) {
        struct epoll_event event;
        const int ready = epoll_wait(epoll, &event, 1, iots_async_timeout_ms(loop));
        if (ready > 0 && event.data.fd == signals)
            break;
        iots_async_step(loop, 0);
    }
    close(epoll);
}

int main(void)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    const int signals = signalfd(-1, &ends, SFD_CLOEXEC);

    const char *space = getenv("IOTS_SPACE");
    iots_api *api = iots_api_new(IOTS_API_OPTS(.host = getenv("IOTS_HOST")));
    iots_api_set_credentials(api, getenv("IOTS_CLIENT_ID"), getenv("IOTS_CLIENT_SECRET"), "thing",
                             IOTS_OAUTH2(.lazy = true)); /* the first call fetches the token */
    survey survey = {.loop = iots_async_new(NULL),
                     .things = iots_space_things(iots_api_space(api, space ? space : "farm"))};
    iots_pager *all = iots_things_list(survey.things, IOTS_LIST(.limit = 100, .async = survey.loop,
                                                                .ready = on_page, .user = &survey));
    on_page(all, &survey); /* asks for the first page */
    run(survey.loop, signals);

    iots_async_free(survey.loop); /* ends what is still under way */
    iots_api_free(api);
    close(signals);
    printf("%d Things asked, %d answered\n", survey.asked, survey.answered);
    return survey.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
