#ifndef MQTT_PACE_H
#define MQTT_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * When to read.  At the edge the cost is that of waking up, not that of a message
 * (design, "Lingering is ours"): after a read the socket rests for the linger, so that
 * what arrives meanwhile is read at once.  It does not rest
 *
 *	- while messages are rare: each is read as it comes;
 *	- when as many bytes wait as the broker may send before it must wait for our
 *	  acknowledgements: it would wait for our timer.  How many messages those are is
 *	  learned (specification, section 5.4), first 20;
 *	- when the socket was not empty after the read.
 *
 * Pure: no clock, no socket.
 */

enum pace_probe {
	PACE_NO_PROBE,
	PACE_SETTLING, /* what the last acknowledgements released still arrives */
	PACE_WATCHING, /* does anything more arrive? */
};

enum pace_kick {
	PACE_KICK_UNTRIED,
	PACE_KICK_ON, /* each rest ends with an ACK of TCP, and a moment for its effect */
	PACE_KICK_USELESS,
};

struct pace {
	int64_t linger_us;
	int64_t
	    rest_us; /* at most linger_us; shorter if its end finds the broker waiting */
	bool resting;
	int64_t until_us; /* the end of this rest */
	int64_t last_us;  /* the last read that brought something */
	int64_t acked_us; /* the last acknowledgements */
	bool blind;       /* all this rest: as much in flight as we think possible ... */
	bool was_blind;   /* ... and all the rest before */
	bool spent;       /* not resting, because that was so when the last rest ended */

	uint32_t window;  /* messages the broker sends without acknowledgement */
	uint32_t each;    /* bytes on the wire for one that is acknowledged; 0: unknown */
	uint32_t blank;   /* reads without such a message; many: none will come (QoS 0) */
	size_t in_flight; /* as told last */

	enum pace_probe probe; /* is the window larger? */
	int64_t probe_us;      /* not before */
	int64_t probe_gap_us;  /* until the next one, if this finds nothing */
	size_t probe_unread;   /* bytes that waited when watching began */

	uint32_t timed;    /* rests since the last look */
	uint32_t patience; /* so many before the next one */
	uint32_t brought;  /* messages, the best of them */
	bool look_armed;   /* after the next acknowledgements a short rest ... */
	bool looking;      /* ... and this is it: had the broker been waiting? */
	uint32_t proofs, proof_messages; /* looks in a row that say so */

	enum pace_kick kick;
	bool kicked;         /* at the end of this rest */
	size_t kick_unread;  /* bytes that waited then */
	uint32_t idle_kicks; /* in a row that brought nothing */
};

enum pace_step {
	PACE_READ,
	PACE_REST, /* as *wish says */
	PACE_KICK, /* send an ACK of TCP (TCP_QUICKACK), then rest */
};

/* What to wait for.  until_us 0: for the first byte. */
struct pace_wish {
	int64_t until_us; /* read then ... */
	size_t bytes;     /* ... or as soon as so many wait */
};

/* What the owner sees after a read. */
struct pace_look {
	int64_t now_us;
	bool timed;                        /* the rest was over; else bytes woke us */
	bool drained;                      /* the socket is empty */
	size_t bytes;                      /* read */
	size_t messages;                   /* of these with QoS 1 or 2 */
	size_t in_flight, awaiting_pubrel; /* window_in_flight, ... */
};

void pace_init(struct pace *, int64_t linger_us);
/* A new connection; to another host: nothing is known of it. */
void pace_reset(struct pace *, bool other_host);

/*
 * The rest is over (timed) or enough bytes wait: what now?  pace_step is told how many
 * bytes wait unread, which costs a system call; pace_may_step says whether it would
 * do anything but let read.
 */
bool pace_may_step(const struct pace *, int64_t now_us, bool timed);
enum pace_step pace_step(
    struct pace *, int64_t now_us, bool timed, size_t unread, struct pace_wish *);

struct pace_wish pace_after_read(struct pace *, const struct pace_look *);
/* Acknowledgements were written. */
struct pace_wish pace_after_acks(
    struct pace *, int64_t now_us, size_t in_flight, size_t awaiting_pubrel);

#endif
