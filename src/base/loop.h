#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The event loop of one thread: descriptors (epoll, level-triggered), timers and
 * a wake-up for other threads.  Handlers are embedded in their owner, which must
 * outlive their registration; a handler may remove itself or others at any time,
 * and free them at once: what is removed is not called any more, also in this turn.
 *
 * A turn: wait; descriptors that are ready; timers that are due; turn_end.  It costs
 * one system call.
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
	int64_t at_us;  /* clock_mono_us; 0 when not set */
	uint64_t order; /* of setting: among equal times the first set fires first */
	int place;      /* in the loop's heap; -1 when not set */
};

struct loop_wake { /* lets another thread run a handler in this loop */
	void (*woken)(void *arg);
	void *arg;
	struct loop_io io;   /* an eventfd */
	atomic_bool pending; /* loop_wake was called and woken not yet */
};

struct loop *loop_new(struct err *err);
/* Nothing may be removed afterwards: free the loop last, from no handler. */
void loop_free(struct loop *);
/* Runs turn_end, then turns until loop_stop (the turn is finished).  May be called
 * again. */
void loop_run(struct loop *);
/* One turn that waits at most max_wait_us (< 0: for ever); for tests and tools. */
void loop_once(struct loop *, int64_t max_wait_us);
void loop_stop(struct loop *); /* from a handler of this loop */

/* Makes a handler that is not registered, so that loop_io_del may be called. */
void loop_io_init(struct loop_io *, void (*ready)(void *arg, uint32_t events), void *arg);
/* ready and arg are set before.  Non-blocking mode is the owner's business. */
int loop_io_add(
    struct loop *, struct loop_io *, int fd, uint32_t events, struct err *err);
/* Holds from now on, also for the rest of this turn.  EPOLLERR and EPOLLHUP come
 * unasked, also with events 0, and come again until the handler removes itself. */
void loop_io_events(struct loop *, struct loop_io *, uint32_t events);
/* Before the fd is closed, which it does not do.  Nothing happens when not registered. */
void loop_io_del(struct loop *, struct loop_io *);

void loop_timer_init(struct loop_timer *, void (*fire)(void *arg), void *arg);
/* Fires once; what is set by a timer's handler fires in the next turn at the
 * earliest.  Moves one that is set.  A time in the past is due. */
void loop_timer_set(struct loop *, struct loop_timer *, int64_t at_us);
void loop_timer_in(struct loop *, struct loop_timer *, int64_t delay_us);
void loop_timer_clear(struct loop *, struct loop_timer *); /* also when not set */

int loop_wake_init(struct loop *, struct loop_wake *, void (*woken)(void *arg), void *arg,
    struct err *err);
/* When no other thread can call loop_wake any more. */
void loop_wake_fini(struct loop *, struct loop_wake *);
/* woken runs soon, once for all calls before it.  What this thread wrote before is
 * seen there.  Thread: any.  Safe in a signal handler. */
void loop_wake(struct loop_wake *);
/* Write 8 bytes (a uint64_t 1) to wake; never read from it. */
int loop_wake_fd(const struct loop_wake *);

/* Called once after each turn's handlers and before waiting: for work that
 * gathers in a turn and leaves in one write.  NULL for none. */
void loop_set_turn_end(struct loop *, void (*turn_end)(void *arg), void *arg);

#endif
