/*
 * The producer of a task: librdkafka's handle behind the loop.  Nothing here may wait.
 *
 * The way of a record: producer_send gives it a slot (the owner's opaque and a running
 * number) and copies it into librdkafka; reports come as events of one queue, whose
 * eventfd is the loop's, and hand the slots back.
 *
 * A handle can be lost (sequence numbers, an epoch) while its records are not: renew()
 * purges it, keeps what comes back unconfirmed, and sends that again through a new
 * one in the order of the running numbers.  The same way leads to and from the
 * careful mode: when Kafka refuses a batch for one bad record in it, a handle
 * with batches of one record finds out which, and nothing else is lost.
 */
#include "kafka/producer.h"

#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "kafka/codes.h"
#include "kafka/liveness.h"
#include "kafka/props.h"
#include "kafka/topic_maker.h"

#define REPORT_BATCH 256          /* opaques handed over at once */
#define SLAB_SLOTS 1024           /* slots allocated at once */
#define TURN_EVENTS 64            /* then the loop's other handlers have a turn */
#define RENEW_MIN_US (100 * 1000) /* between handles without a confirmed record */
#define RENEW_MAX_US (10 * 1000 * 1000)
#define RENEW_DENIED_US (1000 * 1000)
#define RENEW_LOOK_US (200 * 1000)
#define PROBE_US (50 * 1000) /* looks for a first sign of life */
#define MAX_HEADERS 64       /* of a refused record, shown to the owner */

struct slot {
	void *opaque;    /* the owner's; in the free list: the next slot */
	uint64_t number; /* order of sending */
};

struct slab {
	struct slab *next;
	struct slot slots[SLAB_SLOTS];
};

struct producer_topic {
	rd_kafka_topic_t *rkt; /* of the present handle */
	char *name;
	char *compression; /* NULL: the producer's */
	void *data;
};

/* A handle on its way out: destroying one may wait for name resolution. */
struct grave {
	struct grave *next;
	pthread_t thread;
	rd_kafka_t *rk;
	atomic_bool empty;
};

struct producer {
	struct loop *loop;
	struct loop_wake wake;
	struct log_ctx ctx;
	struct producer_events ev;
	struct props_conf conf; /* the pattern of each handle */
	rd_kafka_t *rk;
	rd_kafka_queue_t *queue;
	struct map *topics;
	struct topic_maker *maker;

	struct slab *slabs;
	struct slot *free_slots;
	uint64_t next_number;
	size_t pending; /* slots in use */
	uint64_t sent, delivered, refused, recreated;

	struct liveness live;
	struct loop_timer probe; /* until the first sign of life of a handle */

	bool want_room;    /* producer_send said ERR_RETRY */
	size_t room_below; /* there is room when fewer are pending */
	bool renewing;     /* the handle is lost; its reports are being gathered */
	bool careful;      /* batches of one record, until nothing is pending */
	bool next_careful;
	struct loop_timer renew_timer;
	int64_t renew_at_us;     /* not before */
	int64_t renew_delay_us;  /* 0 after a confirmed record */
	rd_kafka_event_t **kept; /* reports that hold unconfirmed records */
	size_t n_kept, cap_kept;
	const rd_kafka_message_t **again; /* those records */
	size_t n_again, cap_again;
	struct err refuse_all; /* kind set: what is unconfirmed is refused, not resent */
	struct grave *graves;
};

/* ---- slots ---- */

static void
add_slab(struct producer *p)
{
	struct slab *slab = mem_alloc(sizeof(*slab));

	slab->next = p->slabs;
	p->slabs = slab;
	for (size_t i = SLAB_SLOTS; i-- > 0;) {
		slab->slots[i].opaque = p->free_slots;
		p->free_slots = &slab->slots[i];
	}
}

static struct slot *
take_slot(struct producer *p, void *opaque)
{
	if (p->free_slots == NULL)
		add_slab(p);

	struct slot *slot = p->free_slots;
	p->free_slots = slot->opaque;
	slot->opaque = opaque;
	slot->number = p->next_number++;
	p->pending++;
	return slot;
}

static void *
give_slot(struct producer *p, struct slot *slot)
{
	void *opaque = slot->opaque;

	slot->opaque = p->free_slots;
	p->free_slots = slot;
	p->pending--;
	return opaque;
}

static void
free_slabs(struct producer *p)
{
	for (struct slab *slab = p->slabs, *next; slab != NULL; slab = next) {
		next = slab->next;
		free(slab);
	}
}

