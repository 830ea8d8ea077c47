/* The event loop: order of timers, removal at any time, wake-ups from elsewhere. */
#include "base/loop.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"

static struct loop *loop;

static int
begin(void **state)
{
	struct err err;

	(void)state;
	loop = loop_new(&err);
	return loop == NULL ? -1 : 0;
}

static int
end(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

/* ---- timers ---- */

struct timed {
	struct loop_timer timer;
	unsigned number; /* in order of setting */
	int64_t at_us;   /* 0: must not fire */
};

static struct {
	unsigned numbers[2000];
	size_t n;
} fired;

static void
note_number(void *arg)
{
	const struct timed *t = arg;

	assert_int_equal(t->timer.place, -1);
	assert_int_equal(t->timer.at_us, 0);
	fired.numbers[fired.n++] = t->number;
}

static void
fire_in_order_of_time_and_setting(void **state)
{
	static struct timed timers[1000];
	uint32_t random = 7;
	unsigned number = 0, left = 0;

	(void)state;
	fired.n = 0;
	for (size_t i = 0; i < ARRAY_LEN(timers); i++)
		loop_timer_init(&timers[i].timer, note_number, &timers[i]);
	for (int step = 0; step < 20000; step++) {
		random = random * 1664525 + 1013904223;
		struct timed *t = &timers[(random >> 8) % ARRAY_LEN(timers)];

		/* Set, moved or cleared, in any state; all are due, many at one time. */
		t->at_us = random >> 30 == 0 ? 0 : 1 + (random >> 20) % 100;
		t->number = number++;
		if (t->at_us == 0)
			loop_timer_clear(loop, &t->timer);
		else
			loop_timer_set(loop, &t->timer, t->at_us);
		assert_int_equal(t->timer.at_us, t->at_us);
	}
	for (size_t i = 0; i < ARRAY_LEN(timers); i++)
		left += timers[i].at_us != 0;
	loop_once(loop, -1);
	assert_int_equal(fired.n, left);

	const struct timed *last = NULL;
	for (size_t k = 0; k < fired.n; k++) {
		const struct timed *t = timers;

		while (t->number != fired.numbers[k])
			t++;
		assert_true(t->at_us != 0);
		if (last != NULL &&
		    (t->at_us < last->at_us ||
			(t->at_us == last->at_us && t->number < last->number)))
			fail_msg("timer %u at %d after timer %u at %d", t->number,
			    (int)t->at_us, last->number, (int)last->at_us);
		last = t;
	}
}

static void
waits_until_a_timer_is_due(void **state)
{
	static struct timed late = { .number = 2 }, soon = { .number = 1 };
	int64_t start_us = clock_mono_us();

	(void)state;
	fired.n = 0;
	loop_timer_init(&late.timer, note_number, &late);
	loop_timer_init(&soon.timer, note_number, &soon);
	loop_timer_in(loop, &late.timer, INT64_MAX);
	assert_int_equal(late.timer.at_us, INT64_MAX);
	loop_timer_in(loop, &soon.timer, 3000);
	while (fired.n == 0)
		loop_once(loop, -1);
	assert_true(clock_mono_us() - start_us >= 3000);
	assert_int_equal(fired.numbers[0], 1);
	loop_once(loop, 1000);
	assert_true(clock_mono_us() - start_us >= 4000);
	loop_once(loop, 0);
	assert_int_equal(fired.n, 1);
	loop_timer_clear(loop, &late.timer);
	loop_timer_clear(loop, &late.timer);
}

struct again {
	struct loop_timer timer;
	int64_t at_us;
	unsigned n;
};

static void
set_again(void *arg)
{
	struct again *a = arg;

	a->n++;
	loop_timer_set(loop, &a->timer, a->at_us);
}

/* Timers that are always due must not keep one another or descriptors waiting. */
static void
fires_a_timer_once_in_a_turn(void **state)
{
	struct again timers[] = { { .at_us = 1 }, { .at_us = INT64_MIN },
		{ .at_us = clock_mono_us() } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(timers); i++) {
		loop_timer_init(&timers[i].timer, set_again, &timers[i]);
		loop_timer_set(loop, &timers[i].timer, timers[i].at_us);
	}
	for (unsigned turn = 1; turn <= 10; turn++) {
		loop_once(loop, -1);
		for (size_t i = 0; i < ARRAY_LEN(timers); i++)
			assert_int_equal(timers[i].n, turn);
		/* The clock must go on for at_us to be in the past again. */
		for (int64_t now_us = clock_mono_us(); clock_mono_us() < now_us + 3;)
			;
	}
}

struct pair {
	struct loop_timer timer;
	struct pair *other;
	unsigned *n;
};

static void
free_the_other(void *arg)
{
	struct pair *p = arg;

	++*p->n;
	loop_timer_clear(loop, &p->other->timer);
	free(p->other);
	free(p);
}

static void
lets_a_timer_free_another_that_is_due(void **state)
{
	unsigned n = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct pair *a = mem_zalloc(sizeof(*a)), *b = mem_zalloc(sizeof(*b));

		*a = (struct pair) { .other = b, .n = &n };
		*b = (struct pair) { .other = a, .n = &n };
		loop_timer_init(&a->timer, free_the_other, a);
		loop_timer_init(&b->timer, free_the_other, b);
		loop_timer_set(loop, &a->timer, 1 + i % 7);
		loop_timer_set(loop, &b->timer, 1 + i % 11);
	}
	loop_once(loop, -1);
	assert_int_equal(n, 100);
}

