#ifndef MQTT_SOURCE_H
#define MQTT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/str.h"
#include "data/message.h"

/*
 * One MQTT session that receives: the only interface to MQTT for a task.  It
 * connects, subscribes, reads batches of messages, and acknowledges each message
 * when the owner has released it, in the order of arrival (MQTT-4.6.0-2), the
 * released prefix in one write.  It reconnects by itself for ever; what it cannot
 * mend (refused login, refused subscription, ...) it reports once and stays closed.
 *
 * The bounded window of messages not yet released is the only back-pressure: when
 * it is full nothing is read from the socket, but PINGREQ goes on.
 *
 * Thread: the loop's.  Nothing here blocks; names are resolved by a helper thread.
 */
struct source;

enum source_version { SOURCE_AUTO, SOURCE_V311, SOURCE_V5 };

struct source_options {
	/* "tcp://host:port", "ssl://...", "unix:///path"; tried in this order. */
	const char *const *hosts;
	size_t n_hosts;
	const char *client_id; /* not empty */
	const char *user;      /* NULL: none */
	const char *password;  /* NULL: none */
	enum source_version version;
	bool clean;            /* no persistent session */
	uint8_t qos;           /* 0 to 2, for all filters */
	const char *const *filters; /* with "$share/..."; checked, without duplicates */
	size_t n_filters;
	int keep_alive_s;        /* 0: off */
	int connect_timeout_ms;  /* name, TCP, TLS and CONNACK together */
	int back_off_ms, back_off_max_ms; /* 1,000 and 60,000 */
	int linger_ms;           /* 0: read as soon as something is there */
	size_t window_messages;  /* 50,000 */
	size_t window_bytes;     /* 16 MiB */
	size_t max_packet_bytes; /* 4 MiB */
	int receive_maximum;     /* MQTT 5; 1,000 */
	const char *state_dir;   /* where the file `session` may live; NULL: nowhere */
};

struct source_stats {
	uint64_t received, received_bytes;       /* PUBLISH packets, payload bytes */
	uint64_t acknowledged;                   /* released and answered, or QoS 0 */
	uint64_t redelivered;                    /* arrived with DUP=1 */
	uint64_t recognised;                     /* of those: known, not handed on again */
	uint64_t too_large;                      /* longer than max_packet_bytes */
	uint64_t connects, disconnects;
	uint64_t reads;                          /* times the socket was read */
	size_t window_messages, window_bytes;    /* not released now */
	bool connected;                          /* CONNACK and all SUBACKs are there */
	bool paused;                             /* by window or owner */
};

struct source_events {
	/*
	 * What one read held, in order.  Each message begins with one hold: the
	 * owner calls source_release for it, now or later.  topic and payload borrow
	 * from the read block until the handler returns.
	 */
	void (*batch)(void *arg, const struct message *m, size_t n);
	/*
	 * A PUBLISH longer than max_packet_bytes: payload is empty, its length was
	 * `bytes`.  Held as others: release it (counted, lost) or fail the task.
	 */
	void (*too_large)(void *arg, const struct message *m, size_t bytes);
	/* CONNACK was good; before the first batch.  broker is "host:port". */
	void (*connected)(void *arg, const char *broker, bool session_present);
	/* All subscriptions are granted. */
	void (*subscribed)(void *arg);
	/* The connection ended; it is tried again.  why: for people. */
	void (*disconnected)(void *arg, const char *why);
	/* It will not be tried again (ERR_CONFIG or ERR_FATAL). */
	void (*failed)(void *arg, const struct err *err);
	/* After source_stop: acknowledgements are out and the broker has closed. */
	void (*closed)(void *arg);
	void *arg;
};

/* Copies options and texts.  ERR_CONFIG: hosts or sizes it cannot take. */
struct source *source_open(struct loop *, const struct log_ctx *,
    const struct source_options *, const struct source_events *, struct err *err);

/*
 * Holds of a message by its slot: one at arrival, source_hold adds one (a second
 * record of the same message).  The last source_release makes it done; its
 * acknowledgement leaves at the end of the loop's turn by source_flush.
 * O(1), no allocation.
 */
void source_hold(struct source *, uint32_t slot);
void source_release(struct source *, uint32_t slot);

/* Writes the acknowledgements of the done prefix; the owner calls it once in a turn. */
void source_flush(struct source *);

/* The owner's own brake (the producer's queue is full): like a full window. */
void source_pause(struct source *, bool pause);

/* Messages not yet released. */
size_t source_window(const struct source *);
struct source_stats source_stats(const struct source *);
/* "host:port" of the present or last connection; "" before the first. */
const char *source_broker(const struct source *);

/* No more reading; the window empties by the owner's releases. */
void source_stop_reading(struct source *);
/* Acknowledgements and DISCONNECT in one write, then `closed`, within 1 s. */
void source_stop(struct source *);
/* Closes at once without DISCONNECT; what was not acknowledged comes again. */
void source_close(struct source *);

#endif
