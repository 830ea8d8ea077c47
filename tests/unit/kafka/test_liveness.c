/* Up or down, from what librdkafka 2.0.2 says in passing (texts are its own). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "kafka/liveness.h"

#define REFUSED                                                                      \
	"a:1/1: Connect to ipv4#1.2.3.4:1 failed: Connection refused (after 0ms in " \
	"state CONNECT)"
#define CLOSED "a:1/1: Disconnected (after 600000ms in state UP)"
#define WANTS_TLS                                                                      \
	"a:1/bootstrap: Disconnected while requesting ApiVersion: might be caused by " \
	"incorrect security.protocol configuration (connecting to a SSL listener?) "   \
	"(after 1ms in state APIVERSION_QUERY)"
#define WANTS_SASL                                                                    \
	"a:1/bootstrap: Disconnected: verify that security.protocol is correctly "    \
	"configured, broker might require SASL authentication (after 495ms in state " \
	"UP, "                                                                        \
	"1 identical error(s) suppressed)"
#define ALERT                                                                            \
	"ssl://a:1/bootstrap: Receive failed: error:0A000412:SSL routines::sslv3 alert " \
	"bad certificate: SSL alert number 42 (after 5ms in state APIVERSION_QUERY)"
#define LATE "a:1/1: 1 request(s) timed out: disconnect (after 20000ms in state UP)"
#define UP "{\"brokers\":{\"a:1/1\":{\"name\":\"a:1/1\",\"state\":\"UP\"}}}"
#define NONE "{\"brokers\":{\"a:1/1\":{\"name\":\"a:1/1\",\"state\":\"TRY_CONNECT\"}}}"

enum event { END, ALIVE, STATS, ALL_DOWN, TRANSPORT, SSL, LOGIN, RESOLVE, TIMED_OUT };

struct step {
	enum event event;
	const char *text;
	char told; /* 'u'p, 'd'own, '-' nothing */
};

struct row {
	const char *name;
	struct step steps[8];
	const char *why; /* how it begins, where it was told down last */
};

static const struct row rows[] = {
	{ "up by a report", { { ALIVE, NULL, 'u' }, { ALIVE, NULL, '-' } }, NULL },
	{ "up by statistics", { { STATS, NONE, '-' }, { STATS, UP, 'u' } }, NULL },
	{ "never there", { { TRANSPORT, REFUSED, '-' }, { ALL_DOWN, "1/1", 'd' } },
	    "a:1/1: Con" },
	{ "never there, the other way round",
	    { { ALL_DOWN, "1/1", '-' }, { TRANSPORT, REFUSED, 'd' },
		{ TRANSPORT, REFUSED, '-' } },
	    "a:1/1: Connect to ipv4#1.2.3.4:1 failed: Connection refused" },
	{ "one broker of several", { { ALIVE, NULL, 'u' }, { TRANSPORT, REFUSED, '-' } },
	    NULL },
	{ "closed for idleness",
	    { { ALIVE, NULL, 'u' }, { TRANSPORT, CLOSED, '-' }, { ALL_DOWN, "1/1", '-' },
		{ STATS, NONE, '-' } },
	    NULL },
	{ "away and back",
	    { { ALIVE, NULL, 'u' }, { TRANSPORT, CLOSED, '-' }, { ALL_DOWN, "1/1", '-' },
		{ TRANSPORT, REFUSED, 'd' }, { STATS, NONE, '-' }, { ALIVE, NULL, 'u' } },
	    "a:1/1: Con" },
	{ "frozen",
	    { { ALIVE, NULL, 'u' }, { TIMED_OUT, LATE, '-' }, { ALL_DOWN, "", 'd' } },
	    "a:1/1: 1 request(s) timed out" },
	{ "statistics without a broker confirm a failure",
	    { { ALIVE, NULL, 'u' }, { TRANSPORT, REFUSED, '-' }, { STATS, NONE, 'd' } },
	    "a:1/1: Con" },
	{ "a failure before the last sign of life is forgotten",
	    { { ALIVE, NULL, 'u' }, { TRANSPORT, REFUSED, '-' }, { ALIVE, NULL, '-' },
		{ ALL_DOWN, "1/1", '-' } },
	    NULL },
	{ "TLS wanted", { { ALL_DOWN, "", '-' }, { TRANSPORT, WANTS_TLS, 'd' } },
	    "check security.protocol and the port" },
	{ "SASL wanted",
	    { { ALL_DOWN, "", '-' }, { TRANSPORT, WANTS_SASL, '-' },
		{ TRANSPORT, WANTS_SASL, '-' }, { TRANSPORT, WANTS_SASL, 'd' } },
	    "check security.protocol and the port" },
	{ "certificate wanted", { { ALL_DOWN, "", '-' }, { TRANSPORT, ALERT, 'd' } },
	    "the broker refuses this client's certificate" },
	{ "wrong password", { { LOGIN, "Authentication failed", 'd' } },
	    "check sasl.mechanism" },
	{ "not trusted", { { SSL, "certificate verify failed", 'd' } },
	    "check ssl.truststore" },
	{ "no such name",
	    { { ALL_DOWN, "", '-' }, { RESOLVE, "Failed to resolve", 'd' } },
	    "is the name in bootstrap.servers right" },
	{ "down, then let in with a wrong password",
	    { { ALL_DOWN, "", '-' }, { TRANSPORT, REFUSED, 'd' },
		{ LOGIN, "failed", 'd' }, { TRANSPORT, REFUSED, '-' },
		{ LOGIN, "failed", '-' }, { ALIVE, NULL, 'u' } },
	    "check sasl.mechanism" },
};