/* ---- descriptors ---- */

struct end_point {
	struct loop_io io;
	struct end_point *other;
	unsigned n;      /* calls */
	uint32_t events; /* of the last one */
	void (*then)(struct end_point *);
};

static void
note_ready(void *arg, uint32_t events)
{
	struct end_point *e = arg;

	e->n++;
	e->events = events;
	if (e->then != NULL)
		e->then(e);
}

/* Two ends of a connection, both writable and with a byte to read. */
static void
connect_pair(struct end_point *a, struct end_point *b, uint32_t events)
{
	struct end_point *ends[] = { a, b };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	for (int i = 0; i < 2; i++) {
		struct err err;

		assert_int_equal(write(fds[i], "x", 1), 1);
		*ends[i] = (struct end_point) { .other = ends[1 - i] };
		loop_io_init(&ends[i]->io, note_ready, ends[i]);
		assert_int_equal(ends[i]->io.fd, -1);
		assert_int_equal(
		    loop_io_add(loop, &ends[i]->io, fds[i], events, &err), 0);
		assert_int_equal(ends[i]->io.fd, fds[i]);
	}
}

static void
close_end(struct end_point *e)
{
	int fd = e->io.fd;

	if (fd < 0)
		return;
	loop_io_del(loop, &e->io);
	assert_int_equal(e->io.fd, -1);
	close(fd);
}

static void
tells_what_was_asked_for_as_long_as_it_is_so(void **state)
{
	struct end_point a, b;
	char byte;

	(void)state;
	connect_pair(&a, &b, EPOLLIN);
	loop_once(loop, -1);
	loop_once(loop, -1);
	assert_int_equal(a.n, 2);
	assert_int_equal(a.events, EPOLLIN);
	loop_io_events(loop, &a.io, EPOLLIN | EPOLLOUT);
	loop_once(loop, -1);
	assert_int_equal(a.events, EPOLLIN | EPOLLOUT);
	assert_int_equal(read(a.io.fd, &byte, 1), 1);
	loop_once(loop, -1);
	assert_int_equal(a.events, EPOLLOUT);
	loop_io_events(loop, &a.io, 0);
	loop_io_events(loop, &b.io, 0);
	loop_once(loop, 0);
	assert_int_equal(a.n, 4);
	close_end(&b);
	loop_once(loop, -1);
	assert_int_equal(a.n, 5);
	assert_true(a.events & EPOLLHUP);
	close_end(&a);
	loop_io_del(loop, &a.io); /* once more: nothing */
	loop_once(loop, 0);
	assert_int_equal(a.n, 5);
}

