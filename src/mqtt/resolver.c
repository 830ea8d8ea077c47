/* Name resolution in a helper thread; see resolver.h. */
#include "mqtt/resolver.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

/*
 * Shared by loop and thread.  A look-up cannot be interrupted and may outlive who
 * asked for it, so the last of both frees it.
 */
struct resolver {
	struct loop *loop;
	struct loop_io io; /* on `wake`; the loop's */
	resolver_done *done;
	void *arg;
	char *host, *port;
	int wake; /* an eventfd of our own: the owner's may be gone when we write */
	pthread_mutex_t lock;
	int users;                  /* under lock */
	struct addrinfo *addresses; /* under lock, until the thread is through */
	int error, errnum;          /* of getaddrinfo; under lock */
};

static void
leave(struct resolver *r)
{
	pthread_mutex_lock(&r->lock);
	int users = --r->users;
	pthread_mutex_unlock(&r->lock);
	if (users > 0)
		return;
	if (r->addresses != NULL)
		freeaddrinfo(r->addresses);
	if (r->wake >= 0)
		close(r->wake);
	pthread_mutex_destroy(&r->lock);
	free(r->host);
	free(r->port);
	free(r);
}

static void *
look_up(void *arg)
{
	struct resolver *r = arg;
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};
	const uint64_t one = 1;
	struct addrinfo *addresses = NULL;
	int error = getaddrinfo(r->host, r->port, &hints, &addresses);
	int errnum = errno;

	pthread_mutex_lock(&r->lock);
	r->addresses = error == 0 ? addresses : NULL;
	r->error = error;
	r->errnum = errnum;
	pthread_mutex_unlock(&r->lock);
	if (write(r->wake, &one, sizeof(one)) < 0)
		return NULL; /* cannot be: a counter of 1 has room */
	leave(r);
	return NULL;
}

static int
set_error(const struct resolver *r, struct err *err)
{
	if (r->error == EAI_SYSTEM)
		return err_errno(err, ERR_RETRY, r->errnum, "cannot look up %s", r->host);
	return err_set(
	    err, ERR_RETRY, "cannot look up %s: %s", r->host, gai_strerror(r->error));
}

static void
on_result(void *arg, uint32_t events)
{
	struct resolver *r = arg;
	struct addrinfo *addresses;
	struct err err = { 0 };
	resolver_done *done = r->done;
	void *done_arg = r->arg;

	(void)events;
	pthread_mutex_lock(&r->lock);
	addresses = r->addresses;
	r->addresses = NULL;
	if (addresses == NULL)
		set_error(r, &err);
	pthread_mutex_unlock(&r->lock);
	resolver_cancel(r);
	done(done_arg, addresses, &err);
}

/* Signals are for the main thread. */
static int
start_thread(struct resolver *r)
{
	pthread_attr_t attr;
	sigset_t all, before;
	pthread_t thread;
	int error;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attr, look_up, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return error;
}

struct resolver *
resolver_start(struct loop *loop, const char *host, const char *port, resolver_done *done,
    void *arg, struct err *err)
{
	struct resolver *r = mem_zalloc(sizeof(*r));
	int error;

	r->loop = loop;
	loop_io_init(&r->io, on_result, r);
	r->done = done;
	r->arg = arg;
	r->host = mem_strdup(host);
	r->port = mem_strdup(port);
	r->users = 1;
	pthread_mutex_init(&r->lock, NULL);
	r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->wake < 0) {
		err_errno(err, ERR_RETRY, errno, "cannot look up %s: eventfd", host);
		goto failed;
	}
	if (loop_io_add(loop, &r->io, r->wake, EPOLLIN, err) < 0)
		goto failed;
	r->users = 2;
	error = start_thread(r);
	if (error == 0)
		return r;
	r->users = 1;
	loop_io_del(loop, &r->io);
	err_errno(err, ERR_RETRY, error, "cannot look up %s: no thread", host);
failed:
	leave(r);
	return NULL;
}

void
resolver_cancel(struct resolver *r)
{
	if (r == NULL)
		return;
	loop_io_del(r->loop, &r->io);
	leave(r);
}
