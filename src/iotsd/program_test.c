/* SPDX-License-Identifier: Apache-2.0 */
/* The program as people and scripts see it: exit status, what it prints, signals. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "base/time.h"

enum { ARGS_MAX = 16, TEST_WAIT_S = 30 };

/* ---- the words in which the tests are said ---- */

/* The world of the test that runs. */
static struct place {
    ix_ctx *cx;
    char folder[64]; /* everything is in here */
    const char *data;
    const char **env; /* NULL at the end */
    size_t env_count;
} place;

typedef struct program {
    pid_t pid;
    int out, err; /* to read from */
    ix_buf out_text, err_text;
    int status; /* once it has ended */
} program;

static void remove_folder(void *path)
{
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        char inner[400];
        snprintf(inner, sizeof inner, "%s/%s", (const char *)path, entry->d_name);
        if (unlink(inner) != 0)
            remove_folder(inner);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

static void set_env(const char *entry)
{
    place.env[place.env_count++] = entry;
}

/* A new folder; nothing in the environment reaches in. */
static void arrive(ix_ctx *cx)
{
    place = (struct place){.cx = cx};
    const char *temporary = getenv("TMPDIR");
    snprintf(place.folder, sizeof place.folder, "%s/iotsd-XXXXXX",
             temporary && strlen(temporary) < 40 ? temporary : "/tmp");
    CHECK(mkdtemp(place.folder) != NULL);
    ix_arena_defer(cx->arena, remove_folder, place.folder);
    place.env = ix_new(cx, const char *, ARGS_MAX);
    place.data = ix_format(cx, "%s/data", place.folder);
    set_env(ix_format(cx, "IOTSD_DATA=%s", place.data));
    set_env("IOTSD_LISTEN=127.0.0.1:0");
}

/* Starts iotsd with blank-separated arguments. */
static program start(const char *line)
{
    ix_ctx *cx = place.cx;
    char *argv[ARGS_MAX] = {ix_strdup(cx, IOTSD_PATH)};
    int argc = 1;
    for (const char *at = line; *(at += strspn(at, " "));) {
        const size_t len = strcspn(at, " ");
        argv[argc++] = ix_strndup(cx, at, len);
        at += len;
    }
    int out[2], err[2];
    CHECK(pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0);
    const pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        union {
            const char **from;
            char **to;
        } env = {.from = place.env};
        execve(argv[0], argv, env.to);
        _exit(127);
    }
    CHECK(pid > 0);
    close(out[1]);
    close(err[1]);
    return (program){.pid = pid, .out = out[0], .err = err[0]};
}

/* Reads what comes from either pipe; false when both are at their end. */
static bool read_some(program *program)
{
    struct pollfd polls[] = {{program->out, POLLIN, 0}, {program->err, POLLIN, 0}};
    if (program->out < 0 && program->err < 0)
        return false;
    if (poll(polls, 2, TEST_WAIT_S * 1000) <= 0) {
        kill(program->pid, SIGKILL);
        fail_msg("iotsd neither speaks nor ends: %s", ix_buf_cstr(&program->err_text));
    }
    char bytes[4096];
    for (int i = 0; i < 2; i++) {
        if (!polls[i].revents)
            continue;
        int *fd = i == 0 ? &program->out : &program->err;
        const ssize_t len = read(*fd, bytes, sizeof bytes);
        if (len > 0) {
            ix_buf_add(i == 0 ? &program->out_text : &program->err_text, bytes, (size_t)len);
        } else if (len == 0) {
            close(*fd);
            *fd = -1;
        }
    }
    return true;
}

static void wait_for_line(program *program, const char *text)
{
    while (!strstr(ix_buf_cstr(&program->err_text), text))
        if (!read_some(program))
            fail_msg("iotsd ended: %s", ix_buf_cstr(&program->err_text));
}

/* Waits for the end; the text lives in cx. */
static int end(program *program, const char **ret_out, const char **ret_err)
{
    while (read_some(program))
        continue;
    int status;
    CHECK(waitpid(program->pid, &status, 0) == program->pid);
    program->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (ret_out)
        *ret_out = ix_strdup(place.cx, ix_buf_cstr(&program->out_text));
    if (ret_err)
        *ret_err = ix_strdup(place.cx, ix_buf_cstr(&program->err_text));
    ix_buf_done(&program->out_text);
    ix_buf_done(&program->err_text);
    return program->status;
}

typedef struct ended {
    int status;
    const char *out, *err;
} ended;