static void
says_why_a_descriptor_cannot_be_watched(void **state)
{
	struct loop_io io;
	struct err err;
	FILE *f = tmpfile();

	(void)state;
	loop_io_init(&io, note_ready, NULL);
	assert_int_equal(loop_io_add(loop, &io, fileno(f), EPOLLIN, &err), -1);
	assert_non_null(strstr(err.msg, "Operation not permitted"));
	assert_int_equal(io.fd, -1);
	loop_io_del(loop, &io);
	fclose(f);
}

static unsigned freed;

static void
close_and_free_both(struct end_point *e)
{
	close_end(e->other);
	close_end(e);
	free(e->other);
	free(e);
	freed++;
}

static void
does_not_call_what_was_freed_in_the_same_turn(void **state)
{
	(void)state;
	freed = 0;
	for (int i = 0; i < 20; i++) {
		struct end_point *a = mem_alloc(sizeof(*a)), *b = mem_alloc(sizeof(*b));

		connect_pair(a, b, EPOLLIN);
		a->then = b->then = close_and_free_both;
	}
	loop_once(loop, -1);
	assert_int_equal(freed, 20);
}

static void
close_other(struct end_point *e)
{
	if (e->other->n == 0)
		close_end(e->other);
}

static void
ask_other_for_nothing(struct end_point *e)
{
	if (e->other->n == 0)
		loop_io_events(loop, &e->other->io, 0);
}

/* The same memory for another connection, which has nothing to read. */
static void
reuse_other(struct end_point *e)
{
	struct err err;
	int fds[2];

	if (e->other->n > 0)
		return;
	close_end(e->other);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(loop_io_add(loop, &e->other->io, fds[0], EPOLLIN, &err), 0);
	close(fds[1]); /* its peer hangs up: an event of the next turn */
}

static void
delivers_nothing_that_is_out_of_date(void **state)
{
	void (*const then[])(
	    struct end_point *) = { close_other, ask_other_for_nothing, reuse_other };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(then); i++) {
		struct end_point a, b;

		connect_pair(&a, &b, EPOLLIN);
		a.then = b.then = then[i];
		loop_once(loop, -1);
		if (a.n + b.n != 1)
			fail_msg("row %zu: %u and %u calls", i, a.n, b.n);
		close_end(&a);
		close_end(&b);
	}
}

/* More than are fetched at a time: each gets its turn. */
static void
serves_many_descriptors(void **state)
{
	static struct end_point ends[300];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i += 2)
		connect_pair(&ends[i], &ends[i + 1], EPOLLIN);
	for (size_t turn = 0; turn < 5; turn++)
		loop_once(loop, -1);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		assert_true(ends[i].n >= 1);
		close_end(&ends[i]);
	}
}

/* ---- turns ---- */

static char order[64];

static void
note_turn_end(void *arg)
{
	strcat(order, arg);
}

static void
note_io(struct end_point *e)
{
	(void)e;
	strcat(order, "i");
}

static void
note_timer_and_stop(void *arg)
{
	(void)arg;
	strcat(order, "t");
	loop_stop(loop);
}

static void
ends_each_turn_and_begins_with_an_end(void **state)
{
	struct loop_timer timer;
	struct end_point a, b;

	(void)state;
	order[0] = '\0';
	connect_pair(&a, &b, EPOLLIN);
	a.then = b.then = note_io;
	loop_timer_init(&timer, note_timer_and_stop, NULL);
	loop_timer_set(loop, &timer, 1);
	loop_set_turn_end(loop, note_turn_end, (void *)(uintptr_t) ".");
	loop_run(loop);
	assert_string_equal(order, ".iit.");
	loop_timer_set(loop, &timer, 1);
	loop_run(loop); /* once more */
	assert_string_equal(order, ".iit..iit.");
	loop_set_turn_end(loop, NULL, NULL);
	loop_once(loop, 0);
	assert_string_equal(order, ".iit..iit.ii");
	close_end(&a);
	close_end(&b);
}

