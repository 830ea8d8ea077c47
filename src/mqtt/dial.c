/* From a host to a connected socket; see dial.h. */
#include "mqtt/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "mqtt/resolver.h"

enum { ADDRESS_TIMEOUT_US = 2 * 1000 * 1000 };

struct dial {
	struct loop *loop;
	struct dial_events ev;
	const struct host *host;
	int user_timeout_ms;
	struct resolver *resolver;
	struct addrinfo *addresses, *next; /* next: still to be tried */
	struct err why;                    /* the last address failed */
	struct loop_io io;
	struct loop_timer timer; /* an address takes too long; or: begin */
	int fd;                  /* being connected, or -1 */
};

static void on_timer(void *arg);
static void on_ready(void *arg, uint32_t events);

struct dial *
dial_new(struct loop *loop, const struct dial_events *ev)
{
	struct dial *d = mem_zalloc(sizeof(*d));

	d->loop = loop;
	d->ev = *ev;
	d->fd = -1;
	loop_io_init(&d->io, on_ready, d);
	loop_timer_init(&d->timer, on_timer, d);
	return d;
}

void
dial_free(struct dial *d)
{
	if (d == NULL)
		return;
	dial_stop(d);
	free(d);
}

/* Takes the socket out of the loop; it stays open. */
static int
take_fd(struct dial *d)
{
	int fd = d->fd;

	loop_timer_clear(d->loop, &d->timer);
	if (d->io.fd >= 0)
		loop_io_del(d->loop, &d->io);
	d->fd = -1;
	return fd;
}

static void
drop_fd(struct dial *d)
{
	int fd = take_fd(d);

	if (fd >= 0)
		close(fd);
}

void
dial_stop(struct dial *d)
{
	drop_fd(d);
	resolver_cancel(d->resolver);
	d->resolver = NULL;
	if (d->addresses != NULL)
		freeaddrinfo(d->addresses);
	d->addresses = d->next = NULL;
}

static void
connected(struct dial *d)
{
	int fd = take_fd(d);

	dial_stop(d);
	d->ev.connected(d->ev.arg, fd);
}

static void
failed(struct dial *d)
{
	const struct err why = d->why;

	dial_stop(d);
	d->ev.failed(d->ev.arg, &why);
}

static void
set_option(int fd, int level, int name, int value)
{
	/* Only a convenience: without it a dead peer is noticed later. */
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

static void
set_tcp_options(const struct dial *d, int fd)
{
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
	if (d->user_timeout_ms > 0)
		set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, d->user_timeout_ms);
}

static int
cannot_reach(struct dial *d, int errnum)
{
	return err_errno(
	    &d->why, ERR_RETRY, errnum, "cannot connect to %s", d->host->uri);
}

/* 1: connected; 0: under way; -1: d->why says why not. */
static int
try_address(struct dial *d, const struct sockaddr *address, socklen_t length)
{
	d->fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (d->fd < 0)
		return cannot_reach(d, errno);
	if (address->sa_family != AF_UNIX)
		set_tcp_options(d, d->fd);
	if (connect(d->fd, address, length) == 0)
		return 1;
	if (errno != EINPROGRESS)
		return cannot_reach(d, errno);
	if (loop_io_add(d->loop, &d->io, d->fd, EPOLLOUT, &d->why) < 0)
		return -1;
	loop_timer_in(d->loop, &d->timer, ADDRESS_TIMEOUT_US);
	return 0;
}

static void
try_next(struct dial *d)
{
	while (d->next != NULL) {
		const struct addrinfo *a = d->next;
		d->next = a->ai_next;
		int result = try_address(d, a->ai_addr, a->ai_addrlen);
		if (result == 0)
			return;
		if (result > 0) {
			connected(d);
			return;
		}
		drop_fd(d);
	}
	failed(d);
}

static void
on_ready(void *arg, uint32_t events)
{
	struct dial *d = arg;
	int errnum = 0;
	socklen_t length = sizeof(errnum);

	(void)events;
	if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &errnum, &length) < 0)
		errnum = errno;
	if (errnum == 0) {
		connected(d);
		return;
	}
	cannot_reach(d, errnum);
	drop_fd(d);
	try_next(d);
}

static void
on_resolved(void *arg, struct addrinfo *addresses, const struct err *err)
{
	struct dial *d = arg;

	d->resolver = NULL;
	d->addresses = d->next = addresses;
	d->why = *err;
	try_next(d);
}

static void
connect_unix(struct dial *d)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t n = strlen(d->host->address);
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);

	/* host_parse has seen to it that there is room. */
	memcpy(address.sun_path, d->host->address, n);
	if (address.sun_path[0] == '@')
		address.sun_path[0] = '\0';
	else
		length++;
	if (try_address(d, (const struct sockaddr *)&address, length) > 0)
		connected(d);
	else if (d->io.fd < 0)
		failed(d);
}

/* A number needs no look-up, and no thread. */
static bool
resolve_number(struct dial *d)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
	};

	return getaddrinfo(d->host->address, d->host->port, &hints, &d->addresses) == 0;
}

static void
begin(struct dial *d)
{
	if (d->host->is_unix) {
		connect_unix(d);
		return;
	}
	if (resolve_number(d)) {
		d->next = d->addresses;
		try_next(d);
		return;
	}
	d->addresses = NULL;
	d->resolver = resolver_start(
	    d->loop, d->host->address, d->host->port, on_resolved, d, &d->why);
	if (d->resolver == NULL)
		failed(d);
}

static void
on_timer(void *arg)
{
	struct dial *d = arg;

	if (d->fd < 0) {
		begin(d);
		return;
	}
	cannot_reach(d, ETIMEDOUT);
	drop_fd(d);
	try_next(d);
}

void
dial_start(struct dial *d, const struct host *host, int user_timeout_ms)
{
	dial_stop(d);
	d->host = host;
	d->user_timeout_ms = user_timeout_ms;
	loop_timer_in(d->loop, &d->timer, 0);
}
