/*
 * The allow list of client properties, a row each, and the defaults.  Rows without a
 * function pass the value on; others translate, refuse or ignore it.
 */
#include "kafka/props.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/mem.h"
#include "kafka/sasl.h"
#include "kafka/tls.h"
#include "kafka/translate.h"

#define P PROPS_PRODUCER
#define R PROPS_READER
#define A PROPS_ADMIN
#define ALL (P | R | A)

/* More than any window of a task: 50,000 records, 16 MiB. */
#define QUEUE_KBYTES 65536
#define WINDOW_BYTES (16 * 1024 * 1024)

struct row {
	const char *name;
	unsigned clients; /* of others the value is nobody's business */
	void (*translate)(
	    struct translate *, const struct config_entry *, const struct row *);
	const char *ours; /* librdkafka's name, NULL: the same */
	const char *why;  /* for those refused or ignored */
};

/* ---- translations ---- */

static void
pass(struct translate *t, const struct config_entry *e, const struct row *row)
{
	translate_set(
	    t, e, row->ours != NULL ? row->ours : row->name, translate_trimmed(t, e));
}

/* Its value may have blanks at its ends. */
static void
pass_secret(struct translate *t, const struct config_entry *e, const struct row *row)
{
	translate_set(t, e, row->ours != NULL ? row->ours : row->name, e->value);
}

/* For another function, which sees several together. */
static void
elsewhere(struct translate *t, const struct config_entry *e, const struct row *row)
{
	(void)t, (void)e, (void)row;
}

static void
silent(struct translate *t, const struct config_entry *e, const struct row *row)
{
	(void)row;
	log_debug(t->ctx, "%s has no meaning here and is ignored", e->written);
}

static void
ignore(struct translate *t, const struct config_entry *e, const struct row *row)
{
	translate_warn(t, e, "is ignored: %s", row->why);
}

static void
refuse(struct translate *t, const struct config_entry *e, const struct row *row)
{
	translate_error(t, e, "is not allowed: %s", row->why);
}

/* Who can write a file here may do what the REST interface may not. */
static void
file_only(struct translate *t, const struct config_entry *e, const struct row *row)
{
	if (e->file != NULL)
		pass(t, e, row);
	else
		translate_error(t, e, "is only allowed in a configuration file");
}

static bool
number(struct translate *t, const struct config_entry *e, int64_t min, int64_t *out)
{
	if (str_to_i64(str_trim(str_of(e->value)), min, INT64_MAX, out))
		return true;
	translate_error(t, e, "Invalid value %s: not a number of at least %lld",
	    e->secret ? "[hidden]" : e->value, (long long)min);
	return false;
}

static void
owners(struct translate *t, const struct config_entry *e, const struct row *row)
{
	int64_t n;

	(void)row;
	number(t, e, 0, &n);
}

static void
buffer_memory(struct translate *t, const struct config_entry *e, const struct row *row)
{
	int64_t n;

	(void)row;
	if (!number(t, e, 0, &n) || n <= WINDOW_BYTES)
		return;
	int64_t kbytes = n > INT64_MAX / 2 ? INT_MAX : n / 1024 * 2 + QUEUE_KBYTES;
	translate_set(t, e, "queue.buffering.max.kbytes",
	    arena_printf(
		t->mem, "%lld", (long long)(kbytes > INT_MAX ? INT_MAX : kbytes)));
}

static void
delivery_timeout(struct translate *t, const struct config_entry *e, const struct row *row)
{
	int64_t ms;

	(void)row;
	if (!number(t, e, 0, &ms))
		return;
	if (ms == 0)
		translate_warn(t, e, "0 means here: never give up");
	else if (ms < INT_MAX)
		translate_warn(t, e,
		    "the task fails when Kafka is away for longer than that; 2147483647, "
		    "the default, waits for ever");
	translate_set(t, e, "message.timeout.ms",
	    ms >= INT_MAX ? "0" : arena_printf(t->mem, "%lld", (long long)ms));
}

/* librdkafka's own request.timeout.ms is only the broker's time for acknowledgements. */
static void
request_timeout(struct translate *t, const struct config_entry *e, const struct row *row)
{
	(void)row;
	translate_set(t, e, "socket.timeout.ms", translate_trimmed(t, e));
	if (t->client == PROPS_PRODUCER)
		translate_set(t, e, "request.timeout.ms", translate_trimmed(t, e));
}

