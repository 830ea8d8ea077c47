/*
 * From filters to granted subscriptions.  Requests are sent without waiting for
 * answers, few filters in each, because brokers limit them (specification, section 6).
 */
#include "mqtt/direct.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

enum { ANSWER_TIMEOUT_US = 10 * 1000 * 1000 };

static void
granted(struct source *s)
{
	loop_timer_clear(s->loop, &s->timer);
	log_info(s->log, "subscribed to %zu topic filter(s) at %s", s->n_filters,
	    s->hosts[s->host].uri);
	s->ev.subscribed(s->ev.arg);
}

static void
request(struct source *s, enum codec_type type, size_t first, size_t n)
{
	uint16_t id = (uint16_t)++s->n_requests;

	s->requests[id - 1] = (struct direct_request) {
		.type = type, .first = first, .n = n
	};
	codec_put_subscribe(&s->out, CODEC_V311, id, s->filters + first, n, s->opt.qos);
}

bool
direct_subscribe_start(struct source *s)
{
	const size_t each = DIRECT_FILTERS_IN_SUBSCRIBE;

	free(s->requests);
	s->requests = mem_zalloc((s->n_filters + each - 1) / each * sizeof(*s->requests));
	s->n_requests = s->n_answered = 0;
	for (size_t i = 0; i < s->n_filters; i += each) {
		size_t left = s->n_filters - i;
		request(s, CODEC_SUBSCRIBE, i, left < each ? left : each);
	}
	loop_timer_in(s->loop, &s->timer, ANSWER_TIMEOUT_US);
	return direct_write_out(s);
}

static bool
refused(struct source *s, struct str filter, uint8_t code)
{
	struct err err;

	err_set(&err, ERR_CONFIG,
	    "broker %s refused subscription \"%.*s\": failure (0x%02x); may this user "
	    "read it?",
	    s->hosts[s->host].uri, STR_ARG(filter), code);
	direct_link_fail(s, &err);
	return false;
}

/* Is every filter of the request granted? */
static bool
check_codes(struct source *s, const struct direct_request *r, struct str codes)
{
	for (size_t i = 0; i < r->n; i++) {
		uint8_t code = (uint8_t)codes.p[i];
		struct str filter = s->filters[r->first + i];
		if (code >= CODEC_SUBACK_FAILURE)
			return refused(s, filter, code);
		if (code < s->opt.qos)
			log_warn(s->log,
			    "%s grants QoS %u instead of %u for \"%.*s\"; messages may "
			    "be lost",
			    s->hosts[s->host].uri, code, s->opt.qos, STR_ARG(filter));
	}
	return true;
}

static bool
unasked(struct source *s, const struct codec_packet *pkt, const char *fault)
{
	struct err why;

	err_set(&why, ERR_RETRY, "protocol error from %s: %s %u %s",
	    s->hosts[s->host].uri, codec_type_name(pkt->type), pkt->id, fault);
	direct_link_lost(s, &why);
	return false;
}

bool
direct_subscribe_answer(struct source *s, const struct codec_packet *pkt)
{
	struct direct_request *r = pkt->id <= s->n_requests ? &s->requests[pkt->id - 1]
	                                                    : NULL;
	bool is_suback = pkt->type == CODEC_SUBACK;

	if (r == NULL || r->answered || (r->type == CODEC_SUBSCRIBE) != is_suback)
		return unasked(s, pkt, "answers nothing that was asked");
	if (is_suback && pkt->codes.n != r->n)
		return unasked(s, pkt, "answers another number of filters");
	if (is_suback && !check_codes(s, r, pkt->codes))
		return false;
	r->answered = true;
	if (++s->n_answered == s->n_requests)
		granted(s);
	return s->phase == DIRECT_UP;
}

void
direct_subscribe_late(struct source *s)
{
	struct err why;

	/* The answers may lie behind what is not read, or behind a long queue. */
	if (!direct_read_is_on(s) || clock_mono_us() - s->read_us < ANSWER_TIMEOUT_US) {
		loop_timer_in(s->loop, &s->timer, ANSWER_TIMEOUT_US);
		return;
	}
	err_set(&why, ERR_RETRY, "%s: no SUBACK within 10 s", s->hosts[s->host].uri);
	direct_link_lost(s, &why);
}