static ended run(const char *line)
{
    program program = start(line);
    ended ended = {0};
    ended.status = end(&program, &ended.out, &ended.err);
    return ended;
}

/* Runs a command that must succeed; what it printed. */
static const char *output(const char *line)
{
    const ended ended = run(line);
    if (ended.status != 0)
        print_error("iotsd %s: %s", line, ended.err);
    CHECK_INT(ended.status, 0);
    return ended.out;
}

/* Runs a command that must fail with this status; what it said. */
static const char *complaint(const char *line, int status)
{
    const ended ended = run(line);
    CHECK_INT(ended.status, status);
    CHECK_TEXT(ended.out, "");
    const char *newline = strchr(ended.err, '\n');
    CHECK(newline != NULL && newline[1] == 0);
    CHECK(strncmp(ended.err, "iotsd: ", 7) == 0);
    return ix_strndup(place.cx, ended.err + 7, strlen(ended.err) - 8);
}

static program serve(const char *line)
{
    program program = start(line);
    wait_for_line(&program, " ready\n");
    return program;
}

static int stop(program *program, const char **ret_out, const char **ret_err)
{
    kill(program->pid, SIGTERM);
    return end(program, ret_out, ret_err);
}

/* An empty one, without a server. */
static void make_store(void)
{
    output("migrate");
}

/* The word after a label in what was printed. */
static const char *word_after(const char *text, const char *label)
{
    const char *at = strstr(text, label);
    CHECK(at != NULL);
    at += strlen(label) + 1;
    return ix_strndup(place.cx, at, strcspn(at, " \n"));
}

/* ---- use ---- */

TEST("help and version go to standard output")
{
    arrive(cx);
    CHECK(strstr(output("--help"), "Usage: iotsd") != NULL);
    CHECK_TEXT(output("--version"), "iotsd " IOTS_VERSION "\n");
    CHECK(strncmp(output("--man"), ".TH IOTSD 8", 11) == 0);
}

TEST("wrong use is one sentence and status 2")
{
    arrive(cx);
    CHECK_TEXT(complaint("fly", 2), "there is no command 'fly'");
    CHECK_TEXT(complaint("--port 80", 2), "--port: there is no such setting");
    CHECK(access(place.data, F_OK) != 0);
}

TEST("settings can be checked without a start")
{
    arrive(cx);
    CHECK_TEXT(output("--check-config"), "the settings are in order\n");
    CHECK_TEXT(complaint("--check-config --body_limit 1", 2), "--body_limit: 1 is too small");
    CHECK(access(place.data, F_OK) != 0);
}

/* ---- start and stop ---- */

TEST("a first start makes up credentials and prints them once")
{
    arrive(cx);
    const char *out;
    program program = serve("");
    CHECK_INT(stop(&program, &out, NULL), 0);
    CHECK_TEXT(word_after(out, "space"), "default");
    CHECK(strncmp(word_after(out, "client_id"), "app::01", 7) == 0);
    CHECK(strlen(word_after(out, "client_secret")) >= 30);

    program = serve("run");
    CHECK_INT(stop(&program, &out, NULL), 0);
    CHECK_TEXT(out, "");
}

TEST("a first start takes space and credentials from the environment, later ones do not")
{
    arrive(cx);
    const char *out;
    set_env("IOTS_SPACE=farm");
    set_env("IOTS_CLIENT_ID=app::me");
    set_env("IOTS_CLIENT_SECRET=a-long-secret");
    program program = serve("");
    CHECK_INT(stop(&program, &out, NULL), 0);
    CHECK_TEXT(out, "");
    place.env_count -= 3;
    set_env("IOTS_SPACE=mill");
    set_env("IOTS_CLIENT_ID=app::you");
    set_env("IOTS_CLIENT_SECRET=another-secret");
    program = serve("");
    CHECK_INT(stop(&program, &out, NULL), 0);
    CHECK_TEXT(output("space list"), "farm\n");
    CHECK(strncmp(output("client list"), "app::me\tfarm\t", 13) == 0);
}

TEST("a name that is not a space is refused before anything is made")
{
    arrive(cx);
    set_env("IOTS_SPACE=My Farm");
    CHECK_TEXT(complaint("", 1), "IOTS_SPACE: 'My Farm' is not a name for a space");
    CHECK_TEXT(output("space list"), "");
}

