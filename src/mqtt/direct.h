#ifndef MQTT_DIRECT_H
#define MQTT_DIRECT_H

#include "base/buf.h"
#include "mqtt/codec.h"
#include "mqtt/dial.h"
#include "mqtt/host.h"
#include "mqtt/mqtt_session.h"
#include "mqtt/pace.h"
#include "mqtt/source.h"
#include "mqtt/window.h"

/*
 * Inside of the direct engine (source.h is its door).  Its files, in the order of a
 * connection's life:
 *
 *	source.c            what the owner may ask for
 *	direct.c            the state: options, memory
 *	direct_link.c       dialling, CONNECT, CONNACK, loss, back-off, leaving
 *	direct_subscribe.c  SUBSCRIBE and SUBACK
 *	direct_read.c       blocks of bytes -> packets -> batches; when to read
 *	direct_write.c      acknowledgements and other packets -> bytes
 *	direct_alive.c      pings, and peers that say nothing
 *
 * What can end the connection returns false then; the caller goes home at once.
 */

enum direct_phase {
	DIRECT_WAITING,  /* for the next attempt */
	DIRECT_DIALLING, /* name, socket */
	DIRECT_GREETING, /* CONNECT is out */
	DIRECT_UP,       /* CONNACK is there */
	DIRECT_LEAVING,  /* DISCONNECT is out, or on its way */
	DIRECT_OVER,     /* failed, or closed: nothing happens any more */
};

enum {
	DIRECT_BLOCK_BYTES = 256 * 1024,
	DIRECT_BATCH = 1024, /* messages handed over at a time */
	DIRECT_FILTERS_IN_REQUEST = 8,
};

/* A PUBLISH that is larger than a block, or larger than allowed. */
struct direct_large {
	size_t missing; /* bytes still to come; 0: there is none */
	char *packet;   /* NULL: the bytes are thrown away */
	size_t size;    /* of packet */
	struct codec_frame frame;
	struct codec_packet head; /* of what is thrown away: topic is ours ... */
	size_t payload_bytes;     /* ... and this its payload's length */
};

/* A SUBSCRIBE or UNSUBSCRIBE without answer. */
struct direct_request {
	enum codec_type type;
	struct str filters[DIRECT_FILTERS_IN_REQUEST];
	size_t n;
	bool answered;
};

struct source {
	struct loop *loop;
	const struct log_ctx *log;
	struct source_options opt; /* the texts in it are copies */
	struct source_events ev;
	struct source_stats stats;
	struct host *hosts;
	struct str *filters; /* those that are subscribed; texts of opt */
	size_t n_filters;
	unsigned depth; /* calls from the loop under way */
	bool closing;   /* source_close came in one of them */

	enum direct_phase phase;
	struct loop_timer timer; /* ends a phase that lasts too long, or WAITING */
	struct dial *dial;
	size_t host;   /* of the present, last or next attempt */
	size_t broker; /* host of the present or last connection */
	int fd;        /* -1: none */
	struct loop_io io;
	int64_t up_at_us; /* CONNACK */
	int64_t back_off_ms;
	int64_t early_losses_us[3]; /* the broker closed soon after CONNACK; ring */
	unsigned n_early_losses;
	uint64_t malformed;   /* hash of what was wrong with the last bad packet ... */
	unsigned n_malformed; /* ... and how often in a row it was that */
	bool stopping;        /* source_stop came */
	bool peer_closed;     /* noticed while reading was paused */

	struct direct_request *requests; /* packet identifier - 1 */
	size_t n_requests, n_answered;
	bool subscribed;             /* all is granted on this connection */
	struct mqtt_session session; /* what was granted last */
	bool session_kept;           /* the broker has that, too */

	char *block;
	size_t start, end; /* bytes in block not looked at yet */
	struct direct_large large;
	struct message *batch;
	size_t n_batch;
	uint64_t packets;         /* ever */
	int64_t read_us, read_ms; /* clocks of the last read ... */
	int64_t heard_us;         /* ... and of the last that brought something */
	uint64_t acknowledgeable; /* messages with QoS 1 or 2, ever */
	struct pace pace;
	struct loop_timer read_timer; /* read then, whatever epoll says */
	bool has_low_water;           /* the socket knows SO_RCVLOWAT ... */
	size_t low_water;             /* ... and has this one */
	bool unwatched;               /* it rests and does not: EPOLLIN is off */
	bool window_paused, owner_paused, reading_stopped;
	bool reading; /* none of them when direct_read_update looked last */

