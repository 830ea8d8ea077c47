/*
 * From filters to granted subscriptions.  Requests are sent without waiting for
 * answers, few filters in each, because brokers limit them (specification, section 6).
 *
 * What a persistent session already has is not subscribed again, as that would bring
 * all retained messages again; but only if it was granted long ago: a broker that was
 * killed comes back with what it had saved last (Mosquitto: up to 30 minutes before),
 * and a subscription that is missing there would be missing for ever.
 */
#include "mqtt/direct.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"

enum {
	ANSWER_TIMEOUT_US = 10 * 1000 * 1000,
	SAVED_BY_NOW_S = 24 * 60 * 60,
	FILE_MAX = 16 * 1024 * 1024,
};

static const char *
uri(const struct source *s)
{
	return s->hosts[s->host].uri;
}

/* ---- the session's subscriptions, and their file ---- */

static char *
file_path(const struct source *s)
{
	struct buf path = { 0 };

	if (s->opt.state_dir == NULL || s->opt.clean)
		return NULL;
	buf_printf(&path, "%s/session", s->opt.state_dir);
	return buf_cstr(&path);
}

void
direct_subscribe_load(struct source *s)
{
	char *path = file_path(s);
	struct buf text = { 0 };
	struct err err;

	if (path != NULL && io_exists(path)) {
		if (io_read_file(path, FILE_MAX, &text, &err) < 0 ||
		    mqtt_session_parse(&s->session, buf_str(&text), &err) < 0)
			log_warn(s->log,
			    "%s: %s; all filters are subscribed anew, which brings "
			    "retained messages again",
			    path, err.msg);
	}
	buf_fini(&text);
	free(path);
}

static void
save(struct source *s, const struct mqtt_session *old)
{
	char *path = file_path(s);
	struct buf before = { 0 }, now = { 0 };
	struct err err;

	if (path != NULL) {
		if (old->host != NULL)
			mqtt_session_format(old, &before);
		mqtt_session_format(&s->session, &now);
		if (!str_eq(buf_str(&before), buf_str(&now)) &&
		    io_write_file(path, now.p, now.n, &err) < 0)
			log_warn(s->log,
			    "%s; after a restart retained messages come again", err.msg);
	}
	buf_fini(&before);
	buf_fini(&now);
	free(path);
}

/* Is what we know the session at this host? */
static bool
is_known(const struct source *s)
{
	return s->session.host != NULL && str_eq_c(str_of(uri(s)), s->session.host) &&
	       str_eq_c(str_of(s->opt.client_id), s->session.client);
}

/* Everything is granted: that is what the session has now. */
static void
remember(struct source *s)
{
	struct mqtt_session old = s->session;
	int64_t now_s = clock_wall_ms() / 1000;

	mqtt_session_init(&s->session, uri(s), s->opt.client_id);
	for (size_t i = 0; i < s->n_filters; i++) {
		const struct mqtt_session_filter *f = s->session_kept
		                                          ? mqtt_session_find(
								&old, s->filters[i])
		                                          : NULL;
		bool same = f != NULL && f->qos == s->opt.qos;
		mqtt_session_add(
		    &s->session, s->filters[i], s->opt.qos, same ? f->granted_s : now_s);
	}
	save(s, &old);
	mqtt_session_fini(&old);
}

static bool
is_surely_subscribed(const struct source *s, struct str filter)
{
	const struct mqtt_session_filter *f = mqtt_session_find(&s->session, filter);

	return f != NULL && f->qos == s->opt.qos &&
	       clock_wall_ms() / 1000 - f->granted_s >= SAVED_BY_NOW_S;
}

/* ---- requests ---- */

static void
granted(struct source *s)
{
	loop_timer_clear(s->loop, &s->timer);
	log_info(s->log, "subscribed to %zu topic filter(s) at %s", s->n_filters, uri(s));
	s->subscribed = true;
	remember(s);
	s->ev.subscribed(s->ev.arg);
}

static void
request(struct source *s, enum codec_type type, const struct str *filters, size_t n)
{
	uint16_t id = (uint16_t)(s->n_requests + 1);
	struct direct_request *r = &s->requests[s->n_requests++];

	*r = (struct direct_request) { .type = type, .n = n };
	for (size_t i = 0; i < n; i++)
		r->filters[i] = filters[i];
	if (type == CODEC_SUBSCRIBE)
		codec_put_subscribe(&s->out, CODEC_V311, id, filters, n, s->opt.qos);
	else
		codec_put_unsubscribe(&s->out, CODEC_V311, id, filters, n);
}