TEST("the start line names version, addresses and store, whatever the log level")
{
    arrive(cx);
    const char *err;
    program program = serve("--log_level error --listen 127.0.0.1:0 --listen 127.0.0.1:0");
    CHECK_INT(stop(&program, NULL, &err), 0);
    CHECK(strstr(err, "iotsd " IOTS_VERSION " serves http://127.0.0.1:") != NULL);
    CHECK(strstr(err, ", http://127.0.0.1:") != NULL);
    CHECK(strstr(err, ix_format(cx, ", store sqlite:%s\n", place.data)) != NULL);
    CHECK(strstr(err, "stopped") == NULL);
}

TEST("an interrupt ends it as well")
{
    arrive(cx);
    program program = serve("");
    kill(program.pid, SIGINT);
    CHECK_INT(end(&program, NULL, NULL), 0);
}

/* Asks a program that serves for /health, at the port that it printed. */
static void ask_health(const program *program)
{
    static const char request[] = "GET /health HTTP/1.0\r\n\r\n";
    const char *port = strstr(ix_buf_cstr(&program->err_text), "http://127.0.0.1:");
    CHECK(port != NULL);
    const struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)atoi(port + strlen("http://127.0.0.1:"))),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(connect(fd, (const struct sockaddr *)&to, sizeof to) == 0);
    CHECK(send(fd, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request));
    char bytes[256];
    CHECK(recv(fd, bytes, sizeof bytes, 0) > 0);
    close(fd);
}

TEST("with access_log each request is a line, whatever the log level")
{
    arrive(cx);
    program program = start("--access_log true --log_level error --log_format json");
    wait_for_line(&program, "\"message\":\"ready\"}\n");
    ask_health(&program);
    wait_for_line(&program, ",\"operation\":\"health_get\",\"status\":200,\"bytes\":15,");
    const char *err;
    CHECK_INT(stop(&program, NULL, &err), 0);
    CHECK(strstr(err, "stopped") == NULL);
}

TEST("without it no request is")
{
    arrive(cx);
    const char *err;
    program program = serve("");
    ask_health(&program);
    CHECK_INT(stop(&program, NULL, &err), 0);
    CHECK(strstr(err, "health") == NULL);
}

TEST("a hangup changes the log level and nothing else")
{
    arrive(cx);
    const char *file = ix_format(cx, "%s/conf", place.folder);
    FILE *conf = fopen(file, "w");
    fputs("log_level = info\n", conf);
    fclose(conf);
    program program = serve(ix_format(cx, "--config %s", file));
    conf = fopen(file, "w");
    fputs("log_level = nonsense\n", conf);
    fclose(conf);
    kill(program.pid, SIGHUP);
    wait_for_line(&program, "settings stay as they are");
    conf = fopen(file, "w");
    fputs("log_level = debug\n", conf);
    fclose(conf);
    kill(program.pid, SIGHUP);
    wait_for_line(&program, "read the log level again");
    CHECK_INT(stop(&program, NULL, NULL), 0);
}

TEST("a hangup does not turn TLS on")
{
    arrive(cx);
    const char *file = ix_format(cx, "%s/conf", place.folder);
    FILE *conf = fopen(file, "w");
    fclose(conf);
    program program = serve(ix_format(cx, "--config %s", file));
    conf = fopen(file, "w");
    fputs("tls_certificate = cert.pem\ntls_key = key.pem\n", conf);
    fclose(conf);
    kill(program.pid, SIGHUP);
    wait_for_line(&program, "TLS is turned on at the next start only");
    CHECK_INT(stop(&program, NULL, NULL), 0);
}

