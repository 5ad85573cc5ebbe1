/* SPDX-License-Identifier: Apache-2.0 */
#include "net/address.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"

enum { HOST_TEXT = 256 };

/* ADDR:PORT or [ADDR]:PORT in its two parts. */
static bool split(ix_ctx *cx, const char *text, char host[HOST_TEXT], const char **ret_port)
{
    const char *colon = strrchr(text, ':');
    if (!colon)
        return ix_fail(cx, IOTS_USAGE, "'%s' has no port (ADDR:PORT)", text);
    ix_str name = {text, (size_t)(colon - text)};
    const bool is_bracketed = name.len >= 2 && text[0] == '[' && text[name.len - 1] == ']';
    if (is_bracketed)
        name = (ix_str){text + 1, name.len - 2};
    if (name.len == 0)
        return ix_fail(cx, IOTS_USAGE, "'%s' has no address (ADDR:PORT)", text);
    if (name.len >= HOST_TEXT)
        return ix_fail(cx, IOTS_USAGE, "the address is longer than %d letters", HOST_TEXT - 1);
    if (!is_bracketed && memchr(name.at, ':', name.len))
        return ix_fail(cx, IOTS_USAGE, "'%s': an IPv6 address stands in brackets", text);

    int64_t port;
    if (!ix_str_int(ix_str_of(colon + 1), &port) || port < 0 || port > 65535)
        return ix_fail(cx, IOTS_USAGE, "'%s': a port is a number from 0 to 65535", text);
    memcpy(host, name.at, name.len);
    host[name.len] = 0;
    *ret_port = colon + 1;
    return true;
}

bool address_check(ix_ctx *cx, const char *text)
{
    char host[HOST_TEXT];
    const char *port;
    return split(cx, text, host, &port);
}

static bool set_option(int fd, int level, int option)
{
    const int on = 1;
    return setsockopt(fd, level, option, &on, sizeof on) == 0;
}

static bool bind_and_listen(int fd, const struct addrinfo *info)
{
    if (!set_option(fd, SOL_SOCKET, SO_REUSEADDR))
        return false;
    /* [::] next to 0.0.0.0 must not be in its way. */
    if (info->ai_family == AF_INET6 && !set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY))
        return false;
    return bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0;
}

bool address_write(const struct sockaddr *address, char text[ADDRESS_TEXT])
{
    char host[HOST_TEXT], port[16];
    const bool is_v6 = address->sa_family == AF_INET6;
    if (!is_v6 && address->sa_family != AF_INET)
        return false;
    const socklen_t len = is_v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if (getnameinfo(address, len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return false;
    snprintf(text, ADDRESS_TEXT, is_v6 ? "[%s]:%s" : "%s:%s", host, port);
    return true;
}

bool address_is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET6) {
        const struct in6_addr *v6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
        return IN6_IS_ADDR_LOOPBACK(v6) || (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == 127);
    }
    return address->sa_family == AF_INET &&
           ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == 127;
}

static bool write_actual(int fd, char actual[ADDRESS_TEXT])
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    return getsockname(fd, (struct sockaddr *)&address, &len) == 0 &&
           address_write((struct sockaddr *)&address, actual);
}

int address_listen(ix_ctx *cx, const char *text, char actual[ADDRESS_TEXT])
{
    char host[HOST_TEXT];
    const char *port = NULL;
    if (!split(cx, text, host, &port))
        return -1;
    const struct addrinfo hints = {
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
    };
    struct addrinfo *info;
    const int why = getaddrinfo(host, port, &hints, &info);
    if (why != 0) {
        ix_fail(cx, IOTS_UNAVAILABLE, "cannot listen on %s: %s", text, gai_strerror(why));
        return -1;
    }
    const int fd = socket(info->ai_family, info->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                          info->ai_protocol);
    const bool ok = fd >= 0 && bind_and_listen(fd, info) && write_actual(fd, actual);
    const int why_not = errno;
    freeaddrinfo(info);
    if (ok)
        return fd;
    ix_fail(cx, IOTS_UNAVAILABLE, "cannot listen on %s: %s", text, strerror(why_not));
    if (fd >= 0)
        close(fd);
    return -1;
}
