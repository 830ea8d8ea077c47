/*
 * The event loop of one thread.  At the edge the cost of a message is that of waking
 * up, so a turn is one system call: no eventfd is read (they are edge-triggered
 * and only ever written), and no timer is a descriptor.
 */
#include "base/loop.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum { LOOP_EVENTS = 64 }; /* fetched in one turn; the others come in the next */

struct loop {
	int fd; /* of epoll */
	bool stopped;
	bool no_pwait2; /* the kernel (before 5.11) or a filter refuses epoll_pwait2 */
	void (*turn_end)(void *arg);
	void *turn_end_arg;

	struct loop_timer **timers; /* a binary heap: none is due before its parent */
	int n_timers, cap_timers;
	uint64_t order;    /* of the next timer that is set */
	int64_t firing_us; /* what is due by then fires just now; else 0 */

	int n_events;   /* of this turn ... */
	int next_event; /* ... and the first of them not handled yet */
	struct epoll_event events[LOOP_EVENTS]; /* data.ptr NULL: removed meanwhile */
};

struct loop *
loop_new(struct err *err)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0) {
		err_errno(err, ERR_FATAL, errno, "cannot make an epoll descriptor");
		return NULL;
	}
	struct loop *l = mem_zalloc(sizeof(*l));
	l->fd = fd;
	return l;
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	close(l->fd);
	free(l->timers);
	free(l);
}

void
loop_stop(struct loop *l)
{
	l->stopped = true;
}

void
loop_set_turn_end(struct loop *l, void (*turn_end)(void *arg), void *arg)
{
	l->turn_end = turn_end;
	l->turn_end_arg = arg;
}

/* ---- descriptors ---- */

void
loop_io_init(struct loop_io *io, void (*ready)(void *arg, uint32_t events), void *arg)
{
	*io = (struct loop_io) { .ready = ready, .arg = arg, .fd = -1 };
}

int
loop_io_add(struct loop *l, struct loop_io *io, int fd, uint32_t events, struct err *err)
{
	struct epoll_event ev = { .events = events, .data.ptr = io };

	if (epoll_ctl(l->fd, EPOLL_CTL_ADD, fd, &ev) < 0) {
		io->fd = -1;
		return err_errno(err, ERR_FATAL, errno, "cannot watch descriptor %d", fd);
	}
	io->fd = fd;
	io->events = events;
	return 0;
}

void
loop_io_events(struct loop *l, struct loop_io *io, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = io };
	int rc;

	assert(io->fd >= 0);
	if (io->events == events)
		return;
	io->events = events;
	rc = epoll_ctl(l->fd, EPOLL_CTL_MOD, io->fd, &ev);
	assert(rc == 0); /* else the owner closed it before loop_io_del */
}

void
loop_io_del(struct loop *l, struct loop_io *io)
{
	if (io->fd < 0)
		return;
	epoll_ctl(l->fd, EPOLL_CTL_DEL, io->fd, NULL);
	io->fd = -1;
	for (int i = l->next_event; i < l->n_events; i++) {
		if (l->events[i].data.ptr == io)
			l->events[i].data.ptr = NULL;
	}
}

static void
dispatch(struct loop *l)
{
	for (l->next_event = 0; l->next_event < l->n_events;) {
		const struct epoll_event *ev = &l->events[l->next_event++];
		struct loop_io *io = ev->data.ptr;

		if (io == NULL)
			continue;
		/* The wish may have changed since this was fetched. */
		uint32_t events = ev->events & (io->events | EPOLLERR | EPOLLHUP);
		if (events != 0)
			io->ready(io->arg, events);
	}
	l->n_events = 0;
}

/* ---- timers ---- */

static bool
is_before(const struct loop_timer *a, const struct loop_timer *b)
{
	return a->at_us < b->at_us || (a->at_us == b->at_us && a->order < b->order);
}

static void
put_timer(struct loop *l, struct loop_timer *t, int place)
{
	l->timers[place] = t;
	t->place = place;
}

/* Lets t, which belongs at this place or above or below it, find where. */
static void
settle_timer(struct loop *l, struct loop_timer *t, int place)
{
	while (place > 0 && is_before(t, l->timers[(place - 1) / 2])) {
		put_timer(l, l->timers[(place - 1) / 2], place);
		place = (place - 1) / 2;
	}
	for (;;) {
		int child = 2 * place + 1;

		if (child + 1 < l->n_timers &&
		    is_before(l->timers[child + 1], l->timers[child]))
			child++;
		if (child >= l->n_timers || is_before(t, l->timers[child]))
			break;
		put_timer(l, l->timers[child], place);
		place = child;
	}
	put_timer(l, t, place);
}

void
loop_timer_init(struct loop_timer *t, void (*fire)(void *arg), void *arg)
{
	*t = (struct loop_timer) { .fire = fire, .arg = arg, .place = -1 };
}