TEST("a service manager hears when it is ready and when it stops")
{
    arrive(cx);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", place.folder);
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    const struct timeval wait = {.tv_sec = TEST_WAIT_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    set_env(ix_format(cx, "NOTIFY_SOCKET=%s", address.sun_path));

    char state[64] = "";
    program program = start("");
    CHECK(recv(fd, state, sizeof state - 1, 0) == 7);
    CHECK_TEXT(state, "READY=1");
    kill(program.pid, SIGTERM);
    CHECK(recv(fd, state, sizeof state - 1, 0) == 10);
    CHECK_TEXT(state, "STOPPING=1");
    CHECK_INT(end(&program, NULL, NULL), 0);
    close(fd);
}

TEST("variables that are not ours are warned about and stop nothing")
{
    arrive(cx);
    set_env("IOTSD_PORT=tcp://10.0.0.1:80");
    set_env("IOTSD_SERVICE_HOST=10.0.0.1");
    set_env("IOTS_CLIENT_SECERT=misspelt");
    const char *err;
    program program = serve("");
    CHECK_INT(stop(&program, NULL, &err), 0);
    CHECK(strstr(err, "warn IOTSD_PORT: there is no such setting; it is ignored\n") != NULL);
    CHECK(strstr(err, "warn IOTSD_SERVICE_HOST: there is no such setting; it is ignored\n") !=
          NULL);
    CHECK(strstr(err, "warn IOTS_CLIENT_SECERT: there is no such setting; it is ignored\n") !=
          NULL);
    CHECK(strstr(err, "10.0.0.1:80") == NULL);
    program = start("space list");
    CHECK_INT(end(&program, NULL, &err), 0);
    CHECK(strstr(err, "warn IOTSD_PORT: there is no such setting; it is ignored\n") != NULL);
}

TEST("a setting that has no effect yet is reported, its default is not")
{
    arrive(cx);
    const char *err;
    program program = serve("");
    CHECK_INT(stop(&program, NULL, &err), 0);
    CHECK(strstr(err, "warn") == NULL);
    program = serve("--mqtt_listen off");
    CHECK_INT(stop(&program, NULL, &err), 0);
    CHECK(strstr(err, "warn") == NULL);
    program = serve("--mqtt_listen 127.0.0.1:1884");
    CHECK_INT(stop(&program, NULL, &err), 0);
    CHECK(strstr(err, "warn --mqtt_listen: mqtt_listen has no effect yet\n") != NULL);
}

TEST("explain prints how a list of Things would be found, also while a server runs")
{
    arrive(cx);
    set_env("IOTS_SPACE=farm");
    program program = serve("");
    CHECK_TEXT(output("explain /spaces/farm/things"), "ordered scan, by uid\n"
                                                      "driving set: all Things\n");
    CHECK_TEXT(output("explain /spaces/farm/categories/North/things?property:n=contains:1&"
                      "title=Pump&sort=-status.n"),
               "top-k scan\n"
               "driving set: in Category North; in the order of uids; 0 Things\n"
               "filter: title=Pump\n"
               "filter: property:n=contains:1\n"
               "recheck: conditions are asked again of each Thing's values\n");
    CHECK(strstr(complaint("explain /spaces/farm/models", 1), "not the address of a list") != NULL);
    CHECK_TEXT(complaint("explain /spaces/garden/things", 1), "there is no space 'garden'");
    CHECK_TEXT(complaint("explain /spaces/farm/things?limit=0", 1), "invalid limit");
    CHECK_INT(stop(&program, NULL, NULL), 0);
}

/* ---- what stands in the way of a start ---- */

TEST("a folder in use is refused, and its server goes on")
{
    arrive(cx);
    program program = serve("");
    const char *sentence = complaint("", 1);
    CHECK(strstr(sentence, place.data) != NULL);
    CHECK_TEXT(output("check"), "the store is in order\n");
    CHECK_INT(stop(&program, NULL, NULL), 0);
}

TEST("an address in use is one sentence")
{
    arrive(cx);
    program program = serve("");
    const char *url = word_after(ix_buf_cstr(&program.err_text), "serves");
    const char *address = ix_strndup(cx, url + 7, strlen(url) - 8);
    place.data = ix_format(cx, "%s/other", place.folder);
    CHECK_TEXT(
        complaint(ix_format(cx, "--data %s --listen %s --log_level error", place.data, address), 1),
        ix_format(cx, "cannot listen on %s: Address already in use", address));
    CHECK_INT(stop(&program, NULL, NULL), 0);
}

TEST("what is not a store is refused and left as it is")
{
    arrive(cx);
    FILE *file = fopen(place.data, "w");
    fputs("a file\n", file);
    fclose(file);
    CHECK(strstr(complaint("", 1), place.data) != NULL);
    CHECK(unlink(place.data) == 0);

    CHECK(mkdir(place.data, 0700) == 0);
    const char *path = ix_format(cx, "%s/iots.db", place.data);
    file = fopen(path, "w");
    for (int i = 0; i < 1000; i++)
        fputs("this is no database\n", file);
    fclose(file);
    CHECK(strstr(complaint("", 1), place.data) != NULL);
    struct stat stat_now;
    CHECK(stat(path, &stat_now) == 0);
    CHECK_INT(stat_now.st_size, 20000);
}

TEST("a database out of reach is one sentence, without user or password")
{
    arrive(cx);
    CHECK_TEXT(complaint("--store postgres://jane:geheim@/farm?host=/nowhere", 1),
               "postgres:///nowhere/farm cannot be opened: connection to server on socket"
               " \"/nowhere/.s.PGSQL.5432\" failed: No such file or directory");
    CHECK_TEXT(complaint("check --store postgresql://jane:geheim@127.0.0.1:1/farm", 1),
               "postgres://127.0.0.1:1/farm cannot be opened: connection to server at"
               " \"127.0.0.1\", port 1 failed: Connection refused");
}

TEST("an address with an odd letter in its password is refused without showing any of it")
{
    static const char *const odd[] = {"postgres://jane:ge@heim@host/farm",
                                      "postgres://jane:ge/heim@host/farm",
                                      "postgres://jane:1/geheim@host/farm",
                                      "postgres://jane:geheim%@host/farm",
                                      "postgres://host/farm?pasword=geheim"};
    arrive(cx);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        CHECK_TEXT(complaint(ix_format(cx, "--store %s", odd[i]), 1),
                   "the postgres:// address of the store is malformed (in a user or password,"
                   " letters such as @ : / are written %40 %3A %2F)");
    CHECK_TEXT(complaint("--store pstgres://jane:geheim@host/farm", 2),
               "--store: it is neither sqlite nor postgres://...");
}

TEST("a certificate needs a key, and both must be readable")
{
    arrive(cx);
    CHECK_TEXT(complaint("--tls_certificate /nowhere/c", 2),
               "--tls_certificate: tls_key is missing");
    CHECK_TEXT(complaint("--tls_certificate /nowhere/c --tls_key /nowhere/k", 1),
               "/nowhere/c: No such file or directory");
}

/* ---- administration ---- */

TEST("spaces are added, listed and removed, while a server runs")
{
    arrive(cx);
    set_env("IOTS_SPACE=farm");
    program program = serve("");
    CHECK_TEXT(output("space add mill"), "");
    CHECK_TEXT(output("space list"), "farm\nmill\n");
    complaint("space add mill", 1);
    complaint("space add Mill", 1);
    CHECK_TEXT(output("space remove mill"), "");
    CHECK_TEXT(complaint("space remove mill", 1), "there is no space 'mill'");
    CHECK_TEXT(output("space list"), "farm\n");
    CHECK_INT(stop(&program, NULL, NULL), 0);
}

TEST("clients are added, listed, reset and removed")
{
    arrive(cx);
    make_store();
    output("space add farm");
    output("space add mill");
    const char *first = output("client add");
    const char *second = output("client add --space mill --scope thing.read");
    const char *id = word_after(second, "client_id");
    CHECK(strstr(output("client list"),
                 ix_format(cx, "%s\tfarm mill\tthing ", word_after(first, "client_id"))) != NULL);
    CHECK(strstr(output("client list"), ix_format(cx, "%s\tmill\tthing.read\n", id)) != NULL);

    const char *reset = output(ix_format(cx, "client reset %s", id));
    CHECK_TEXT(word_after(reset, "client_id"), id);
    CHECK(strcmp(word_after(reset, "client_secret"), word_after(second, "client_secret")) != 0);
    CHECK_TEXT(output(ix_format(cx, "client remove %s", id)), "");
    CHECK(strstr(output("client list"), id) == NULL);
    CHECK_TEXT(complaint(ix_format(cx, "client remove %s", id), 1),
               ix_format(cx, "there is no client '%s'", id));
    CHECK_TEXT(complaint("client reset app::none", 1), "there is no client 'app::none'");
    CHECK_TEXT(complaint("client add --space barn", 1), "there is no space 'barn'");
}

TEST("a client that people log in to has redirect URIs; a public one has no secret")
{
    arrive(cx);
    make_store();
    output("space add farm");
    const char *app = output("client add --scope thing --redirect-uri https://app.example/cb "
                             "--redirect-uri com.example.app:/cb --public");
    const char *id = word_after(app, "client_id");
    CHECK(strstr(app, "client_secret") == NULL);
    CHECK_TEXT(output("client list"),
               ix_format(cx, "%s\tfarm\tthing\thttps://app.example/cb com.example.app:/cb\n", id));
    CHECK_TEXT(complaint(ix_format(cx, "client reset %s", id), 1),
               ix_format(cx, "'%s' is a public client and has no secret", id));
    CHECK(strstr(output("client add --redirect-uri https://app.example/cb"), "client_secret"));

    CHECK(strstr(complaint("client add --redirect-uri javascript:alert(1)", 1),
                 "--redirect-uri 'javascript:alert(1)': expected an absolute URI") != NULL);
    CHECK_TEXT(complaint("client add --public", 1), "a --public client needs a --redirect-uri");
}

TEST("users are added with a made-up password, listed, reset and removed")
{
    arrive(cx);
    make_store();
    output("space add farm");
    output("space add mill");
    const char *ada = output("user add ada@mail.example --space mill --scope thing.read");
    const char *bob = output("user add bob");
    CHECK_TEXT(word_after(ada, "user"), "ada@mail.example");
    CHECK(strlen(word_after(ada, "password")) >= 20);
    CHECK(strcmp(word_after(ada, "password"), word_after(bob, "password")) != 0);
    CHECK(
        strstr(output("user list"), "ada@mail.example\tmill\tthing.read\nbob\tfarm mill\tthing "));
    CHECK_TEXT(complaint("user add bob", 1), "there is a user 'bob' already");

    const char *reset = output("user reset bob");
    CHECK_TEXT(word_after(reset, "user"), "bob");
    CHECK(strcmp(word_after(reset, "password"), word_after(bob, "password")) != 0);
    CHECK(strstr(output("user list"), "bob\tfarm mill\tthing "));
    CHECK_TEXT(output("user remove bob"), "");
    CHECK_TEXT(output("user list"), "ada@mail.example\tmill\tthing.read\n");
    CHECK_TEXT(complaint("user remove bob", 1), "there is no user 'bob'");
    CHECK_TEXT(complaint("user reset bob", 1), "there is no user 'bob'");

    CHECK(strstr(complaint("user add <b>", 1), "'<b>' is not a name for a user: expected 1 to 64"));
    CHECK_TEXT(complaint("user add eve --space barn", 1), "there is no space 'barn'");
    CHECK_TEXT(output("check"), "the store is in order\n");
}

/* A connection to the administration socket, as the user `uid` if that is not 0. */
static int connect_admin(const char *path, uid_t uid)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    CHECK(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(uid == 0 || seteuid(uid) == 0);
    const int result = connect(fd, (const struct sockaddr *)&address, sizeof address);
    CHECK(seteuid(getuid()) == 0);
    CHECK_INT(result, 0);
    return fd;
}

/* What comes until the other side ends. */
static const char *answer_of(int fd)
{
    char bytes[1024];
    size_t len = 0;
    ssize_t n;
    while (len < sizeof bytes && (n = recv(fd, bytes + len, sizeof bytes - len, 0)) > 0)
        len += (size_t)n;
    close(fd);
    return ix_strndup(place.cx, bytes, len);
}

static const char *admin_path(void)
{
    return ix_format(place.cx, "%s/iotsd.sock", place.data);
}

TEST("the administration socket is there while a server runs, for its user alone")
{
    arrive(cx);
    program program = serve("");
    struct stat found;
    CHECK(stat(admin_path(), &found) == 0);
    CHECK(S_ISSOCK(found.st_mode));
    CHECK_INT(found.st_mode & 0777, 0600);
    CHECK_INT(stop(&program, NULL, NULL), 0);
    CHECK(access(admin_path(), F_OK) != 0);
}

TEST("a server that was killed leaves a socket that stands in nobody's way")
{
    arrive(cx);
    set_env("IOTS_SPACE=farm");
    program program = serve("");
    kill(program.pid, SIGKILL);
    end(&program, NULL, NULL);
    CHECK(access(admin_path(), F_OK) == 0);
    CHECK_TEXT(output("space list"), "farm\n");
    CHECK_TEXT(output("space add mill"), "");
    program = serve("");
    CHECK_TEXT(output("space add barn"), "");
    CHECK_TEXT(output("space list"), "barn\nfarm\nmill\n");
    CHECK_INT(stop(&program, NULL, NULL), 0);
}

TEST("who is neither root nor the server's user may not administer it")
{
    enum { NOBODY = 65534 };
    if (getuid() != 0)
        SKIP("only root can be somebody else");
    arrive(cx);
    const char *path = ix_format(cx, "%s/open", place.folder);
    CHECK(chmod(place.folder, 0755) == 0);
    program program = serve(ix_format(cx, "--admin_socket %s", path));
    CHECK(chmod(path, 0666) == 0); /* a guard less: the server asks for itself */
    const char *answer = answer_of(connect_admin(path, NOBODY));
    CHECK(strncmp(answer, "fail ", 5) == 0);
    CHECK(strstr(answer, "only root and the user that the server runs as may administer it"));
    CHECK_INT(stop(&program, NULL, NULL), 0);
}

TEST("a command of another version, or what is not a command, is refused by a running server")
{
    static const char *const cases[][2] = {
        {"iotsd 5\n9.9.9\n", "this command is of iotsd 9.9.9: give it with the program of the"},
        {"GET / HTTP/1.1\r\n\r\n", "is not iotsd"},
        {"word 5\nspace\n", "'word' is not part of a command"},
        {"iotsd 99999999\n", "is not iotsd"},
        {"iotsd -1\n", "is not iotsd"},
        {"iotsd 0\nx", "is not iotsd"},
    };
    arrive(cx);
    program program = serve("");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const int fd = connect_admin(admin_path(), 0);
        const size_t len = strlen(cases[i][0]);
        CHECK(send(fd, cases[i][0], len, MSG_NOSIGNAL) == (ssize_t)len);
        const char *answer = answer_of(fd);
        CHECK(strncmp(answer, "fail ", 5) == 0);
        CHECK(strstr(answer, cases[i][1]) != NULL);
    }
    CHECK_TEXT(output("check"), "the store is in order\n");
    CHECK_INT(stop(&program, NULL, NULL), 0);
}