/* librdkafka's own metadata.max.age.ms is a limit of its cache. */
static void
metadata_age(struct translate *t, const struct config_entry *e, const struct row *row)
{
	int64_t ms;

	(void)row;
	if (!number(t, e, 0, &ms))
		return;
	translate_set(
	    t, e, "topic.metadata.refresh.interval.ms", translate_trimmed(t, e));
	translate_set(t, e, "metadata.max.age.ms",
	    arena_printf(t->mem, "%lld",
		(long long)(ms > 28800000 ? 86400000
			    : ms < 1      ? 1
					  : 3 * ms)));
}

static void
minus_one_is_zero(
    struct translate *t, const struct config_entry *e, const struct row *row)
{
	const char *value = translate_trimmed(t, e);

	translate_set(t, e, row->ours != NULL ? row->ours : row->name,
	    strcmp(value, "-1") == 0 ? "0" : value);
}

static void
compression(struct translate *t, const struct config_entry *e, const struct row *row)
{
	const char *codec = translate_trimmed(t, e);
	const char *key = arena_printf(t->mem, "compression.%s.level", codec);
	const struct config_entry *level = config_find(t->props, key);

	(void)row;
	translate_set(t, e, "compression.codec", codec);
	if (level != NULL)
		translate_set(t, level, "compression.level", translate_trimmed(t, level));
}

static bool
is_true(const struct config *props, const char *key)
{
	const char *value = config_get(props, key);

	return value != NULL && str_ieq_c(str_trim(str_of(value)), "true");
}

static void
partitioner(struct translate *t, const struct config_entry *e, const struct row *row)
{
	struct str class = str_trim(str_of(e->value));

	(void)row;
	if (class.n > 0 && !str_ends(class, "DefaultPartitioner"))
		translate_error(t, e,
		    "only Kafka's default partitioner is supported (null, or the class "
		    "DefaultPartitioner)");
}

static void
ignore_keys(struct translate *t, const struct config_entry *e, const struct row *row)
{
	(void)row;
	if (is_true(t->props, e->key))
		translate_set(t, e, "partitioner", "random");
}

static void
endpoint_check(struct translate *t, const struct config_entry *e, const struct row *row)
{
	const char *value = translate_trimmed(t, e);

	(void)row;
	if (value[0] != '\0' && strcasecmp(value, "none") != 0)
		translate_set(t, e, "ssl.endpoint.identification.algorithm", value);
	else if (e->file != NULL)
		translate_set(t, e, "ssl.endpoint.identification.algorithm", "none");
	else
		translate_error(t, e,
		    "the check of the broker's name can only be switched off in a "
		    "configuration file");
}

static void
ciphers(struct translate *t, const struct config_entry *e, const struct row *row)
{
	const char *value = translate_trimmed(t, e);

	(void)row;
	if (strncmp(value, "TLS_", 4) == 0 || strstr(value, "_WITH_") != NULL ||
	    strchr(value, ',') != NULL)
		translate_error(t, e,
		    "Java's names of cipher suites are not known here; give OpenSSL's, "
		    "separated by ':' (openssl ciphers), or leave it out");
	else
		translate_set(t, e, "ssl.cipher.suites", value);
}

static void
tls_versions(struct translate *t, const struct config_entry *e, const struct row *row)
{
	struct str rest = str_of(e->value), piece;
	bool new = false, other = false;

	(void)row;
	while (str_next(&rest, ',', &piece)) {
		piece = str_trim(piece);
		if (str_eq_c(piece, "TLSv1.2") || str_eq_c(piece, "TLSv1.3"))
			new = true;
		else
			other = true;
	}
	if (!new)
		translate_error(t, e, "TLSv1.2 and TLSv1.3 are what is spoken here");
	else if (other)
		translate_warn(t, e, "is ignored: TLSv1.2 and TLSv1.3 are spoken");
}

static void
transactional_id(struct translate *t, const struct config_entry *e, const struct row *row)
{
	(void)row;
	translate_warn(
	    t, e, "is ignored: the name follows from group.id, connector and task");
}

/* ---- the list ---- */

