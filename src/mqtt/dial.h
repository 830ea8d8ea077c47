#ifndef MQTT_DIAL_H
#define MQTT_DIAL_H

#include "base/err.h"
#include "base/loop.h"
#include "mqtt/host.h"

/*
 * Connects a stream socket to a host: looks its name up, tries all its addresses, 2 s
 * each.  One attempt at a time.  Thread: the loop's; does not block.
 */
struct dial;

struct dial_events {
	/* Connected; fd is the owner's now: non-blocking, close-on-exec. */
	void (*connected)(void *arg, int fd);
	/* No address could be reached (ERR_RETRY); err is of the last one. */
	void (*failed)(void *arg, const struct err *err);
	void *arg;
};

struct dial *dial_new(struct loop *, const struct dial_events *);
void dial_free(struct dial *); /* stops */

/* user_timeout_ms: TCP_USER_TIMEOUT; 0: the system's.  host must stand until the end.
 * Events come from the loop, never from inside this call. */
void dial_start(struct dial *, const struct host *host, int user_timeout_ms);
void dial_stop(struct dial *); /* no event will come */

#endif