TEST("commands that wait in vain hold up neither others nor the end")
{
    arrive(cx);
    program program = serve("");
    int fds[5];
    for (size_t i = 0; i < 5; i++)
        fds[i] = connect_admin(admin_path(), 0);
    CHECK_TEXT(output("space add mill"), "");
    CHECK_INT(stop(&program, NULL, NULL), 0);
    for (size_t i = 0; i < 5; i++)
        close(fds[i]);
}

TEST("a path of any length will do for the socket")
{
    arrive(cx);
    place.data = ix_format(cx, "%s/%0120d/data", place.folder, 0);
    place.env_count = 0;
    set_env(ix_format(cx, "IOTSD_DATA=%s", place.data));
    set_env("IOTSD_LISTEN=127.0.0.1:0");
    set_env("IOTS_SPACE=farm");
    program program = serve("");
    CHECK(access(admin_path(), F_OK) == 0);
    CHECK_TEXT(output("space add mill"), "");
    CHECK_TEXT(output("space list"), "farm\nmill\n");
    CHECK_INT(stop(&program, NULL, NULL), 0);
    CHECK(access(admin_path(), F_OK) != 0);
    CHECK_TEXT(output("space list"), "farm\nmill\n");
}

TEST("a second server does not take the socket of the first, nor one the store of another")
{
    arrive(cx);
    const char *path = ix_format(cx, "%s/socket", place.folder);
    program program = serve(ix_format(cx, "--admin_socket %s", path));
    const char *other = ix_format(cx, "--data %s/other --admin_socket %s", place.folder, path);
    CHECK_TEXT(complaint(ix_format(cx, "--log_level error %s", other), 1),
               ix_format(cx,
                         "the administration socket %s belongs to another iotsd that runs:"
                         " choose another one with admin_socket",
                         path));
    CHECK(strstr(complaint(ix_format(cx, "space add mill %s", other), 1),
                 ix_format(cx, "the server at this socket has another store: sqlite:%s",
                           place.data)) != NULL);
    CHECK_TEXT(output(ix_format(cx, "space add mill --admin_socket %s", path)), "");
    CHECK_INT(stop(&program, NULL, NULL), 0);
}