/* ---- handles and topics ---- */

static int open_topic(struct producer *p, struct producer_topic *t, struct err *err);
static void start_renewal(struct producer *p, const char *why, bool careful);

static void
set_state(struct producer *p, bool changed)
{
	if (changed && p->ev.state != NULL)
		p->ev.state(p->ev.arg, p->live.up, p->live.up ? NULL : p->live.why.msg);
}

/* The cluster id is there once a broker has answered; asking does not wait. */
static void
probe(void *arg)
{
	struct producer *p = arg;
	char *id = p->rk != NULL ? rd_kafka_clusterid(p->rk, 0) : NULL;

	if (id == NULL) {
		loop_timer_in(p->loop, &p->probe, PROBE_US);
		return;
	}
	rd_kafka_mem_free(p->rk, id);
	set_state(p, liveness_alive(&p->live));
}

static int
open_handle(struct producer *p, struct err *err)
{
	char why[256];
	rd_kafka_conf_t *conf = rd_kafka_conf_dup(p->conf.conf);

	if (p->next_careful)
		rd_kafka_conf_set(conf, "batch.num.messages", "1", NULL, 0);
	rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (rk == NULL) {
		rd_kafka_conf_destroy(conf);
		return props_conf_explain(err, why);
	}

	const uint64_t one = 1;
	p->rk = rk;
	p->careful = p->next_careful;
	p->queue = rd_kafka_queue_get_main(rk);
	rd_kafka_set_log_queue(rk, NULL);
	rd_kafka_queue_io_event_enable(
	    p->queue, loop_wake_fd(&p->wake), &one, sizeof(one));
	loop_wake(&p->wake); /* what came before wakes nobody, nor what comes behind it */
	loop_timer_in(p->loop, &p->probe, PROBE_US);
	topic_maker_handle(p->maker, rk, p->queue);
	return 0;
}

static int
open_topic(struct producer *p, struct producer_topic *t, struct err *err)
{
	char why[256];
	rd_kafka_topic_conf_t *conf = rd_kafka_default_topic_conf_dup(p->rk);

	rd_kafka_topic_conf_set_opaque(conf, t);
	if (t->compression != NULL &&
	    rd_kafka_topic_conf_set(conf, "compression.codec", t->compression, why,
		sizeof(why)) != RD_KAFKA_CONF_OK) {
		rd_kafka_topic_conf_destroy(conf);
		return err_set(err, ERR_CONFIG, "topic %s: %s", t->name, why);
	}
	t->rkt = rd_kafka_topic_new(p->rk, t->name, conf);
	if (t->rkt == NULL)
		return codes_explain(err, rd_kafka_last_error(), t->name, NULL);
	return 0;
}

/* NULL: only closes them. */
static void
reopen_topics(struct producer *p, rd_kafka_t *rk)
{
	struct str name;
	void *value;
	struct err err;

	for (size_t i = 0; map_each(p->topics, &i, &name, &value);) {
		struct producer_topic *t = value;

		if (t->rkt != NULL)
			rd_kafka_topic_destroy(t->rkt);
		t->rkt = NULL;
		if (rk != NULL && open_topic(p, t, &err) < 0)
			log_error(&p->ctx, "%s", err.msg);
	}
}

static void *
bury(void *arg)
{
	struct grave *g = arg;

	rd_kafka_destroy(g->rk);
	atomic_store(&g->empty, true);
	return NULL;
}

static void
join_graves(struct producer *p, bool all)
{
	for (struct grave **at = &p->graves, *g; (g = *at) != NULL;) {
		if (!all && !atomic_load(&g->empty)) {
			at = &g->next;
			continue;
		}
		*at = g->next;
		pthread_join(g->thread, NULL);
		free(g);
	}
}

/* No event of the handle may be alive any more. */
static void
close_handle(struct producer *p, rd_kafka_t *rk, rd_kafka_queue_t *queue)
{
	struct grave *g = mem_zalloc(sizeof(*g));

	rd_kafka_queue_io_event_enable(queue, -1, NULL, 0);
	rd_kafka_queue_destroy(queue);
	join_graves(p, false);
	g->rk = rk;
	if (pthread_create(&g->thread, NULL, bury, g) != 0) {
		rd_kafka_destroy(rk);
		free(g);
		return;
	}
	g->next = p->graves;
	p->graves = g;
}

/* ---- reports ---- */

