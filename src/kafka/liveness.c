/* Up or down, from errors, reports and statistics; knows no handle and no loop. */
#include "kafka/liveness.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <string.h>

#include "kafka/codes.h"

/* Statistics that were gathered while a connection broke may still call it up. */
#define STALE_US (1000 * 1000)
/* Connections closed without a sign of life between them. */
#define MAX_CLOSED 3

static bool
set(struct liveness *l, bool up)
{
	bool changed = !l->known || l->up != up;

	l->known = true;
	l->up = up;
	return changed;
}

bool
liveness_alive(struct liveness *l)
{
	l->all_down = false;
	l->failed = false;
	l->login = false;
	l->closed = 0;
	return set(l, true);
}

/*
 * Did an attempt fail, as against a standing connection that was closed?  A broker that
 * wants SASL closes what librdkafka calls up, again and again.
 */
static bool
is_failure(struct liveness *l, int code, const char *text)
{
	switch (code) {
	case RD_KAFKA_RESP_ERR__RESOLVE:
	case RD_KAFKA_RESP_ERR__SSL:
	case RD_KAFKA_RESP_ERR__AUTHENTICATION:
	case RD_KAFKA_RESP_ERR__TIMED_OUT:
		return true;
	case RD_KAFKA_RESP_ERR__TRANSPORT:
		return strstr(text, "in state UP") == NULL || ++l->closed >= MAX_CLOSED;
	default:
		return false;
	}
}

bool
liveness_error(struct liveness *l, int code, const char *text, int64_t now_us)
{
	if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
		l->all_down = true;
	else if (is_failure(l, code, text)) {
		l->failed = true;
		l->failed_us = now_us;
		codes_explain_away(&l->why, code, text);
	}
	if (!l->failed || !(l->all_down || (codes_is_login(code) && !l->known)))
		return false; /* who is not let in need not wait for the other brokers */
	bool news = codes_is_login(code) && !l->login;
	l->login |= codes_is_login(code);
	return set(l, false) || news;
}

bool
liveness_stats(struct liveness *l, const char *json, int64_t now_us)
{
	bool any_up = strstr(json, "\"state\":\"UP\"") != NULL;

	if (l->failed && now_us - l->failed_us < STALE_US)
		return false;
	if (any_up)
		return liveness_alive(l);
	return l->failed ? set(l, false) : false;
}