void
loop_timer_set(struct loop *l, struct loop_timer *t, int64_t at_us)
{
	/* A timer that always sets itself to a time gone by must not keep the others
	 * and the descriptors waiting.  Never 0, which means "not set". */
	t->at_us = at_us > l->firing_us ? at_us : l->firing_us + 1;
	t->order = l->order++;
	if (t->place < 0) {
		if (l->n_timers == l->cap_timers) {
			l->cap_timers = l->cap_timers > 0 ? 2 * l->cap_timers : 16;
			l->timers = mem_realloc(l->timers,
			    (size_t)l->cap_timers * sizeof(struct loop_timer *));
		}
		t->place = l->n_timers++;
		l->timers[t->place] = t;
	}
	settle_timer(l, t, t->place);
}

void
loop_timer_in(struct loop *l, struct loop_timer *t, int64_t delay_us)
{
	int64_t at_us;

	if (__builtin_add_overflow(clock_mono_us(), delay_us, &at_us))
		at_us = INT64_MAX;
	loop_timer_set(l, t, at_us);
}

void
loop_timer_clear(struct loop *l, struct loop_timer *t)
{
	int place = t->place;

	if (place < 0)
		return;
	t->place = -1;
	t->at_us = 0;
	struct loop_timer *last = l->timers[--l->n_timers];
	if (last != t)
		settle_timer(l, last, place);
}

static void
fire_due(struct loop *l)
{
	if (l->n_timers == 0)
		return;
	l->firing_us = clock_mono_us();
	while (l->n_timers > 0 && l->timers[0]->at_us <= l->firing_us) {
		struct loop_timer *t = l->timers[0];

		loop_timer_clear(l, t);
		t->fire(t->arg);
	}
	l->firing_us = 0;
}

/* ---- turns ---- */

static int
wait_us(struct loop *l, int64_t us)
{
	if (!l->no_pwait2) {
		struct timespec ts = { us / 1000000, us % 1000000 * 1000 };
		int n = epoll_pwait2(
		    l->fd, l->events, LOOP_EVENTS, us < 0 ? NULL : &ts, NULL);

		if (n >= 0 || (errno != ENOSYS && errno != EPERM))
			return n;
		l->no_pwait2 = true;
	}
	/* Rounded up: waking before a timer is due would only mean to wait again. */
	int64_t ms = us < 0 ? -1 : us / 1000 + (us % 1000 > 0);
	return epoll_wait(
	    l->fd, l->events, LOOP_EVENTS, ms < INT32_MAX ? (int)ms : INT32_MAX);
}

void
loop_once(struct loop *l, int64_t max_wait_us)
{
	int64_t us = max_wait_us;

	if (l->n_timers > 0 && us != 0) {
		int64_t left_us = l->timers[0]->at_us - clock_mono_us();

		/* 1: what a handler has just set to be due at once; the kernel would
		 * sleep for 50. */
		if (left_us <= 1)
			us = 0;
		else if (us < 0 || left_us < us)
			us = left_us;
	}
	l->n_events = wait_us(l, us);
	if (l->n_events < 0) {
		assert(errno == EINTR);
		l->n_events = 0;
	}
	dispatch(l);
	fire_due(l);
	if (l->turn_end != NULL)
		l->turn_end(l->turn_end_arg);
}

void
loop_run(struct loop *l)
{
	l->stopped = false;
	if (l->turn_end != NULL)
		l->turn_end(l->turn_end_arg);
	while (!l->stopped)
		loop_once(l, -1);
}

/* ---- waking from outside ---- */

static void
wake_ready(void *arg, uint32_t events)
{
	struct loop_wake *w = arg;

	(void)events;
	/* First: what is handed over from here on wakes again. */
	atomic_exchange(&w->pending, false);
	w->woken(w->arg);
}

int
loop_wake_init(struct loop *l, struct loop_wake *w, void (*woken)(void *arg), void *arg,
    struct err *err)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	w->woken = woken;
	w->arg = arg;
	atomic_init(&w->pending, false);
	loop_io_init(&w->io, wake_ready, w);
	if (fd < 0)
		return err_errno(err, ERR_FATAL, errno, "cannot make an eventfd");
	/* Edge-triggered: each write is one event, and nobody needs to read. */
	if (loop_io_add(l, &w->io, fd, EPOLLIN | EPOLLET, err) < 0) {
		close(fd);
		return -1;
	}
	return 0;
}

void
loop_wake_fini(struct loop *l, struct loop_wake *w)
{
	int fd = w->io.fd;

	if (fd < 0)
		return;
	loop_io_del(l, &w->io);
	close(fd);
}

void
loop_wake(struct loop_wake *w)
{
	const uint64_t one = 1;
	int saved_errno = errno;

	if (!atomic_exchange(&w->pending, true)) {
		ssize_t n = write(w->io.fd, &one, sizeof(one));

		assert(n == sizeof(one) ||
		       errno == EAGAIN); /* EAGAIN: full, so it is awake */
	}
	errno = saved_errno;
}

int
loop_wake_fd(const struct loop_wake *w)
{
	return w->io.fd;
}
