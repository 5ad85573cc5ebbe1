/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A simulated greenhouse: three sensor boards that send what they measure, once a second.
 *
 *     IOTS_HOST=http://127.0.0.1:8080 IOTS_CLIENT_ID=... IOTS_CLIENT_SECRET=... IOTS_SPACE=demo \
 *         greenhouse [--interval SECONDS] [--rounds N]
 *
 * It makes the Category "Greenhouse" and a Thing for each board, or finds those of last time. The
 * air follows the time of day; the soil dries, until the valve opens. Ends on SIGINT and SIGTERM.
 */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <iots/iots.h>

#define PI 3.14159265358979323846

enum { BOARDS = 3, ID_SIZE = 27 };

typedef struct board {
    const char *name;  /* in what we print */
    const char *title; /* of its Thing */
    double warmer;     /* than the average, in °C */
    char id[ID_SIZE];

    double temperature; /* °C */
    double humidity;    /* % */
    double moisture;    /* % */
    double light;       /* lux */
    bool is_open;       /* the valve */
    double drift;       /* of the temperature: noise with a memory */
} board;

typedef struct options {
    double interval_s;
    long rounds; /* 0: for ever */
} options;

/* ---- the world ---- */

/* By chance, between -1 and 1. */
static double chance(void)
{
    return 2.0 * (double)random() / (double)RAND_MAX - 1.0;
}

static double between(double low, double value, double high)
{
    return fmin(high, fmax(low, value));
}

static double rounded(double value, double unit)
{
    return round(value / unit) / (1 / unit); /* 16.9, not 16.900000000000002 */
}

/* One step of a board at an hour of the day. */
static void board_step(board *board, double hour)
{
    const double sun = fmax(0, sin((hour - 6.0) / 12.0 * PI));       /* up from 6 to 18 */
    const double warmth = 0.5 + 0.5 * sin((hour - 9.0) / 12.0 * PI); /* warmest at 15 */
    board->drift = 0.9 * board->drift + 0.15 * chance();
    board->temperature = rounded(15.5 + 9.0 * warmth + board->warmer + board->drift, 0.1);
    board->humidity = rounded(between(25, 84 - 30 * warmth - 3 * board->drift + chance(), 100), 1);
    board->light = rounded(fmax(0, sun * 42000 * (1 + 0.05 * chance())), 10);

    board->moisture += board->is_open ? 0.8 : -0.05 * (1 + 2 * warmth);
    board->moisture = between(0, board->moisture + 0.05 * chance(), 100);
    if (board->moisture < 28)
        board->is_open = true;
    else if (board->moisture > 45)
        board->is_open = false;
}

/* ---- the boards as Things ---- */

static const struct property {
    const char *name, *title, *unit, *least, *most;
} property_table[] = {
    {"temperature", "Air temperature", "degree celsius", "-40", "85"},
    {"humidity", "Air humidity", "percent", "0", "100"},
    {"moisture", "Soil moisture", "percent", "0", "100"},
    {"light", "Light", "lux", "0", "200000"},
};

enum { PROPERTIES = sizeof property_table / sizeof *property_table };

/* Sets a member of a property's description. */
static void describe(iots_doc *td, const char *property, const char *member, iots_value value)
{
    char pointer[512];
    snprintf(pointer, sizeof pointer, "/properties/%s/%s", property, member);
    iots_doc_set(td, pointer, value);
}

static iots_doc *description_of(const board *board)
{
    iots_doc *td = iots_doc_new();
    iots_doc_set(td, "/@context", iots_text("https://www.w3.org/2022/wot/td/v1.1"));
    iots_doc_set(td, "/@type/-", iots_text("GreenhouseBoard"));
    iots_doc_set(td, "/title", iots_text(board->title));
    iots_doc_set(td, "/description", iots_text("A simulated board with sensors and a valve."));
    for (int i = 0; i < PROPERTIES; i++) {
        const char *name = property_table[i].name;
        describe(td, name, "title", iots_text(property_table[i].title));
        describe(td, name, "type", iots_text("number"));
        describe(td, name, "unit", iots_text(property_table[i].unit));
        describe(td, name, "minimum", iots_raw(property_table[i].least));
        describe(td, name, "maximum", iots_raw(property_table[i].most));
        describe(td, name, "readOnly", iots_bool(true));
    }
    describe(td, "valve", "title", iots_text("Water valve"));
    describe(td, "valve", "type", iots_text("string"));
    describe(td, "valve", "enum", iots_raw("[\"open\", \"closed\"]"));
    return td;
}

