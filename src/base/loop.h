#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The event loop of one thread: descriptors (epoll, level-triggered), timers and
 * a wake-up for other threads.  Handlers are embedded in their owner, which must
 * outlive their registration; a handler may remove itself or others at any time.
 */
struct loop;

struct loop_io {
	void (*ready)(
	    void *arg, uint32_t events); /* EPOLLIN, EPOLLOUT, EPOLLRDHUP, ... */
	void *arg;
	int fd;          /* set by loop_io_add; -1 when not registered */
	uint32_t events; /* what is asked for; change with loop_io_events */
};

struct loop_timer {
	void (*fire)(void *arg);
	void *arg;
	int64_t at_us; /* clock_mono_us; 0 when not set */
	int place;     /* in the loop's heap; -1 when not set */
};

struct loop_wake { /* lets another thread run a handler in this loop */
	void (*woken)(void *arg);
	void *arg;
	struct loop_io io; /* an eventfd */
};

struct loop *loop_new(struct err *err);
void loop_free(struct loop *);
void loop_run(struct loop *);                       /* until loop_stop */
void loop_once(struct loop *, int64_t max_wait_us); /* one turn; for tests and tools */
void loop_stop(struct loop *);                      /* from a handler of this loop */

int loop_io_add(
    struct loop *, struct loop_io *, int fd, uint32_t events, struct err *err);
void loop_io_events(struct loop *, struct loop_io *, uint32_t events);
void loop_io_del(struct loop *, struct loop_io *); /* does not close fd */

void loop_timer_init(struct loop_timer *, void (*fire)(void *arg), void *arg);
void loop_timer_set(struct loop *, struct loop_timer *, int64_t at_us); /* moves it too */
void loop_timer_in(struct loop *, struct loop_timer *, int64_t delay_us);
void loop_timer_clear(struct loop *, struct loop_timer *);

int loop_wake_init(struct loop *, struct loop_wake *, void (*woken)(void *arg), void *arg,
    struct err *err);
void loop_wake_fini(struct loop *, struct loop_wake *);
void loop_wake(struct loop_wake *);         /* Thread: any.  Safe in a signal handler. */
int loop_wake_fd(const struct loop_wake *); /* write 8 bytes (a uint64_t 1) to wake */

/* Called once after each turn's handlers and before waiting: for work that
 * gathers in a turn and leaves in one write.  NULL for none. */
void loop_set_turn_end(struct loop *, void (*turn_end)(void *arg), void *arg);

#endif