static void
refuse(struct producer *p, const rd_kafka_message_t *m, const struct err *err)
{
	struct producer_header headers[MAX_HEADERS];
	struct producer_record r = {
		.key = m->key,
		.key_n = m->key_len,
		.value = m->payload,
		.value_n = m->len,
		.timestamp_ms = rd_kafka_message_timestamp(m, NULL),
		.partition = m->partition,
		.headers = headers,
	};
	rd_kafka_headers_t *from;

	if (rd_kafka_message_headers(m, &from) == RD_KAFKA_RESP_ERR_NO_ERROR)
		while (r.n_headers < MAX_HEADERS &&
		       rd_kafka_header_get_all(from, r.n_headers,
			   &headers[r.n_headers].name, &headers[r.n_headers].value,
			   &headers[r.n_headers].n) == RD_KAFKA_RESP_ERR_NO_ERROR)
			r.n_headers++;
	r.opaque = give_slot(p, m->_private);
	p->refused++;
	p->ev.refused(p->ev.arg, rd_kafka_topic_opaque(m->rkt), &r, err);
}

static void
refuse_for(struct producer *p, const rd_kafka_message_t *m, rd_kafka_resp_err_t code)
{
	const struct producer_topic *t = rd_kafka_topic_opaque(m->rkt);
	struct err err;

	codes_explain(&err, code, t->name, NULL);
	refuse(p, m, &err);
}

static void
keep(struct producer *p, const rd_kafka_message_t *m)
{
	if (p->n_again == p->cap_again) {
		p->cap_again = p->cap_again == 0 ? 1024 : 2 * p->cap_again;
		p->again = mem_realloc(p->again, p->cap_again * sizeof(*p->again));
	}
	p->again[p->n_again++] = m;
}

static void
keep_event(struct producer *p, rd_kafka_event_t *event)
{
	if (p->n_kept == p->cap_kept) {
		p->cap_kept = p->cap_kept == 0 ? 64 : 2 * p->cap_kept;
		p->kept = mem_realloc(p->kept, p->cap_kept * sizeof(*p->kept));
	}
	p->kept[p->n_kept++] = event;
}

/* Returns true when the record must be sent again. */
static bool
on_unconfirmed(struct producer *p, const rd_kafka_message_t *m, size_t batch)
{
	enum codes_class class = codes_class(m->err);

	if (class == CODES_REFUSED ||
	    (class == CODES_RECORD && (batch == 1 || !codes_blame_batch(m->err)))) {
		refuse_for(p, m, m->err);
		return false;
	}
	if (!p->renewing)
		start_renewal(p, rd_kafka_err2str(m->err), class == CODES_RECORD);
	else if (class == CODES_RECORD)
		p->next_careful = true;
	keep(p, m);
	return true;
}

static void
hand_over(struct producer *p, void *const *opaque, size_t n)
{
	if (n == 0)
		return;
	p->delivered += n;
	p->renew_delay_us = 0;
	p->ev.delivered(p->ev.arg, opaque, n);
}

/* One event is one batch, as it went to a broker or was purged. */
static void
on_reports(struct producer *p, rd_kafka_event_t *event)
{
	void *done[REPORT_BATCH];
	size_t n = 0, batch = rd_kafka_event_message_count(event);
	bool kept = false;
	const rd_kafka_message_t *m;

	while ((m = rd_kafka_event_message_next(event)) != NULL) {
		if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
			kept |= on_unconfirmed(p, m, batch);
			continue;
		}
		done[n++] = give_slot(p, m->_private);
		if (n == REPORT_BATCH) {
			hand_over(p, done, n);
			n = 0;
		}
	}
	if (batch > 0 && n > 0)
		set_state(p, liveness_alive(&p->live));
	hand_over(p, done, n);
	if (kept)
		keep_event(p, event);
	else
		rd_kafka_event_destroy(event);
}

/* ---- events ---- */

static void
on_fatal(struct producer *p)
{
	char why[256];
	rd_kafka_resp_err_t code = rd_kafka_fatal_error(p->rk, why, sizeof(why));

	if (p->renewing)
		return;
	if (codes_class(code) != CODES_REFUSED) {
		start_renewal(p, why, p->careful);
		return;
	}
	/* A right is missing: whoever grants it needs a while. */
	if (p->renew_delay_us < RENEW_DENIED_US)
		p->renew_delay_us = RENEW_DENIED_US;
	codes_explain(&p->refuse_all, code, NULL, why);
	start_renewal(p, p->refuse_all.msg, p->careful);
}