TEST("a server without a socket is left alone by what writes")
{
    arrive(cx);
    set_env("IOTS_SPACE=farm");
    program program = serve("--admin_socket off");
    CHECK_TEXT(output("space list"), "farm\n");
    CHECK_TEXT(complaint("space add mill", 1),
               ix_format(cx,
                         "%s is in use by another iotsd, which has no administration socket at"
                         " %s",
                         place.data, admin_path()));
    CHECK_TEXT(output("space list"), "farm\n");
    CHECK_INT(stop(&program, NULL, NULL), 0);
}

TEST("what is not a socket is left as it is, and named")
{
    arrive(cx);
    const char *path = ix_format(cx, "%s/file", place.folder);
    FILE *file = fopen(path, "w");
    fputs("a file\n", file);
    fclose(file);
    CHECK_TEXT(complaint(ix_format(cx, "--log_level error --admin_socket %s", path), 1),
               ix_format(cx, "the administration socket %s: there is something else", path));
    CHECK(access(path, F_OK) == 0);
}

/* Something that takes commands and does not answer. */
static int listen_admin(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    CHECK(mkdir(place.data, 0700) == 0);
    const char *path = admin_path();
    CHECK(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1) == 0);
    return fd;
}

TEST("a backup that is interrupted leaves nothing behind, and its server hears of it")
{
    arrive(cx);
    const char *file = ix_format(cx, "%s/backup", place.folder);
    const int listening = listen_admin();
    program program = start(ix_format(cx, "backup %s", file));
    const int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    char bytes[1024] = "";
    for (size_t len = 0; !strstr(bytes, "\ngo 0\n\n");) {
        const ssize_t n = recv(fd, bytes + len, sizeof bytes - 1 - len, 0);
        CHECK(n > 0);
        len += (size_t)n;
    }
    CHECK(access(file, F_OK) == 0);
    kill(program.pid, SIGINT);
    CHECK_INT(end(&program, NULL, NULL), 128 + SIGINT);
    CHECK(access(file, F_OK) != 0);
    CHECK_INT(recv(fd, bytes, sizeof bytes, 0), 0);
    close(fd);
    close(listening);
}