/* ---- waking ---- */

enum { WAKERS = 4, PER_WAKER = 20000 };

struct mailbox {
	struct loop_wake wake;
	pthread_mutex_t lock;
	unsigned posted; /* under the lock */
	unsigned seen;
};

static void
take_posted(void *arg)
{
	struct mailbox *m = arg;

	pthread_mutex_lock(&m->lock);
	m->seen += m->posted;
	m->posted = 0;
	pthread_mutex_unlock(&m->lock);
	if (m->seen == WAKERS * PER_WAKER)
		loop_stop(loop);
}

static void *
post(void *arg)
{
	struct mailbox *m = arg;

	for (int i = 0; i < PER_WAKER; i++) {
		pthread_mutex_lock(&m->lock);
		m->posted++;
		pthread_mutex_unlock(&m->lock);
		loop_wake(&m->wake);
	}
	return NULL;
}

/* A lost wake-up leaves the loop waiting for ever. */
static void
loses_no_wake_up_from_other_threads(void **state)
{
	struct mailbox m = { .lock = PTHREAD_MUTEX_INITIALIZER };
	pthread_t threads[WAKERS];
	struct err err;

	(void)state;
	assert_int_equal(loop_wake_init(loop, &m.wake, take_posted, &m, &err), 0);
	for (int i = 0; i < WAKERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, post, &m), 0);
	loop_run(loop);
	for (int i = 0; i < WAKERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(m.seen, WAKERS * PER_WAKER);
	loop_wake_fini(loop, &m.wake);
	loop_wake_fini(loop, &m.wake);
}

static void
count(void *arg)
{
	++*(unsigned *)arg;
}

static void
wakes_once_for_many_calls_and_for_writers_of_the_fd(void **state)
{
	const uint64_t one = 1;
	struct loop_wake wake;
	unsigned n = 0;
	struct err err;

	(void)state;
	assert_int_equal(loop_wake_init(loop, &wake, count, &n, &err), 0);
	loop_once(loop, 0);
	assert_int_equal(n, 0);
	for (int i = 0; i < 1000; i++)
		loop_wake(&wake);
	loop_once(loop, -1);
	loop_once(loop, 0);
	assert_int_equal(n, 1);
	for (unsigned i = 2; i < 10; i++) {
		assert_int_equal(
		    write(loop_wake_fd(&wake), &one, sizeof(one)), sizeof(one));
		loop_once(loop, -1);
		loop_once(loop, 0);
		assert_int_equal(n, i);
	}
	loop_wake_fini(loop, &wake);
}

static struct loop_wake *woken_by_signal;

static void
wake_from_handler(int sig)
{
	(void)sig;
	loop_wake(woken_by_signal);
}

static void
wakes_from_a_signal_handler_and_keeps_errno(void **state)
{
	struct loop_wake wake;
	unsigned n = 0;
	struct err err;

	(void)state;
	assert_int_equal(loop_wake_init(loop, &wake, count, &n, &err), 0);
	woken_by_signal = &wake;
	signal(SIGUSR1, wake_from_handler);
	errno = ENOENT;
	raise(SIGUSR1);
	assert_int_equal(errno, ENOENT);
	loop_once(loop, -1);
	assert_int_equal(n, 1);
	signal(SIGUSR1, SIG_DFL);
	loop_wake_fini(loop, &wake);
}

struct fragile {
	struct loop_wake wake;
	struct fragile *other;
};

static void
finish_other(void *arg)
{
	struct fragile *f = arg;

	loop_wake_fini(loop, &f->other->wake);
	loop_wake_fini(loop, &f->wake);
	free(f->other);
	free(f);
	freed++;
}