	struct window *window;
	struct buf out;       /* to be written ... */
	size_t out_sent;      /* ... from here */
	size_t acks_at, acks; /* acknowledgements in out: offset, number ... */
	size_t acks_written;  /* ... of them */
	bool out_blocked;     /* the socket takes no more: wait for EPOLLOUT */
	bool goodbye_said;    /* DISCONNECT is in out, or written */

	struct loop_timer alive;
	int64_t keep_alive_us;    /* 0: off */
	int64_t sent_us;          /* last byte out */
	int64_t ping_us;          /* PINGREQ without any byte since; 0: none */
	bool unanswerable;        /* reading was paused: the answer may lie unread */
	int64_t paused_us;        /* when reading was paused last */
	struct loop_timer resync; /* set: wanted */
	bool resyncing;           /* we left to come back */
	bool resynced;            /* this connection came from that */
	int64_t partial_us;       /* since when a packet is incomplete; 0: none */
	size_t partial_bytes;     /* read since partial_us was set */
};

/* ERR_CONFIG: options it cannot take.  Nothing is started. */
struct source *direct_new(struct loop *, const struct log_ctx *,
    const struct source_options *, const struct source_events *, struct err *);
void direct_free(struct source *);
/* Around everything the loop calls: source_close may come in between.  After leave
 * the source may be gone. */
void direct_enter(struct source *);
void direct_leave(struct source *);

void direct_link_start(struct source *);
/* The connection is of no use: closes it, reports it, and tries again later. */
void direct_link_lost(struct source *, const struct err *why);
/* The same, because of a packet that cannot be read. */
void direct_link_malformed(struct source *, const struct err *why);
/* Leaves the broker properly and comes back at once. */
void direct_link_resync(struct source *);
/* Nothing can be mended: closes, reports, for ever. */
void direct_link_fail(struct source *, const struct err *why);
/* Acknowledgements, DISCONNECT, the broker's close; then the closed event. */
void direct_link_disconnect(struct source *);
/* Closes; nothing is reported. */
void direct_link_close(struct source *);
bool direct_link_connack(struct source *, const struct codec_packet *);
/* All that belongs to DIRECT_UP: timers, what epoll is asked for. */
void direct_link_watch(struct source *);

void direct_subscribe_load(struct source *); /* what the session had at our last stop */
bool direct_subscribe_start(struct source *, bool session_present);
bool direct_subscribe_answer(struct source *, const struct codec_packet *);
/* The time for answers is over. */
void direct_subscribe_late(struct source *);

/* Epoll reports the socket; only_bytes: with nothing but EPOLLIN. */
void direct_read_ready(struct source *, bool only_bytes);
void direct_read_timer(void *arg); /* the timer read_timer */
/* Acknowledgements were written: the broker may send more. */
void direct_read_acked(struct source *);
bool direct_read_is_on(const struct source *);
/* Something may have begun or ended a pause. */
void direct_read_update(struct source *);
void direct_read_pace(void *arg);        /* the timer `pace` */
void direct_read_start(struct source *); /* a new connection */
void direct_read_reset(struct source *); /* none */

/* Writes what is in out. */
bool direct_write_out(struct source *);
/* The same, with the acknowledgements that are due. */
bool direct_write_acks(struct source *);
/* The same, and DISCONNECT behind them. */
bool direct_write_last(struct source *);
void direct_write_reset(struct source *);

void direct_alive_start(struct source *);
void direct_alive_stop(struct source *);
void direct_alive_fire(void *arg);
/* After a read: bytes came or not; drained: the socket is empty. */
void direct_alive_received(struct source *, bool bytes, bool drained);
void direct_alive_paused(struct source *);
void direct_alive_resumed(struct source *);
/* When it is quiet: reconnect, for what the broker did not send. */
void direct_alive_want_resync(struct source *);
void direct_alive_resync(void *arg); /* the timer `resync` */

#endif