static const struct row rows[] = {
	{ "bootstrap.servers", ALL, pass, NULL, NULL },
	{ "client.id", ALL, pass, NULL, NULL },
	{ "client.rack", ALL, pass, NULL, NULL },
	{ "acks", P, elsewhere, NULL, NULL },
	{ "enable.idempotence", P, elsewhere, NULL, NULL },
	{ "max.in.flight.requests.per.connection", P, elsewhere, NULL, NULL },
	{ "retries", P, elsewhere, NULL, NULL },
	{ "linger.ms", P, owners, NULL, NULL },
	{ "batch.size", P, pass, NULL, NULL },
	{ "retry.backoff.ms", ALL, pass, NULL, NULL },
	{ "transaction.timeout.ms", P, pass, NULL, NULL },
	{ "reconnect.backoff.ms", ALL, pass, NULL, NULL },
	{ "reconnect.backoff.max.ms", ALL, pass, NULL, NULL },
	{ "connections.max.idle.ms", ALL, minus_one_is_zero, NULL, NULL },
	{ "socket.connection.setup.timeout.ms", ALL, pass, NULL, NULL },
	{ "delivery.timeout.ms", P, delivery_timeout, NULL, NULL },
	{ "request.timeout.ms", ALL, request_timeout, NULL, NULL },
	{ "max.request.size", P, pass, "message.max.bytes", NULL },
	{ "buffer.memory", P, buffer_memory, NULL, NULL },
	{ "compression.type", P, compression, NULL, NULL },
	{ "compression.codec", P, compression, NULL, NULL },
	{ "compression.gzip.level", P, elsewhere, NULL, NULL },
	{ "compression.lz4.level", P, elsewhere, NULL, NULL },
	{ "compression.snappy.level", P, elsewhere, NULL, NULL },
	{ "compression.zstd.level", P, elsewhere, NULL, NULL },
	{ "compression.level", P, pass, NULL, NULL },
	{ "metadata.max.age.ms", ALL, metadata_age, NULL, NULL },
	{ "send.buffer.bytes", ALL, minus_one_is_zero, "socket.send.buffer.bytes", NULL },
	{ "receive.buffer.bytes", ALL, minus_one_is_zero, "socket.receive.buffer.bytes",
	    NULL },
	{ "partitioner.class", P, partitioner, NULL, NULL },
	{ "partitioner.ignore.keys", P, ignore_keys, NULL, NULL },
	{ "message.max.bytes", P, pass, NULL, NULL },
	{ "message.timeout.ms", P, delivery_timeout, NULL, NULL },
	{ "sticky.partitioning.linger.ms", P, pass, NULL, NULL },
	{ "queue.buffering.max.messages", P, pass, NULL, NULL },
	{ "queue.buffering.max.kbytes", P, pass, NULL, NULL },
	{ "queue.buffering.max.ms", P, pass, NULL, NULL },
	{ "queue.buffering.backpressure.threshold", P, pass, NULL, NULL },
	{ "socket.timeout.ms", ALL, pass, NULL, NULL },
	{ "socket.send.buffer.bytes", ALL, pass, NULL, NULL },
	{ "socket.receive.buffer.bytes", ALL, pass, NULL, NULL },
	{ "socket.keepalive.enable", ALL, pass, NULL, NULL },
	{ "socket.nagle.disable", ALL, pass, NULL, NULL },
	{ "socket.max.fails", ALL, pass, NULL, NULL },
	{ "broker.address.ttl", ALL, pass, NULL, NULL },
	{ "broker.address.family", ALL, pass, NULL, NULL },
	{ "topic.metadata.refresh.interval.ms", ALL, pass, NULL, NULL },
	{ "topic.metadata.refresh.fast.interval.ms", ALL, pass, NULL, NULL },
	{ "topic.metadata.refresh.sparse", ALL, pass, NULL, NULL },
	{ "topic.metadata.propagation.max.ms", ALL, pass, NULL, NULL },

	{ "isolation.level", R, silent, NULL, NULL },
	{ "auto.offset.reset", R, silent, NULL, NULL },
	{ "group.instance.id", R, silent, NULL, NULL },
	{ "session.timeout.ms", R, silent, NULL, NULL },
	{ "heartbeat.interval.ms", R, silent, NULL, NULL },
	{ "max.poll.interval.ms", R, silent, NULL, NULL },
	{ "fetch.max.bytes", R, silent, NULL, NULL },
	{ "max.partition.fetch.bytes", R, silent, NULL, NULL },
	{ "fetch.max.wait.ms", R, silent, NULL, NULL },
	{ "fetch.min.bytes", R, silent, NULL, NULL },
	{ "enable.auto.commit", R, silent, NULL, NULL },
	{ "check.crcs", R, pass, NULL, NULL },

	{ "security.protocol", ALL, pass, NULL, NULL },
	{ "ssl.endpoint.identification.algorithm", ALL, endpoint_check, NULL, NULL },
	{ "ssl.cipher.suites", ALL, ciphers, NULL, NULL },
	{ "ssl.enabled.protocols", ALL, tls_versions, NULL, NULL },
	{ "ssl.truststore.location", ALL, elsewhere, NULL, NULL },
	{ "ssl.truststore.password", ALL, elsewhere, NULL, NULL },
	{ "ssl.truststore.type", ALL, elsewhere, NULL, NULL },
	{ "ssl.truststore.certificates", ALL, elsewhere, NULL, NULL },
	{ "ssl.keystore.location", ALL, elsewhere, NULL, NULL },
	{ "ssl.keystore.password", ALL, elsewhere, NULL, NULL },
	{ "ssl.keystore.type", ALL, elsewhere, NULL, NULL },
	{ "ssl.keystore.certificate.chain", ALL, elsewhere, NULL, NULL },
	{ "ssl.keystore.key", ALL, elsewhere, NULL, NULL },
	{ "ssl.key.password", ALL, elsewhere, NULL, NULL },
	{ "ssl.ca.location", ALL, pass, NULL, NULL },
	{ "ssl.ca.pem", ALL, pass_secret, NULL, NULL },
	{ "ssl.certificate.location", ALL, pass, NULL, NULL },
	{ "ssl.certificate.pem", ALL, pass_secret, NULL, NULL },
	{ "ssl.key.location", ALL, pass, NULL, NULL },
	{ "ssl.key.pem", ALL, pass_secret, NULL, NULL },
	{ "ssl.crl.location", ALL, pass, NULL, NULL },
	{ "enable.ssl.certificate.verification", ALL, file_only, NULL, NULL },
	{ "debug", ALL, file_only, NULL, NULL },

	{ "sasl.mechanism", ALL, elsewhere, NULL, NULL },
	{ "sasl.mechanisms", ALL, elsewhere, NULL, NULL },
	{ "sasl.jaas.config", ALL, elsewhere, NULL, NULL },
	{ "sasl.username", ALL, pass_secret, NULL, NULL },
	{ "sasl.password", ALL, pass_secret, NULL, NULL },
	{ "sasl.kerberos.service.name", ALL, pass, NULL, NULL },

	/* Ignored without a word. */
	{ "key.serializer", ALL, silent, NULL, NULL },
	{ "value.serializer", ALL, silent, NULL, NULL },
	{ "key.deserializer", ALL, silent, NULL, NULL },
	{ "value.deserializer", ALL, silent, NULL, NULL },
	{ "max.block.ms", ALL, silent, NULL, NULL },
	{ "max.poll.records", ALL, silent, NULL, NULL },
	{ "default.api.timeout.ms", ALL, silent, NULL, NULL },
	{ "metric*", ALL, silent, NULL, NULL },
	{ "auto.include.jmx.reporter", ALL, silent, NULL, NULL },
	{ "metadata.max.idle.ms", ALL, silent, NULL, NULL },
	{ "partitioner.adaptive.*", ALL, silent, NULL, NULL },
	{ "partitioner.availability.timeout.ms", ALL, silent, NULL, NULL },
	{ "socket.connection.setup.timeout.max.ms", ALL, silent, NULL, NULL },
	{ "sasl.kerberos.ticket.renew.*", ALL, silent, NULL, NULL },
	{ "sasl.kerberos.min.time.before.relogin", ALL, silent, NULL, NULL },
	{ "sasl.login.*", ALL, silent, NULL, NULL },
	{ "ssl.protocol", ALL, silent, NULL, NULL },
	{ "ssl.provider", ALL, silent, NULL, NULL },
	{ "ssl.keymanager.algorithm", ALL, silent, NULL, NULL },
	{ "ssl.trustmanager.algorithm", ALL, silent, NULL, NULL },
	{ "ssl.secure.random.implementation", ALL, silent, NULL, NULL },
	{ "enable.metrics.push", ALL, silent, NULL, NULL },
	{ "retry.backoff.max.ms", ALL, silent, NULL, NULL },
	{ "client.dns.lookup", ALL, silent, NULL, NULL },
	{ "metadata.recovery.*", ALL, silent, NULL, NULL },

	{ "interceptor.classes", ALL, ignore, NULL, "Java classes cannot be loaded" },
	{ "security.providers", ALL, ignore, NULL, "Java classes cannot be loaded" },
	{ "sasl.client.callback.handler.class", ALL, ignore, NULL,
	    "Java classes cannot be loaded" },

	{ "plugin.library.paths", ALL, refuse, NULL, "it would load foreign code" },
	{ "sasl.kerberos.kinit.cmd", ALL, refuse, NULL, "it would run a shell command" },
	{ "ssl.engine.*", ALL, refuse, NULL, "it would load foreign code" },
	{ "ssl.providers", ALL, refuse, NULL, "it would load foreign code" },
	{ "interceptors", ALL, refuse, NULL, "it is internal" },
	{ "*_cb", ALL, refuse, NULL, "it is internal" },
	{ "opaque", ALL, refuse, NULL, "it is internal" },
	{ "enabled_events", ALL, refuse, NULL, "it is internal" },
	{ "log_level", ALL, refuse, NULL, "headrace's log decides" },
	{ "test.mock.*", ALL, refuse, NULL, "it is internal" },
	{ "group.id", ALL, refuse, NULL, "headrace chooses its groups" },
	{ "transactional.id", ALL, transactional_id, NULL, NULL },
};