static void
on_error(struct producer *p, rd_kafka_event_t *event)
{
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	const char *text = rd_kafka_event_error_string(event);

	if (rd_kafka_event_error_is_fatal(event) || code == RD_KAFKA_RESP_ERR__FATAL) {
		on_fatal(p);
		return;
	}
	log_debug(&p->ctx, "Kafka: %s; code=%s", text, rd_kafka_err2name(code));
	set_state(p, liveness_error(&p->live, code, text, clock_mono_us()));
}

static void
on_log(struct producer *p, rd_kafka_event_t *event)
{
	const char *facility, *text;
	int level;

	if (rd_kafka_event_log(event, &facility, &text, &level) != 0)
		return;
	/* What matters of it comes as an event, too. */
	log_debug(&p->ctx, "librdkafka: %s; facility=%s level=%d", text, facility, level);
}

static void
on_event(struct producer *p, rd_kafka_event_t *event)
{
	switch (rd_kafka_event_type(event)) {
	case RD_KAFKA_EVENT_DR:
		on_reports(p, event);
		return; /* it may live on */
	case RD_KAFKA_EVENT_ERROR:
		on_error(p, event);
		break;
	case RD_KAFKA_EVENT_STATS:
		set_state(p, liveness_stats(
				 &p->live, rd_kafka_event_stats(event), clock_mono_us()));
		break;
	case RD_KAFKA_EVENT_LOG:
		on_log(p, event);
		break;
	case RD_KAFKA_EVENT_CREATETOPICS_RESULT:
		topic_maker_event(p->maker, event);
		break;
	default:
		break;
	}
	rd_kafka_event_destroy(event);
}

static bool
blocked(const struct producer *p)
{
	return p->renewing || p->careful;
}

static void try_renewal(struct producer *p);

static void
on_wake(void *arg)
{
	struct producer *p = arg;
	rd_kafka_event_t *event;
	int n = 0;

	while ((event = rd_kafka_queue_poll(p->queue, 0)) != NULL) {
		on_event(p, event);
		if (++n == TURN_EVENTS) {
			loop_wake(&p->wake);
			break;
		}
	}
	if (p->careful && !p->renewing && p->pending == 0)
		start_renewal(p, NULL, false);
	if (p->renewing)
		try_renewal(p);
	if (p->want_room && !blocked(p) && p->pending < p->room_below) {
		p->want_room = false;
		p->ev.room(p->ev.arg);
	}
}

/* ---- a new handle ---- */

static void
purge(rd_kafka_t *rk)
{
	rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
			       RD_KAFKA_PURGE_F_NON_BLOCKING);
}

static void
back_off(struct producer *p)
{
	p->renew_at_us = clock_mono_us() + p->renew_delay_us;
	p->renew_delay_us = p->renew_delay_us == 0 ? RENEW_MIN_US : 2 * p->renew_delay_us;
	if (p->renew_delay_us > RENEW_MAX_US)
		p->renew_delay_us = RENEW_MAX_US;
}

/* why NULL: by plan, with nothing pending.  try_renewal goes on from here. */
static void
start_renewal(struct producer *p, const char *why, bool careful)
{
	if (p->renewing)
		return;
	p->renewing = true;
	p->next_careful = careful;
	p->renew_at_us = 0;
	loop_wake(&p->wake);
	if (why == NULL)
		return;
	p->recreated++;
	log_warn(&p->ctx,
	    "Kafka producer is replaced, what is unconfirmed is sent again; pending=%zu "
	    "reason=\"%s\"",
	    p->pending, why);
	purge(p->rk);
	back_off(p);
}

static int
by_number(const void *a, const void *b)
{
	const struct slot *x = (*(const rd_kafka_message_t *const *)a)->_private;
	const struct slot *y = (*(const rd_kafka_message_t *const *)b)->_private;

	return (x->number > y->number) - (x->number < y->number);
}