TEST("a command whose server ends says that it does not know what became of it")
{
    arrive(cx);
    const int listening = listen_admin();
    const char *file = ix_format(cx, "%s/backup", place.folder);
    program program = start(ix_format(cx, "backup %s", file));
    close(accept4(listening, NULL, NULL, SOCK_CLOEXEC));
    const char *err;
    CHECK_INT(end(&program, NULL, &err), 1);
    CHECK(strstr(err, "it is not known whether the command was carried out") != NULL);
    CHECK(access(file, F_OK) != 0);
    close(listening);
}

TEST("a backup is the file of who asked for it, and never takes the place of another")
{
    arrive(cx);
    set_env("IOTS_SPACE=farm");
    program program = serve("");
    const char *file = ix_format(cx, "%s/backup", place.folder);
    CHECK_TEXT(output(ix_format(cx, "backup %s", file)), "");
    struct stat found;
    CHECK(stat(file, &found) == 0);
    CHECK_INT(found.st_mode & 0777, 0600);
    CHECK_TEXT(complaint(ix_format(cx, "backup %s", file), 1),
               ix_format(cx, "%s exists already", file));
    const char *nowhere = ix_format(cx, "%s/nowhere/backup", place.folder);
    CHECK_TEXT(complaint(ix_format(cx, "backup %s", nowhere), 1),
               ix_format(cx, "%s: No such file or directory", nowhere));
    CHECK_INT(stop(&program, NULL, NULL), 0);
    CHECK_TEXT(output(ix_format(cx, "backup %s2", file)), "");
    CHECK_TEXT(output(ix_format(cx, "restore %s2", file)), "");
    CHECK_TEXT(output("space list"), "farm\n");
}