static bool
apply(struct liveness *l, const struct step *s, int64_t now_us)
{
	static const int codes[] = {
		[ALL_DOWN] = RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
		[TRANSPORT] = RD_KAFKA_RESP_ERR__TRANSPORT,
		[SSL] = RD_KAFKA_RESP_ERR__SSL,
		[LOGIN] = RD_KAFKA_RESP_ERR__AUTHENTICATION,
		[RESOLVE] = RD_KAFKA_RESP_ERR__RESOLVE,
		[TIMED_OUT] = RD_KAFKA_RESP_ERR__TIMED_OUT,
	};

	if (s->event == ALIVE)
		return liveness_alive(l);
	if (s->event == STATS)
		return liveness_stats(l, s->text, now_us);
	return liveness_error(l, codes[s->event], s->text, now_us);
}

static void
tells_each_change_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct liveness l = { 0 };
		struct buf why = { 0 };
		int64_t now_us = 5000000;

		for (const struct step *s = rows[i].steps; s->event != END; s++) {
			char told = apply(&l, s, now_us) ? (l.up ? 'u' : 'd') : '-';

			if (told != s->told)
				fail_msg("%s, step %d: %c", rows[i].name,
				    (int)(s - rows[i].steps) + 1, told);
			if (told == 'd') {
				buf_reset(&why);
				buf_add_c(&why, l.why.msg);
			}
			now_us += 5000000;
		}
		if (rows[i].why != NULL && !str_starts(buf_str(&why), rows[i].why))
			fail_msg("%s: %s", rows[i].name, buf_cstr(&why));
		buf_fini(&why);
	}
}

/* They were gathered while the connection broke. */
static void
does_not_believe_stale_statistics(void **state)
{
	struct liveness l = { 0 };

	(void)state;
	liveness_alive(&l);
	liveness_error(&l, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "", 1000000);
	assert_true(liveness_error(&l, RD_KAFKA_RESP_ERR__TRANSPORT, REFUSED, 1000000));
	assert_false(liveness_stats(&l, UP, 1000500));
	assert_false(l.up);
	assert_true(liveness_stats(&l, UP, 16000000));
	assert_true(l.up);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_each_change_once),
		cmocka_unit_test(does_not_believe_stale_statistics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