static void
request_all(struct source *s, enum codec_type type, const struct str *filters, size_t n)
{
	for (size_t i = 0; i < n; i += DIRECT_FILTERS_IN_REQUEST) {
		size_t left = n - i;
		request(s, type, filters + i,
		    left < DIRECT_FILTERS_IN_REQUEST ? left : DIRECT_FILTERS_IN_REQUEST);
	}
}

/* What the session has and we do not want; returns how many, at most all it has. */
static size_t
choose_surplus(const struct source *s, struct str *out)
{
	struct map *wanted = map_new();
	struct str filter;
	void *value;
	size_t n = 0;

	for (size_t i = 0; i < s->n_filters; i++)
		map_put(wanted, s->filters[i], &s->filters[i]);
	for (size_t i = 0; map_each(s->session.filters, &i, &filter, &value);) {
		if (map_get(wanted, filter) == NULL)
			out[n++] = filter;
	}
	map_free(wanted);
	return n;
}

static size_t
choose_missing(const struct source *s, struct str *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_filters; i++) {
		if (!s->session_kept || !is_surely_subscribed(s, s->filters[i]))
			out[n++] = s->filters[i];
	}
	return n;
}

bool
direct_subscribe_start(struct source *s, bool session_present)
{
	size_t n_had, n;
	struct str *chosen;

	s->session_kept = session_present && is_known(s);
	n_had = s->session_kept ? map_count(s->session.filters) : 0;
	free(s->requests);
	s->requests = mem_zalloc(
	    ((s->n_filters + n_had) / DIRECT_FILTERS_IN_REQUEST + 2) *
	    sizeof(*s->requests));
	s->n_requests = s->n_answered = 0;
	s->subscribed = false;
	chosen = mem_alloc((s->n_filters + n_had) * sizeof(*chosen));
	n = s->session_kept ? choose_surplus(s, chosen) : 0;
	request_all(s, CODEC_UNSUBSCRIBE, chosen, n);
	n = choose_missing(s, chosen);
	request_all(s, CODEC_SUBSCRIBE, chosen, n);
	free(chosen);
	if (s->n_requests == 0) {
		granted(s);
		return s->phase == DIRECT_UP;
	}
	loop_timer_in(s->loop, &s->timer, ANSWER_TIMEOUT_US);
	return direct_write_out(s);
}

/* ---- answers ---- */

static bool
refused(struct source *s, struct str filter, uint8_t code)
{
	struct err err;

	err_set(&err, ERR_CONFIG,
	    "broker %s refused subscription \"%.*s\": failure (0x%02x); may this user "
	    "read it?",
	    uri(s), STR_ARG(filter), code);
	direct_link_fail(s, &err);
	return false;
}

/* Is every filter of the request granted? */
static bool
check_codes(struct source *s, const struct direct_request *r, struct str codes)
{
	for (size_t i = 0; i < r->n; i++) {
		uint8_t code = (uint8_t)codes.p[i];
		if (code >= CODEC_SUBACK_FAILURE)
			return refused(s, r->filters[i], code);
		if (code < s->opt.qos)
			log_warn(s->log,
			    "%s grants QoS %u instead of %u for \"%.*s\"; messages may "
			    "be lost",
			    uri(s), code, s->opt.qos, STR_ARG(r->filters[i]));
	}
	return true;
}

static bool
unasked(struct source *s, const struct codec_packet *pkt, const char *fault)
{
	struct err why;

	err_set(&why, ERR_RETRY, "protocol error from %s: %s %u %s", uri(s),
	    codec_type_name(pkt->type), pkt->id, fault);
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
	if (!direct_read_is_on(s) || clock_mono_us() - s->heard_us < ANSWER_TIMEOUT_US) {
		loop_timer_in(s->loop, &s->timer, ANSWER_TIMEOUT_US);
		return;
	}
	err_set(&why, ERR_RETRY, "%s: no SUBACK within 10 s", uri(s));
	direct_link_lost(s, &why);
}