static rd_kafka_resp_err_t
send_again(struct producer *p, const rd_kafka_message_t *m)
{
	const struct producer_topic *t = rd_kafka_topic_opaque(m->rkt);
	rd_kafka_headers_t *headers = NULL;

	if (t->rkt == NULL)
		return RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
	if (rd_kafka_message_headers(m, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR)
		headers = rd_kafka_headers_copy(headers);
	rd_kafka_resp_err_t code = rd_kafka_producev(p->rk, RD_KAFKA_V_RKT(t->rkt),
	    RD_KAFKA_V_PARTITION(m->partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
	    RD_KAFKA_V_VALUE(m->payload, m->len), RD_KAFKA_V_KEY(m->key, m->key_len),
	    RD_KAFKA_V_TIMESTAMP(rd_kafka_message_timestamp(m, NULL)),
	    RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(m->_private), RD_KAFKA_V_END);
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR && headers != NULL)
		rd_kafka_headers_destroy(headers);
	return code;
}

static void
send_all_again(struct producer *p)
{
	size_t n = p->n_again;

	if (n > 1)
		qsort(p->again, n, sizeof(*p->again), by_number);
	p->n_again = 0;
	for (size_t i = 0; i < n; i++) {
		const rd_kafka_message_t *m = p->again[i];

		if (p->refuse_all.kind != ERR_NONE) {
			refuse(p, m, &p->refuse_all);
			continue;
		}
		rd_kafka_resp_err_t code = send_again(p, m);
		if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
			refuse_for(p, m, code);
	}
	p->refuse_all.kind = ERR_NONE;
	for (size_t i = 0; i < p->n_kept; i++)
		rd_kafka_event_destroy(p->kept[i]);
	p->n_kept = 0;
}

static void
finish_renewal(struct producer *p)
{
	rd_kafka_t *old_rk = p->rk;
	rd_kafka_queue_t *old_queue = p->queue;
	struct err err;

	if (open_handle(p, &err) < 0) {
		log_warn(&p->ctx, "%s; tried again", err.msg);
		back_off(p);
		loop_timer_set(p->loop, &p->renew_timer, p->renew_at_us);
		return;
	}
	reopen_topics(p, p->rk);
	send_all_again(p);
	close_handle(p, old_rk, old_queue);
	p->renewing = false;
}

static void
try_renewal(struct producer *p)
{
	int64_t now_us = clock_mono_us();

	if (p->pending == p->n_again && now_us >= p->renew_at_us)
		finish_renewal(p);
	else if (p->renew_timer.place < 0)
		loop_timer_in(p->loop, &p->renew_timer, RENEW_LOOK_US);
}

/* A batch whose answer came after the purge is queued again: purge once more. */
static void
on_renew_timer(void *arg)
{
	struct producer *p = arg;

	if (p->renewing && p->pending > p->n_again)
		purge(p->rk);
	on_wake(p);
}

/* ---- the door ---- */

struct producer *
producer_open(struct loop *loop, const struct config *props, const struct log_ctx *ctx,
    const struct producer_events *events, struct problems *problems, struct err *err)
{
	struct props_conf conf;

	if (props_conf_make(props, PROPS_PRODUCER, ctx, problems, &conf, err) < 0)
		return NULL;
	rd_kafka_conf_set_events(conf.conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR |
						RD_KAFKA_EVENT_STATS |
						RD_KAFKA_EVENT_LOG);

	struct producer *p = mem_zalloc(sizeof(*p));
	p->loop = loop;
	p->conf = conf;
	p->ev = *events;
	if (ctx != NULL)
		p->ctx = *ctx;
	p->topics = map_new();
	p->maker = topic_maker_new(loop, &p->ctx);
	loop_timer_init(&p->probe, probe, p);
	loop_timer_init(&p->renew_timer, on_renew_timer, p);
	if (loop_wake_init(loop, &p->wake, on_wake, p, err) < 0)
		goto fail;
	if (open_handle(p, err) < 0) {
		loop_wake_fini(loop, &p->wake);
		goto fail;
	}
	return p;
fail:
	topic_maker_free(p->maker);
	map_free(p->topics);
	props_conf_fini(&p->conf);
	free(p);
	return NULL;
}

static void
free_topics(struct producer *p)
{
	struct str name;
	void *value;

	for (size_t i = 0; map_each(p->topics, &i, &name, &value);) {
		struct producer_topic *t = value;

		free(t->name);
		free(t->compression);
		free(t);
	}
	map_free(p->topics);
}

void
producer_close(struct producer *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n_kept; i++)
		rd_kafka_event_destroy(p->kept[i]);
	topic_maker_free(p->maker);
	purge(p->rk);
	reopen_topics(p, NULL);
	close_handle(p, p->rk, p->queue);
	join_graves(p, true);
	loop_timer_clear(p->loop, &p->probe);
	loop_timer_clear(p->loop, &p->renew_timer);
	loop_wake_fini(p->loop, &p->wake);
	props_conf_fini(&p->conf);
	free_topics(p);
	free_slabs(p);
	free(p->kept);
	free(p->again);
	free(p);
}

struct producer_topic *
producer_topic(
    struct producer *p, const char *name, const char *compression, struct err *err)
{
	struct producer_topic *t = map_get(p->topics, str_of(name));

