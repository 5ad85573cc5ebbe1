/* SPDX-License-Identifier: Apache-2.0 */
/* What iots doctor says of all that can be wrong. */
#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "shell.h"

/* What doctor found: a line "check,state" for each check that is not "ok". */
#define FINDINGS " --csv | tr -d '\\r' | cut -d, -f1,2 | grep -v -e ,ok -e ,state; true"

TEST("where all is well, nothing is wrong")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell, "iots doctor"), 0);
    CHECK(strstr(shell->out, "ok    health "));
    CHECK(strstr(shell->out, "ok    space        'farm', from IOTS_SPACE\n"));
    CHECK(!strstr(shell->out, SERVER_CLIENT_SECRET));
    CHECK_INT(run(shell, "iots doctor" FINDINGS), 0);
    CHECK_TEXT(shell->out, "certificate,passed over\n");
    CHECK_INT(run(shell, "iots doctor --json"), 0);
    CHECK_TEXT(ix_json_string(ix_json_at(json_of(cx, shell->out), "/0/check")), "profile");
    shell_close(shell);
}

TEST("the first check that fails gives the exit code, and what hangs on it is not tried")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    // clang-format off
    const struct { const char *line; int status; const char *findings, *said; } cases[] = {
        {"iots doctor --host http://127.0.0.1:1", 6, "connection,failed", "is the server running"},
        {"iots doctor --host http://nowhere.invalid", 6, "name,failed", "look for a slip"},
        {"iots doctor --host 'http://a b'", 6, "name,failed", "look for a slip"},
        {"unset IOTS_HOST; iots doctor", 2, "host,failed", "no server is known"},
        {"iots doctor --host $HOST/nowhere", 7, "health,failed", "is this the address of an iots server?"},
        {"iots doctor --client-secret wrong", 4, "credentials,failed", "run 'iots login'"},
        {"unset IOTS_CLIENT_ID; iots doctor", 4, "credentials,failed", "no client is known"},
        {"iots doctor --token wrong", 4, "credentials,failed", "the server does not accept the token from --token"},
        {"iots doctor --scopes 'thing nonsense'", 4, "scopes,failed",
            "asked for, by --scopes: thing nonsense; the client may have: thing"},
        {"iots doctor --space garden", 3, "space,failed", "'garden', from --space, is none that the client sees"},
        {"unset IOTS_SPACE; iots doctor", 0, "space,warning", "choose one: iots space use NAME"},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const int status = run(shell, "%s", cases[i].line);
        const char *out = shell->out;
        CHECK_INT(run(shell, "%s" FINDINGS, cases[i].line), 0);
        if (status != cases[i].status || !strstr(out, cases[i].said) ||
            !strstr(shell->out, cases[i].findings))
            print_error("%s\n%d %s%s", cases[i].line, status, out, shell->out);
        CHECK_INT(status, cases[i].status);
        CHECK(strstr(out, cases[i].said));
        CHECK(strstr(shell->out, cases[i].findings));
    }
    shell_close(shell);
}

TEST("a file that others can read is warned of, with the cure")
{
    shell *shell = shell_open(cx, AS_NOBODY);
    CHECK_INT(run(shell,
                  "echo " SERVER_CLIENT_SECRET " | iots login $HOST --client-id " SERVER_CLIENT_ID
                  " --secret-stdin --space " SERVER_SPACE),
              0);
    CHECK_INT(run(shell, "iots doctor" FINDINGS), 0);
    CHECK_TEXT(shell->out, "certificate,passed over\n");
    CHECK_INT(run(shell, "chmod 644 config/iots/config.json; iots doctor"), 0);
    CHECK(strstr(shell->out, "warn  profile "));
    CHECK(strstr(shell->out, "-> chmod 600 '"));
    shell_close(shell);
}

TEST("doctor keeps no token")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell, "iots doctor > /dev/null; test -e config/iots/tokens.json"), 1);
    shell_close(shell);
}

/* ---- other servers ---- */

/* A process that answers every request with `answer`. *ret_port is where. */
static pid_t parrot_start(const char *answer, int *ret_port)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    CHECK_INT(bind(fd, (struct sockaddr *)&address, size), 0);
    CHECK_INT(listen(fd, 8), 0);
    CHECK_INT(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *ret_port = ntohs(address.sin_port);
    fflush(NULL);
    const pid_t child = fork();
    for (int peer; child == 0 && (peer = accept(fd, NULL, NULL)) >= 0; close(peer)) {
        char request[4096];
        if (read(peer, request, sizeof request) > 0 && write(peer, answer, strlen(answer)) < 0)
            break;
    }
    if (child == 0)
        _exit(0);
    close(fd);
    return child;
}

static void parrot_stop(pid_t child)
{
    kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0)
        continue;
}

TEST("clocks that differ are reported")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    int port;
    const pid_t parrot = parrot_start("HTTP/1.1 200 OK\r\nDate: Tue, 04 Mar 2025 05:06:07 GMT\r\n"
                                      "Content-Type: application/json\r\nContent-Length: 15\r\n"
                                      "Connection: close\r\n\r\n{\"status\":\"ok\"}",
                                      &port);
    CHECK(run(shell, "iots doctor --host http://127.0.0.1:%d", port) != 0);
    parrot_stop(parrot);
    CHECK(strstr(shell->out, "FAIL  clock        this clock is "));
    CHECK(strstr(shell->out, " s ahead of that of the server\n"));
    CHECK(strstr(shell->out, "FAIL  credentials"));
    shell_close(shell);
}

/* A TLS server with a certificate for localhost that is good for so many days; runs `line`, in which
 * $PORT is its port. */
static int run_beside_tls(shell *shell, int days, const char *line)
{
    return run(
        shell,
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "
        "key.pem -out cert.pem -days %d -subj /CN=localhost -addext "
        "subjectAltName=DNS:localhost 2> /dev/null || exit 77\n"
        "rm -f said; mkfifo said\n"
        "openssl s_server -www -accept 127.0.0.1:0 -key key.pem -cert cert.pem > said 2>&1 &\n"
        "exec 3< said\n"
        "while read -r word where <&3; do [ \"$word\" = ACCEPT ] && break; done\n"
        "PORT=${where##*:}\n"
        "%s\n"
        "status=$?; kill $!; exit $status",
        days, line);
}

TEST("a certificate that nobody vouches for fails, one that ends soon is warned of")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    if (run(shell, "command -v openssl") != 0) {
        shell_close(shell);
        SKIP("there is no openssl");
    }
    CHECK_INT(run_beside_tls(shell, 3, "iots doctor --host https://localhost:$PORT"), 6);
    CHECK(strstr(shell->out, "FAIL  certificate  SSL certificate problem: self"));
    CHECK(strstr(shell->out, "trusted by --ca-file or IOTS_CA_FILE"));

    /* It is not an iots server: health fails. */
    const char *line = "iots doctor --host https://localhost:$PORT --ca-file cert.pem";
    CHECK_INT(run_beside_tls(shell, 3, line), 7);
    CHECK(strstr(shell->out, "warn  certificate  it is trusted, but ends in 2 days, at 20"));
    CHECK_INT(run_beside_tls(shell, 300, line), 7);
    CHECK(strstr(shell->out, "ok    certificate  it is trusted, until 20"));
    CHECK_INT(run_beside_tls(shell, 300, "iots doctor --host https://localhost:$PORT --insecure"),
              7);
    CHECK(strstr(shell->out, "warn  certificate  it is not looked at"));
    shell_close(shell);
}