/* Notes which Thing a board is, and where its soil was left. */
static void board_take(board *board, const iots_json *thing)
{
    const char *id = iots_json_string(thing, "/uid");
    const char *valve = iots_json_string(thing, "/status/valve");
    snprintf(board->id, sizeof board->id, "%s", id ? id : "");
    board->moisture = iots_json_number(thing, "/status/moisture", 35 + 5 * chance());
    board->is_open = valve && strcmp(valve, "open") == 0;
}

static bool fine(const char *what, const iots_reply *reply)
{
    if (!iots_ok(reply))
        fprintf(stderr, "greenhouse: %s: %s\n", what, iots_error_report(reply));
    return iots_ok(reply);
}

/* Finds the Thing of a board by its title, or makes it. */
static bool board_begin(board *board, iots_things things)
{
    iots_pager *found =
        iots_things_list(things,
                         IOTS_LIST(.limit = 1, .params = IOTS_PARAMS({"title", board->title})));
    const iots_json *thing = iots_pager_next(found);
    if (thing)
        board_take(board, thing);
    const bool ok = fine(board->title, iots_pager_reply(found));
    const bool is_new = !thing;
    iots_pager_free(found);
    if (!ok || !is_new)
        return ok;

    iots_doc *td = description_of(board);
    iots_reply *made = iots_things_create(things, iots_doc_value(td), NULL);
    if (iots_ok(made))
        board_take(board, iots_reply_body(made));
    const bool was_made = fine(board->title, made);
    iots_reply_free(made);
    iots_doc_free(td);
    return was_made;
}

static bool category_begin(iots_space space)
{
    iots_reply *made = iots_categories_create(
        space,
        iots_raw("{\"name\": \"Greenhouse\", \"description\": \"Boards of the greenhouse\"}"),
        NULL);
    const bool ok = iots_reply_code(made) == IOTS_CONFLICT || fine("Category Greenhouse", made);
    iots_reply_free(made);
    return ok;
}

static bool board_send(const board *board, iots_thing thing)
{
    iots_doc *values = iots_doc_new();
    iots_doc_set(values, "/temperature", iots_number(board->temperature));
    iots_doc_set(values, "/humidity", iots_number(board->humidity));
    iots_doc_set(values, "/moisture", iots_number(rounded(board->moisture, 0.1)));
    iots_doc_set(values, "/light", iots_number(board->light));
    iots_doc_set(values, "/valve", iots_text(board->is_open ? "open" : "closed"));
    iots_reply *sent = iots_properties_update(thing, iots_doc_value(values), NULL);
    const bool ok = fine(board->title, sent);
    iots_reply_free(sent);
    iots_doc_free(values);
    return ok;
}

/* ---- the rounds ---- */

/* All boards once, and a line about it. A board that cannot send tries again in the next round. */
static void round_once(board boards[BOARDS], iots_category greenhouse)
{
    char clock[16];
    struct tm now;
    const time_t seconds = time(NULL);
    localtime_r(&seconds, &now);
    strftime(clock, sizeof clock, "%H:%M:%S", &now);
    const double hour = now.tm_hour + now.tm_min / 60.0 + now.tm_sec / 3600.0;

    printf("%s", clock);
    for (int i = 0; i < BOARDS; i++) {
        board *board = &boards[i];
        board_step(board, hour);
        if (board_send(board, iots_category_thing(greenhouse, board->id)))
            printf("  %s %.1f °C %.0f %% soil %.0f %%%s", board->name, board->temperature,
                   board->humidity, board->moisture, board->is_open ? " watering" : "");
        else
            printf("  %s not sent", board->name);
    }
    printf("\n");
}