	if (t != NULL)
		return t;
	t = mem_zalloc(sizeof(*t));
	t->name = mem_strdup(name);
	t->compression = compression != NULL ? mem_strdup(compression) : NULL;
	if (open_topic(p, t, err) < 0) {
		free(t->name);
		free(t->compression);
		free(t);
		return NULL;
	}
	map_put(p->topics, str_of(name), t);
	return t;
}

const char *
producer_topic_name(const struct producer_topic *t)
{
	return t->name;
}

void
producer_topic_set_data(struct producer_topic *t, void *data)
{
	t->data = data;
}

void *
producer_topic_data(const struct producer_topic *t)
{
	return t->data;
}

static rd_kafka_headers_t *
make_headers(const struct producer_record *r)
{
	rd_kafka_headers_t *headers = rd_kafka_headers_new(r->n_headers);

	for (size_t i = 0; i < r->n_headers; i++)
		rd_kafka_header_add(headers, r->headers[i].name, -1, r->headers[i].value,
		    (ssize_t)r->headers[i].n);
	return headers;
}

static rd_kafka_resp_err_t
send_with_extras(struct producer *p, const struct producer_topic *t,
    const struct producer_record *r, struct slot *slot)
{
	rd_kafka_headers_t *headers = r->n_headers > 0 ? make_headers(r) : NULL;
	/* librdkafka takes 0 for "now". */
	int64_t timestamp_ms = r->timestamp_ms == 0  ? 1
	                       : r->timestamp_ms < 0 ? 0
	                                             : r->timestamp_ms;
	rd_kafka_resp_err_t code = rd_kafka_producev(p->rk, RD_KAFKA_V_RKT(t->rkt),
	    RD_KAFKA_V_PARTITION(r->partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
	    RD_KAFKA_V_VALUE((void *)(uintptr_t)r->value, r->value_n),
	    RD_KAFKA_V_KEY(r->key, r->key_n), RD_KAFKA_V_TIMESTAMP(timestamp_ms),
	    RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(slot), RD_KAFKA_V_END);

	if (code != RD_KAFKA_RESP_ERR_NO_ERROR && headers != NULL)
		rd_kafka_headers_destroy(headers);
	return code;
}

static int
not_now(struct producer *p, struct err *err)
{
	p->want_room = true;
	p->room_below = SIZE_MAX;
	return err_set(err, ERR_RETRY, "the Kafka producer is being replaced");
}

static int
not_sent(struct producer *p, const struct producer_topic *t, rd_kafka_resp_err_t code,
    struct err *err)
{
	switch (code) {
	case RD_KAFKA_RESP_ERR__QUEUE_FULL:
		p->want_room = true;
		p->room_below = p->pending;
		return err_set(err, ERR_RETRY, "the queue of the Kafka producer is full");
	case RD_KAFKA_RESP_ERR__FATAL:
		on_fatal(p);
		return not_now(p, err);
	default:
		return codes_explain(err, code, t->name, NULL);
	}
}

int
producer_send(struct producer *p, struct producer_topic *t,
    const struct producer_record *r, struct err *err)
{
	if (blocked(p))
		return not_now(p, err);

	struct slot *slot = take_slot(p, r->opaque);
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
	if (r->n_headers > 0 || r->timestamp_ms >= 0)
		code = send_with_extras(p, t, r, slot);
	else if (rd_kafka_produce(t->rkt, r->partition, RD_KAFKA_MSG_F_COPY,
		     (void *)(uintptr_t)r->value, r->value_n, r->key, r->key_n,
		     slot) != 0)
		code = rd_kafka_last_error();
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
		give_slot(p, slot);
		return not_sent(p, t, code, err);
	}
	p->sent++;
	return 0;
}

void
producer_create_topic(struct producer *p, const struct topic_spec *spec,
    void (*done)(void *arg, const struct err *err), void *arg)
{
	topic_maker_create(p->maker, spec, done, arg);
}

size_t
producer_pending(const struct producer *p)
{
	return p->pending;
}

struct producer_stats
producer_stats(const struct producer *p)
{
	return (struct producer_stats) {
		.sent = p->sent,
		.delivered = p->delivered,
		.refused = p->refused,
		.recreated = p->recreated,
		.up = p->live.known && p->live.up,
	};
}

void
producer_test_fatal(struct producer *p, int code)
{
	rd_kafka_test_fatal_error(
	    p->rk, (rd_kafka_resp_err_t)code, "a test asked for it");
}
