/* SPDX-License-Identifier: Apache-2.0 */
#include "shell.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"

enum { TIMEOUT_MS = 60 * 1000 };

static void give_up(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static void env_add(shell *shell, const char *name, const char *value)
{
    size_t count = 0;
    while (shell->env[count])
        count++;
    shell->env[count] = ix_format(shell->cx, "%s=%s", name, value);
}

shell *shell_open(ix_ctx *cx, who who)
{
    shell *made = ix_new(cx, shell, 1);
    made->cx = cx;
    made->server = server_start(cx, NULL, 0);
    if (!made->server)
        give_up("iotsd", cx->error.message);
    made->home = ix_format(cx, "%s/home", server_folder(made->server));
    if (mkdir(made->home, 0700) != 0)
        give_up(made->home, strerror(errno));

    env_add(made, "HOME", made->home);
    env_add(made, "XDG_CONFIG_HOME", ix_format(cx, "%s/config", made->home));
    env_add(made, "HOST", server_url(made->server));
    env_add(made, "PATH", ix_format(cx, "%s:%s", IOTS_BIN, getenv("PATH")));
    env_add(made, "TERM", "xterm");
    if (who == AS_CLIENT) {
        env_add(made, "IOTS_HOST", server_url(made->server));
        env_add(made, "IOTS_CLIENT_ID", SERVER_CLIENT_ID);
        env_add(made, "IOTS_CLIENT_SECRET", SERVER_CLIENT_SECRET);
        env_add(made, "IOTS_SPACE", SERVER_SPACE);
    }
    return made;
}

void shell_close(shell *shell)
{
    const bool ok = server_stop(shell->cx, shell->server);
    server_free(shell->server);
    if (!ok)
        give_up("iotsd", shell->cx->error.message);
}

static const char *line_in_home(shell *shell, const char *line)
{
    return ix_format(shell->cx, "cd '%s' || exit 99\n%s", shell->home, line);
}

int run(shell *shell, const char *format, ...)
{
    va_list args;
    char *line = NULL;
    va_start(args, format);
    const int len = vasprintf(&line, format, args);
    va_end(args);
    if (len < 0)
        give_up("run", "out of memory");
    const char *const argv[] = {"/bin/sh", "-c", line_in_home(shell, line), NULL};
    const int status =
        run_program(shell->cx, argv, shell->env, TIMEOUT_MS, &shell->out, &shell->err);
    free(line);
    if (status < 0)
        give_up("run", shell->cx->error.message);
    return status;
}

const char *said(shell *shell)
{
    const size_t len = strlen(shell->out);
    return ix_strndup(shell->cx, shell->out, len && shell->out[len - 1] == '\n' ? len - 1 : len);
}

void file_put(shell *shell, const char *name, const char *text)
{
    const char *path = ix_format(shell->cx, "%s/%s", shell->home, name);
    FILE *out = fopen(path, "wb");
    if (!out || fputs(text, out) < 0 || fclose(out) != 0)
        give_up(path, strerror(errno));
}

/* ---- terminals ---- */

/* The child's side: the terminal is its own, and where Ctrl-C goes. Does not come back. */
static void child_run(const shell *shell, const char *terminal, const char *line)
{
    setsid();
    const int fd = open(terminal, O_RDWR);
    if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) != 0)
        _exit(98);
    for (int i = 0; i < 3; i++)
        dup2(fd, i);
    for (size_t i = 0; shell->env[i]; i++) {
        char *name = strdup(shell->env[i]);
        char *equals = strchr(name, '=');
        *equals = '\0';
        setenv(name, equals + 1, 1);
    }
    execl("/bin/sh", "sh", "-c", line, (char *)NULL);
    _exit(98);
}

/* Reads what the terminal shows until the child has closed it, and types meanwhile. */
static bool terminal_talk(int fd, const step *steps, ix_buf *shown)
{
    size_t seen = 0; /* what was awaited stands before this */
    const int64_t end_us = ix_monotonic_us() + TIMEOUT_MS * INT64_C(1000);
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, TIMEOUT_MS) <= 0 || ix_monotonic_us() > end_us)
            return false;
        char part[4096];
        const ssize_t got = read(fd, part, sizeof part);
        if (got <= 0)
            return true;
        ix_buf_add(shown, part, (size_t)got);
        while (steps && steps->await) {
            const char *found = strstr(shown->at + seen, steps->await);
            if (!found)
                break;
            seen = (size_t)(found - shown->at) + strlen(steps->await);
            if (write(fd, steps->type, strlen(steps->type)) < 0)
                return false;
            steps++;
        }
    }
}

int run_at_terminal(shell *shell, int columns, const step *steps, const char *line)
{
    const int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || grantpt(fd) != 0 || unlockpt(fd) != 0)
        give_up("terminal", strerror(errno));
    const char *terminal = ix_strdup(shell->cx, ptsname(fd));
    const char *all = line_in_home(shell, line);
    /* Open on this side as well, or reading would end before the child has begun. */
    const int other = open(terminal, O_RDWR | O_NOCTTY | O_CLOEXEC);
    const struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = 24};
    if (other < 0 || ioctl(other, TIOCSWINSZ, &size) != 0)
        give_up(terminal, strerror(errno));

    fflush(NULL);
    const pid_t child = fork();
    if (child == 0)
        child_run(shell, terminal, all);
    if (child < 0)
        give_up("fork", strerror(errno));
    close(other);

    ix_buf shown = {0};
    const bool is_over = terminal_talk(fd, steps, &shown);
    shell->out = ix_strdup(shell->cx, ix_buf_cstr(&shown));
    shell->err = "";
    ix_buf_done(&shown);
    if (!is_over) {
        kill(-child, SIGKILL);
        fprintf(stderr, "the terminal does not come to an end; it showed:\n%s\n", shell->out);
    }
    close(fd);
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            give_up("waitpid", strerror(errno));
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