/* Waits until `*next`, then moves it on. False if a signal to end came instead. */
static bool wait_until(struct timespec *next, const sigset_t *ends, double interval_s)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double left_s =
        (double)(next->tv_sec - now.tv_sec) + 1e-9 * (double)(next->tv_nsec - now.tv_nsec);
    if (left_s < 0) { /* sending took longer than a round */
        *next = now;
        left_s = 0;
    }
    const struct timespec left = {.tv_sec = (time_t)left_s,
                                  .tv_nsec = (long)((left_s - floor(left_s)) * 1e9)};
    int caught;
    do {
        caught = sigtimedwait(ends, NULL, &left);
    } while (caught < 0 && errno == EINTR);

    const double then_s = (double)next->tv_nsec * 1e-9 + interval_s;
    next->tv_sec += (time_t)then_s;
    next->tv_nsec = (long)((then_s - floor(then_s)) * 1e9);
    return caught < 0;
}

static void run(board boards[BOARDS], iots_category greenhouse, const sigset_t *ends,
                const options *options)
{
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    long rounds = 0;
    while (wait_until(&next, ends, options->interval_s)) {
        round_once(boards, greenhouse);
        if (++rounds == options->rounds)
            break;
    }
}

/* ---- the program ---- */

static const char usage[] =
    "greenhouse [--interval SECONDS] [--rounds N]\n"
    "\n"
    "  --interval SECONDS  time between rounds (1)\n"
    "  --rounds N          end after N rounds (never)\n"
    "\n"
    "Who and where: IOTS_HOST, IOTS_CLIENT_ID, IOTS_CLIENT_SECRET, IOTS_SPACE.\n";

/* A number that is all of the text, and at least `least`. */
static bool number_of(const char *text, double least, double *ret)
{
    char *end;
    *ret = strtod(text, &end);
    return end != text && !*end && *ret >= least && *ret <= 1e9;
}

static bool options_take(options *options, int argc, char **argv)
{
    static const struct option known[] = {{"interval", required_argument, NULL, 'i'},
                                          {"rounds", required_argument, NULL, 'r'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    double number;
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (option == 'h') {
            fputs(usage, stdout);
            exit(EXIT_SUCCESS);
        }
        if (option == 'i' && number_of(optarg, 0, &number))
            options->interval_s = number;
        else if (option == 'r' && number_of(optarg, 1, &number))
            options->rounds = (long)number;
        else
            return false;
    }
    return optind == argc;
}

int main(int argc, char **argv)
{
    options options = {.interval_s = 1};
    if (!options_take(&options, argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    /* Signals to end are taken between the rounds, so none is lost and none cuts a round short. */
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    srandom((unsigned)time(NULL));

    board boards[BOARDS] = {
        {.name = "north", .title = "Greenhouse north", .warmer = -1.5},
        {.name = "middle", .title = "Greenhouse middle", .warmer = 0.5},
        {.name = "south", .title = "Greenhouse south", .warmer = 2.5},
    };
    const char *space_name = getenv("IOTS_SPACE");
    iots_api *api = iots_api_new(IOTS_API_OPTS(.host = getenv("IOTS_HOST"), .retries = 2));
    if (iots_api_set_credentials(api, getenv("IOTS_CLIENT_ID"), getenv("IOTS_CLIENT_SECRET"), NULL,
                                 NULL) != IOTS_OK)
        fprintf(stderr, "greenhouse: %s\n", iots_api_error(api));
    iots_space space = iots_api_space(api, space_name ? space_name : "demo");
    iots_category greenhouse = iots_space_category(space, "Greenhouse");

    bool ok = !*iots_api_error(api) && category_begin(space);
    for (int i = 0; ok && i < BOARDS; i++)
        ok = board_begin(&boards[i], iots_category_things(greenhouse));
    if (ok)
        run(boards, greenhouse, &ends, &options);
    iots_api_free(api);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
