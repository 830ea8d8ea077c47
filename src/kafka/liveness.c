/* Up or down, from errors, reports and statistics; knows no handle and no loop. */
#include "kafka/liveness.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "kafka/codes.h"

/* Statistics that were gathered while a connection broke may still call it up. */
#define STALE_US (1000 * 1000)

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
	return set(l, true);
}

/* Did an attempt fail, as against a standing connection that was closed? */
static bool
is_failure(int code, const char *text)
{
	switch (code) {
	case RD_KAFKA_RESP_ERR__RESOLVE:
	case RD_KAFKA_RESP_ERR__SSL:
	case RD_KAFKA_RESP_ERR__AUTHENTICATION:
	case RD_KAFKA_RESP_ERR__TIMED_OUT:
		return true;
	case RD_KAFKA_RESP_ERR__TRANSPORT:
		return strstr(text, "in state UP)") == NULL;
	default:
		return false;
	}
}

/* A broker that wants a certificate just hangs up: librdkafka has no code for that. */
static bool
is_certificate_wanted(const char *text)
{
	return strstr(text, "SSL alert") != NULL ||
	       strstr(text, "alert certificate") != NULL;
}

static void
explain(struct liveness *l, int code, const char *text)
{
	struct err err;

	if (code == RD_KAFKA_RESP_ERR__TRANSPORT && is_certificate_wanted(text))
		err_set(&err, ERR_CONFIG,
		    "%s; the broker refuses this client's certificate or misses one: "
		    "check "
		    "ssl.keystore.*",
		    text);
	else
		codes_explain(&err, code, NULL, text);
	snprintf(l->why, sizeof(l->why), "%s", err.msg);
}

bool
liveness_error(struct liveness *l, int code, const char *text, int64_t now_us)
{
	if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
		l->all_down = true;
	else if (is_failure(code, text)) {
		l->failed = true;
		l->failed_us = now_us;
		explain(l, code, text);
	}
	/* Who is not let in need not wait for the other brokers' word. */
	if (l->failed && (l->all_down || (codes_is_login(code) && !l->known)))
		return set(l, false);
	return false;
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