static bool
row_matches(const struct row *row, struct str key)
{
	size_t n = strlen(row->name);

	if (row->name[0] == '*')
		return str_ends(key, row->name + 1);
	if (row->name[n - 1] == '*')
		return key.n >= n - 1 && memcmp(key.p, row->name, n - 1) == 0;
	return str_eq_c(key, row->name);
}

static void
unknown(struct translate *t, const struct config_entry *e)
{
	const char *names[ARRAY_LEN(rows)];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strchr(rows[i].name, '*') == NULL)
			names[n++] = rows[i].name;
	const char *near = str_nearest(str_of(e->key), names, n);
	translate_warn(t, e,
	    "is no property of Kafka clients known here and has no effect%s%s%s",
	    near != NULL ? "; did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "");
}

static void
translate_entry(struct translate *t, const struct config_entry *e)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!row_matches(&rows[i], str_of(e->key)))
			continue;
		if ((rows[i].clients & t->client) != 0)
			rows[i].translate(t, e, &rows[i]);
		return;
	}
	unknown(t, e);
}

/* ---- idempotence ---- */

/* What the user wrote that idempotence does not go with; NULL: nothing. */
static const struct config_entry *
against_idempotence(const struct config *props)
{
	const struct config_entry *e = config_find(props, "acks");
	int64_t n;

	if (e != NULL) {
		struct str acks = str_trim(str_of(e->value));

		if (!str_ieq_c(acks, "all") && !str_eq_c(acks, "-1"))
			return e;
	}
	e = config_find(props, "max.in.flight.requests.per.connection");
	if (e != NULL && str_to_i64(str_trim(str_of(e->value)), 6, INT64_MAX, &n))
		return e;
	e = config_find(props, "retries");
	if (e != NULL && str_to_i64(str_trim(str_of(e->value)), 0, 0, &n))
		return e;
	return NULL;
}

