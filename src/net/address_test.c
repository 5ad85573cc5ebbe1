/* SPDX-License-Identifier: Apache-2.0 */
#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include "base/test.h"

static const char *complaint(ix_ctx *cx, const char *text)
{
    CHECK(!address_check(cx, text));
    CHECK_INT(cx->error.code, IOTS_USAGE);
    const char *sentence = ix_strdup(cx, cx->error.message);
    ix_ctx_clear_error(cx);
    return sentence;
}

TEST("an address is a host and a port")
{
    CHECK_OK(cx, address_check(cx, "127.0.0.1:8080"));
    CHECK_OK(cx, address_check(cx, "localhost:0"));
    CHECK_OK(cx, address_check(cx, "[::1]:65535"));
    CHECK_OK(cx, address_check(cx, "0.0.0.0:80"));
    CHECK_TEXT(complaint(cx, "localhost"), "'localhost' has no port (ADDR:PORT)");
    CHECK_TEXT(complaint(cx, "localhost:"), "'localhost:': a port is a number from 0 to 65535");
    CHECK_TEXT(complaint(cx, "localhost:-1"), "'localhost:-1': a port is a number from 0 to 65535");
    CHECK_TEXT(complaint(cx, "localhost:65536"),
               "'localhost:65536': a port is a number from 0 to 65535");
    CHECK_TEXT(complaint(cx, ":80"), "':80' has no address (ADDR:PORT)");
    CHECK_TEXT(complaint(cx, "[]:80"), "'[]:80' has no address (ADDR:PORT)");
    CHECK_TEXT(complaint(cx, "::1:80"), "'::1:80': an IPv6 address stands in brackets");
}

TEST("port 0 becomes a real one, and a taken one is refused by name")
{
    char actual[ADDRESS_TEXT], again[ADDRESS_TEXT];
    const int fd = address_listen(cx, "127.0.0.1:0", actual);
    CHECK_OK(cx, fd >= 0);
    CHECK(strncmp(actual, "127.0.0.1:", 10) == 0);
    CHECK(strcmp(actual, "127.0.0.1:0") != 0);
    CHECK_INT(address_listen(cx, actual, again), -1);
    CHECK_INT(cx->error.code, IOTS_UNAVAILABLE);
    CHECK_TEXT(cx->error.message,
               ix_format(cx, "cannot listen on %s: Address already in use", actual));
    close(fd);
}

TEST("an address that is not ours is refused by name")
{
    char actual[ADDRESS_TEXT];
    CHECK_INT(address_listen(cx, "192.0.2.1:0", actual), -1);
    CHECK_TEXT(cx->error.message, "cannot listen on 192.0.2.1:0: Cannot assign requested address");
}

TEST("IPv6 addresses stand in brackets")
{
    char actual[ADDRESS_TEXT];
    const int fd = address_listen(cx, "[::1]:0", actual);
    if (fd < 0)
        SKIP("there is no IPv6 here");
    CHECK(strncmp(actual, "[::1]:", 6) == 0);
    close(fd);
}

/* ---- of those who connect ---- */

static struct sockaddr_storage address_of(const char *text, uint16_t port)
{
    struct sockaddr_storage made = {0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&made;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&made;
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
    } else {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        CHECK(inet_pton(AF_INET6, text, &v6->sin6_addr) == 1);
    }
    return made;
}

TEST("only this machine has a loopback address")
{
    static const struct {
        const char *address, *written;
        bool is_loopback;
    } cases[] = {
        {"127.0.0.1", "127.0.0.1:80", true},
        {"127.255.1.2", "127.255.1.2:80", true},
        {"::1", "[::1]:80", true},
        {"::ffff:127.0.0.1", "[::ffff:127.0.0.1]:80", true},
        {"128.0.0.1", "128.0.0.1:80", false},
        {"10.127.0.1", "10.127.0.1:80", false},
        {"0.0.0.0", "0.0.0.0:80", false},
        {"::", "[::]:80", false},
        {"::ffff:10.0.0.1", "[::ffff:10.0.0.1]:80", false},
        {"2001:db8::1", "[2001:db8::1]:80", false},
        {"7f00::1", "[7f00::1]:80", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[ADDRESS_TEXT];
        const struct sockaddr_storage address = address_of(cases[i].address, 80);
        CHECK(address_write((const struct sockaddr *)&address, text));
        CHECK_TEXT(text, cases[i].written);
        CHECK_INT(address_is_loopback((const struct sockaddr *)&address), cases[i].is_loopback);
    }
}

TEST("an address that is none of the internet is neither written nor loopback")
{
    char text[ADDRESS_TEXT];
    const struct sockaddr local = {.sa_family = AF_UNIX};
    CHECK(!address_write(&local, text));
    CHECK(!address_is_loopback(&local));
}