static void
lets_a_woken_handler_finish_others(void **state)
{
	struct fragile *a = mem_zalloc(sizeof(*a)), *b = mem_zalloc(sizeof(*b));
	struct err err;

	(void)state;
	freed = 0;
	a->other = b;
	b->other = a;
	assert_int_equal(loop_wake_init(loop, &a->wake, finish_other, a, &err), 0);
	assert_int_equal(loop_wake_init(loop, &b->wake, finish_other, b, &err), 0);
	loop_wake(&a->wake);
	loop_wake(&b->wake);
	loop_once(loop, -1);
	loop_once(loop, 0);
	assert_int_equal(freed, 1);
}

static void
says_when_there_are_no_descriptors(void **state)
{
	struct rlimit before, none;
	struct loop_wake wake;
	struct err err, wake_err;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	struct loop *other = loop_new(&err);
	int rc = loop_wake_init(loop, &wake, count, NULL, &wake_err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_null(other);
	assert_non_null(strstr(err.msg, "Too many open files"));
	assert_int_equal(rc, -1);
	assert_non_null(strstr(wake_err.msg, "Too many open files"));
	loop_wake_fini(loop, &wake);
	loop_free(NULL);
}

/* ---- an older kernel ---- */

/* From now on epoll_pwait2 fails with this error in this process. */
static int
forbid_pwait2(unsigned errnum)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_pwait2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | errnum),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = { ARRAY_LEN(code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

enum { DONE = 0, CANNOT_FORBID = 77, WRONG = 1 };

/* In a process of its own: waits rounded up to milliseconds, and for ever. */
static int
run_without_pwait2(unsigned errnum)
{
	struct loop_timer timer;
	struct loop_wake wake;
	unsigned n = 0, n_woken = 0;
	struct err err;

	if (forbid_pwait2(errnum) < 0)
		return CANNOT_FORBID;
	loop_timer_init(&timer, count, &n);
	int64_t start_us = clock_mono_us();
	loop_timer_in(loop, &timer, 2500);
	loop_once(loop, -1);
	if (n != 1 || clock_mono_us() - start_us < 2500)
		return WRONG;
	loop_once(loop, 0);
	if (loop_wake_init(loop, &wake, count, &n_woken, &err) < 0)
		return WRONG;
	loop_wake(&wake);
	loop_once(loop, -1);
	loop_wake_fini(loop, &wake);
	return n == 1 && n_woken == 1 ? DONE : WRONG;
}

static void
works_without_epoll_pwait2(void **state)
{
	static const unsigned errnums[] = { ENOSYS, EPERM };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(errnums); i++) {
		int status;
		pid_t child = fork();

		if (child == 0)
			_exit(run_without_pwait2(errnums[i]));
		assert_int_equal(waitpid(child, &status, 0), child);
		if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_FORBID) {
			print_message("system call filters are not allowed here\n");
			skip();
		}
		if (!WIFEXITED(status) || WEXITSTATUS(status) != DONE)
			fail_msg("%s: status %d", strerror((int)errnums[i]), status);
	}
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(fire_in_order_of_time_and_setting),
		TEST(waits_until_a_timer_is_due),
		TEST(fires_a_timer_once_in_a_turn),
		TEST(lets_a_timer_free_another_that_is_due),
		TEST(tells_what_was_asked_for_as_long_as_it_is_so),
		TEST(says_why_a_descriptor_cannot_be_watched),
		TEST(does_not_call_what_was_freed_in_the_same_turn),
		TEST(delivers_nothing_that_is_out_of_date),
		TEST(serves_many_descriptors),
		TEST(ends_each_turn_and_begins_with_an_end),
		TEST(loses_no_wake_up_from_other_threads),
		TEST(wakes_once_for_many_calls_and_for_writers_of_the_fd),
		TEST(wakes_from_a_signal_handler_and_keeps_errno),
		TEST(lets_a_woken_handler_finish_others),
		TEST(says_when_there_are_no_descriptors),
		TEST(works_without_epoll_pwait2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