static void
pass_if_there(struct translate *t, const char *key)
{
	const struct config_entry *e = config_find(t->props, key);

	if (e != NULL)
		translate_set(t, e, key, translate_trimmed(t, e));
}

static void
idempotence(struct translate *t)
{
	const struct config_entry *wish = config_find(t->props, "enable.idempotence");
	const struct config_entry *against = against_idempotence(t->props);
	bool on = wish == NULL || is_true(t->props, "enable.idempotence");

	if (on && against != NULL && wish != NULL) {
		translate_error(t, against, "does not go with enable.idempotence=true");
		return;
	}
	if (on && against != NULL)
		translate_warn(t, against,
		    "turns idempotence off: records may come twice after a broken "
		    "connection");
	if (!on || against != NULL) {
		translate_set(t, wish, "enable.idempotence", "false");
		translate_set(t, NULL, "max.in.flight.requests.per.connection", "1");
	}
	pass_if_there(t, "max.in.flight.requests.per.connection");
	pass_if_there(t, "retries");
	pass_if_there(t, "acks");

	const char *acks = config_get(t->props, "acks");
	if (acks != NULL && str_eq_c(str_trim(str_of(acks)), "0"))
		translate_warn(t, config_find(t->props, "acks"),
		    "Kafka confirms nothing with acks=0: records may be lost");
}