TEST("administration makes no store")
{
    arrive(cx);
    const char *none =
        ix_format(cx, "%s: there is no store here; 'iotsd run' makes one", place.data);
    CHECK_TEXT(complaint("space add farm", 1), none);
    CHECK_TEXT(complaint("client add", 1), none);
    CHECK_TEXT(complaint("user add ada", 1), none);
    CHECK_TEXT(complaint("compact", 1), none);
    CHECK(access(place.data, F_OK) != 0);
}

TEST("a command that only looks makes no store")
{
    arrive(cx);
    complaint("space list", 1);
    complaint("client remove app::me", 1);
    complaint("check", 1);
    CHECK(access(ix_format(cx, "%s/iots.db", place.data), F_OK) != 0);
}

TEST("a backup is taken while the server runs and restored when it does not")
{
    arrive(cx);
    set_env("IOTS_SPACE=farm");
    program program = serve("");
    const char *backup = ix_format(cx, "%s/backup", place.folder);
    CHECK_TEXT(output(ix_format(cx, "backup %s", backup)), "");
    complaint(ix_format(cx, "backup %s", backup), 1);
    output("space add mill");
    complaint(ix_format(cx, "restore %s", backup), 1);
    complaint("migrate", 1);
    CHECK_INT(stop(&program, NULL, NULL), 0);

    CHECK_TEXT(output("space list"), "farm\nmill\n");
    CHECK_TEXT(output(ix_format(cx, "restore %s", backup)), "");
    CHECK_TEXT(output("space list"), "farm\n");
    complaint(ix_format(cx, "restore %s", IOTSD_PATH), 1);
    CHECK_TEXT(output("check"), "the store is in order\n");
    CHECK(strncmp(output("migrate"), "the store has schema ", 21) == 0);
}