/* ---- defaults ---- */

struct setting {
	unsigned clients;
	const char *name, *value;
};

static const struct setting defaults[] = {
	{ ALL, "log.queue", "true" },
	/* Also tells of connections that a broker closes at once (liveness.c). */
	{ ALL, "log.connection.close", "true" },
	{ ALL, "statistics.interval.ms", "15000" },
	{ ALL, "socket.timeout.ms", "20000" },
	{ ALL, "socket.keepalive.enable", "true" },
	{ ALL, "socket.nagle.disable", "true" },
	{ ALL, "reconnect.backoff.max.ms", "10000" },
	{ ALL, "receive.message.max.bytes", "5000000" },
	{ ALL, "client.id", "headrace" },
	{ P, "enable.idempotence", "true" },
	{ P, "message.timeout.ms", "0" },
	{ P, "partitioner", "murmur2_random" },
	{ P, "linger.ms", "1" },
	{ P, "compression.codec", "lz4" },
	{ P, "batch.size", "262144" },
	{ P, "queue.buffering.max.messages", "200000" },
	{ P, "queue.buffering.max.kbytes", "65536" },
	{ P, "message.max.bytes", "1048576" },
	{ R, "group.id", "headrace-reader" },
	{ R, "enable.partition.eof", "true" },
	{ R, "isolation.level", "read_committed" },
	{ R, "auto.offset.reset", "earliest" },
	{ R, "enable.auto.commit", "false" },
	{ R, "fetch.wait.max.ms", "100" },
	{ R, "queued.max.messages.kbytes", "1024" },
	{ R, "fetch.message.max.bytes", "262144" },
	{ R, "fetch.max.bytes", "4000000" },
};

int
props_conf_make(const struct config *props, enum props_client client,
    const struct log_ctx *ctx, struct problems *problems, struct props_conf *out,
    struct err *err)
{
	struct translate t = {
		.props = props,
		.client = client,
		.ctx = ctx,
		.problems = problems,
		.err = err,
		.conf = rd_kafka_conf_new(),
		.mem = arena_new(1024),
		.chain_fd = -1,
	};
	const struct config_entry *e;

	for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
		if ((defaults[i].clients & client) != 0)
			translate_set(&t, NULL, defaults[i].name, defaults[i].value);
	for (size_t i = 0; (e = config_each(props, &i)) != NULL;)
		translate_entry(&t, e);
	if (client == PROPS_PRODUCER)
		idempotence(&t);
	tls_translate(&t);
	sasl_translate(&t);
	arena_free(t.mem);

	*out = (struct props_conf) { t.conf, t.chain_fd };
	if (!t.failed)
		return 0;
	props_conf_fini(out);
	return -1;
}

void
props_conf_fini(struct props_conf *c)
{
	if (c->conf != NULL)
		rd_kafka_conf_destroy(c->conf);
	if (c->chain_fd >= 0)
		close(c->chain_fd);
	*c = (struct props_conf) { NULL, -1 };
}

int
props_conf_explain(struct err *err, const char *why)
{
	const char *advice = "";

	if (strstr(why, "ssl.key") != NULL || strstr(why, "PEM lib") != NULL ||
	    strstr(why, "bad decrypt") != NULL || strstr(why, "pkcs12") != NULL)
		advice = "; check ssl.keystore.* and ssl.key.password: are they the "
			 "right files "
			 "and passwords?";
	else if (strstr(why, "ssl.ca") != NULL)
		advice = "; check ssl.truststore.*";
	return err_set(err, ERR_CONFIG, "Kafka client: %s%s", why, advice);
}
