/* Java's client properties as librdkafka's: what passes, what is refused, and how. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "kafka/props.h"

#define TLS "tests/vectors/tls/"
#define PLAIN "org.apache.kafka.common.security.plain.PlainLoginModule required "
#define SCRAM "org.apache.kafka.common.security.scram.ScramLoginModule required "
#define USER "username=\"u\" password=\"p;w\";"
#define DEFAULTS "enable.idempotence=true"

/* librdkafka 2.0.2 loses an EVP_PKEY and an X509 with each PKCS12 keystore it opens. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:CRYPTO_zalloc\n";
}

struct row {
	const char *props;   /* lines "key=value" */
	const char *set;     /* lines "name=value" of librdkafka; NULL: refused */
	const char *problem; /* a part of what is said; NULL: nothing is said */
};

static const struct row rows[] = {
	{ "",
	    DEFAULTS
	    "\nmessage.timeout.ms=0\npartitioner=murmur2_random\n"
	    "compression.codec=lz4\nbatch.size=262144\nsocket.timeout.ms=20000\n"
	    "log.queue=true\nstatistics.interval.ms=15000\nclient.id=headrace",
	    NULL },
	{ "bootstrap.servers= a:1,b:2 \nclient.id=x\nclient.rack=r",
	    "bootstrap.servers=a:1,b:2\nclient.id=x\nclient.rack=r", NULL },
	{ "batch.size=16384\nretry.backoff.ms=50\nreconnect.backoff.ms=10\n"
	  "reconnect.backoff.max.ms=60000",
	    "batch.size=16384\nretry.backoff.ms=50\nreconnect.backoff.ms=10\n"
	    "reconnect.backoff.max.ms=60000",
	    NULL },
	{ "batch.size=many", NULL, "batch.size: Invalid value" },
	{ "linger.ms=50", "queue.buffering.max.ms=1", NULL },
	{ "linger.ms=soon", NULL, "linger.ms: Invalid value soon" },
	{ "queue.buffering.max.ms=7", "queue.buffering.max.ms=7", NULL },
	{ "connections.max.idle.ms=-1", "connections.max.idle.ms=0", NULL },
	{ "send.buffer.bytes=-1\nreceive.buffer.bytes=65536",
	    "socket.send.buffer.bytes=0\nsocket.receive.buffer.bytes=65536", NULL },
	{ "max.request.size=2000000", "message.max.bytes=2000000", NULL },
	{ "max.request.size=10", NULL, "max.request.size: " },
	{ "buffer.memory=33554432", "queue.buffering.max.kbytes=131072", NULL },
	{ "buffer.memory=1048576", "queue.buffering.max.kbytes=65536", NULL },
	{ "buffer.memory=9223372036854775807", "queue.buffering.max.kbytes=2147483647",
	    NULL },
	{ "request.timeout.ms=5000", "socket.timeout.ms=5000\nrequest.timeout.ms=5000",
	    NULL },
	{ "delivery.timeout.ms=2147483647", "message.timeout.ms=0", NULL },
	{ "delivery.timeout.ms=0", "message.timeout.ms=0", "never give up" },
	{ "delivery.timeout.ms=120000", "message.timeout.ms=120000", "the task fails" },
	{ "metadata.max.age.ms=60000",
	    "topic.metadata.refresh.interval.ms=60000\nmetadata.max.age.ms=180000",
	    NULL },

	{ "compression.type=none", "compression.codec=none", NULL },
	{ "compression.type=gzip\ncompression.gzip.level=3\ncompression.zstd.level=19",
	    "compression.codec=gzip\ncompression.level=3", NULL },
	{ "compression.type=LZ4", "compression.codec=lz4", NULL },
	{ "compression.type=brotli", NULL, "compression.type: " },
	{ "partitioner.class=", "partitioner=murmur2_random", NULL },
	{ "partitioner.class=org.apache.kafka.clients.producer.internals."
	  "DefaultPartitioner",
	    "partitioner=murmur2_random", NULL },
	{ "partitioner.class=org.apache.kafka.clients.producer.RoundRobinPartitioner",
	    NULL, "only Kafka's default partitioner" },
	{ "partitioner.ignore.keys=true", "partitioner=random", NULL },
	{ "partitioner.ignore.keys=false", "partitioner=murmur2_random", NULL },

	{ "acks=all\nretries=2147483647", DEFAULTS "\nacks=-1", NULL },
	{ "acks=1",
	    "enable.idempotence=false\nacks=1\n"
	    "max.in.flight.requests.per.connection=1",
	    "acks: turns idempotence off" },
	{ "acks=0", "enable.idempotence=false\nacks=0", "may be lost" },
	{ "acks=1\nenable.idempotence=true", NULL, "acks: does not go with" },
	{ "max.in.flight.requests.per.connection=6",
	    "enable.idempotence=false\n"
	    "max.in.flight.requests.per.connection=6",
	    "turns idempotence off" },
	{ "max.in.flight.requests.per.connection=1",
	    DEFAULTS "\nmax.in.flight.requests.per.connection=1", NULL },
	{ "retries=0", "enable.idempotence=false\nretries=0", "turns idempotence off" },
	{ "enable.idempotence=false",
	    "enable.idempotence=false\nmax.in.flight.requests.per.connection=1", NULL },

	{ "key.serializer=x\nvalue.serializer=x\nmax.block.ms=1\nmetric.reporters=x\n"
	  "metrics.num.samples=2\nsasl.login.class=x\npartitioner.adaptive.partitioning."
	  "enable=x\n"
	  "enable.metrics.push=true\nretry.backoff.max.ms=1\nisolation.level=x",
	    DEFAULTS, NULL },
	{ "interceptor.classes=a.B", DEFAULTS, "interceptor.classes: is ignored" },
	{ "security.providers=a.B", DEFAULTS, "security.providers: is ignored" },
	{ "lingerms=5", DEFAULTS, "lingerms: is no property" },
	{ "compression.typ=lz4", DEFAULTS, "did you mean compression.type?" },
	{ "plugin.library.paths=/tmp/x.so", NULL,
	    "plugin.library.paths: is not allowed" },
	{ "sasl.kerberos.kinit.cmd=rm -rf /", NULL,
	    "is not allowed: it would run a shell" },
	{ "ssl.engine.location=x", NULL, "is not allowed" },
	{ "ssl.engine.factory.class=x", NULL, "is not allowed" },
	{ "ssl.providers=x", NULL, "is not allowed" },
	{ "test.mock.num.brokers=3", NULL, "is not allowed" },
	{ "dr_msg_cb=1", NULL, "is not allowed" },
	{ "opaque=1", NULL, "is not allowed" },
	{ "enabled_events=1", NULL, "is not allowed" },
	{ "interceptors=x", NULL, "is not allowed" },
	{ "log_level=7", NULL, "is not allowed" },
	{ "group.id=x", NULL, "is not allowed" },
	{ "transactional.id=x",
	    DEFAULTS "\ntransactional.id=", "transactional.id: is ignored" },
	{ "debug=all", NULL, "debug: is only allowed in a configuration file" },
	{ "enable.ssl.certificate.verification=false", NULL,
	    "only allowed in a configuration" },

	{ "security.protocol=ssl\nssl.endpoint.identification.algorithm=https",
	    "security.protocol=ssl\nssl.endpoint.identification.algorithm=https", NULL },
	{ "ssl.endpoint.identification.algorithm=", NULL,
	    "can only be switched off in a" },
	{ "ssl.cipher.suites=ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384",
	    "ssl.cipher.suites=ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384",
	    NULL },
	{ "ssl.cipher.suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", NULL, "OpenSSL's" },
	{ "ssl.enabled.protocols=TLSv1.2,TLSv1.3\nssl.protocol=TLSv1.3", DEFAULTS, NULL },
	{ "ssl.enabled.protocols=TLSv1.1, TLSv1.2", DEFAULTS, "is ignored: TLSv1.2" },
	{ "ssl.enabled.protocols=TLSv1.1", NULL, "TLSv1.2 and TLSv1.3 are what" },

	{ "ssl.truststore.location=" TLS "ca.pem\nssl.truststore.type=JKS",
	    "ssl.ca.location=" TLS "ca.pem", NULL },
	{ "ssl.truststore.location=" TLS "ca.p12\nssl.truststore.password=trustpass1\n"
	  "ssl.truststore.type=JKS",
	    DEFAULTS, NULL },
	{ "ssl.truststore.location=" TLS "ca.p12\nssl.truststore.password=wrong", NULL,
	    "is ssl.truststore.password right?" },
	{ "ssl.truststore.location=" TLS "ca.jks", NULL,
	    "ca.jks is a Java keystore (JKS), which OpenSSL can't read; convert it: "
	    "keytool" },
	{ "ssl.truststore.location=" TLS "README.md", NULL, "is neither PEM nor PKCS12" },
	{ "ssl.truststore.location=" TLS "absent", NULL, TLS "absent" },
	{ "ssl.keystore.location=" TLS "client.pem\nssl.key.password=keypass1",
	    "ssl.certificate.location=" TLS "client.pem\nssl.key.location=" TLS
	    "client.pem",
	    NULL },
	{ "ssl.keystore.key=x", NULL, "come together" },

	{ "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=" PLAIN
		USER,
	    "security.protocol=sasl_ssl\nsasl.mechanisms=PLAIN\nsasl.username=u\n"
	    "sasl.password=p;w",
	    NULL },
	{ "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=scram-sha-512\n"
	  "sasl.jaas.config=" SCRAM USER,
	    "sasl.mechanisms=SCRAM-SHA-512\nsasl.username=u", NULL },
	{ "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.username=u\nsasl."
	  "password=p",
	    "sasl.mechanisms=PLAIN\nsasl.username=u", NULL },
	{ "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN", NULL,
	    "sasl.jaas.config with username and password is missing" },
	{ "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-256\nsasl.jaas."
	  "config=" PLAIN USER,
	    NULL, "PlainLoginModule does not go with sasl.mechanism=SCRAM-SHA-256" },
	{ "security.protocol=SASL_SSL\nsasl.jaas.config=" PLAIN USER, NULL,
	    "sasl.mechanism=GSSAPI (which is the default)" },
	{ "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=" PLAIN
	  "username=\"u\"",
	    NULL, "not terminated by semi-colon" },
	{ "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=" PLAIN
	  "username=\"u\";",
	    NULL, "needs username and password" },
	{ "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=a.B "
	  "required;",
	    NULL, "not known" },
	{ "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-256\nsasl.jaas."
	  "config=" SCRAM "tokenauth=true " USER,
	    NULL, "tokenauth" },
	{ "sasl.mechanism=PLAIN\nsasl.jaas.config=" PLAIN USER, DEFAULTS,
	    "has no effect without security.protocol" },
};

static struct config *
parse(const char *lines, const char *file)
{
	struct config *c = config_new();
	struct str rest = str_of(lines), line;

	while (str_next(&rest, '\n', &line)) {
		const char *eq = memchr(line.p, '=', line.n);
		char *key = mem_strndup(line.p, (size_t)(eq - line.p));
		char *value = mem_strndup(eq + 1, line.n - (size_t)(eq + 1 - line.p));
		const struct config_entry e = {
			.key = key, .value = value, .file = file
		};

		config_put(c, &e);
		free(key);
		free(value);
	}
	return c;
}

static bool
is_set(const rd_kafka_conf_t *conf, struct str want)
{
	const char *eq = memchr(want.p, '=', want.n);
	char *name = mem_strndup(want.p, (size_t)(eq - want.p));
	struct str value = { eq + 1, want.n - (size_t)(eq + 1 - want.p) };
	char got[512] = "";
	size_t n = sizeof(got);
	bool same;

	if (rd_kafka_conf_get(conf, name, got, &n) == RD_KAFKA_CONF_OK)
		same = str_eq(str_of(got), value);
	else /* librdkafka says "unset" so */
		same = value.n == 0;
	free(name);
	return same;
}

static void
check(const struct row *row, const char *file)
{
	struct config *props = parse(row->props, file);
	struct problems *problems = problems_new();
	struct props_conf made;
	struct err err = { 0 };
	struct buf said = { 0 };
	struct str rest = str_of(row->set), line;

	int r = props_conf_make(props, PROPS_PRODUCER, NULL, problems, &made, &err);
	problems_print(problems, &said);
	if ((r == 0) != (row->set != NULL) || (r < 0 && err.kind != ERR_CONFIG))
		fail_msg("%s: %d %s %s", row->props, r, err.msg, buf_cstr(&said));
	if (row->problem == NULL && said.n > 0)
		fail_msg("%s: %s", row->props, buf_cstr(&said));
	if (row->problem != NULL && strstr(buf_cstr(&said), row->problem) == NULL)
		fail_msg(
		    "%s: not \"%s\" but %s", row->props, row->problem, buf_cstr(&said));
	if (strstr(buf_cstr(&said), "p;w") != NULL)
		fail_msg("%s: shows a secret: %s", row->props, buf_cstr(&said));
	while (r == 0 && str_next(&rest, '\n', &line))
		if (!is_set(made.conf, line))
			fail_msg("%s: not %.*s", row->props, STR_ARG(line));
	if (r == 0)
		props_conf_fini(&made);
	buf_fini(&said);
	problems_free(problems);
	config_free(props);
}

static void
translates_refuses_and_says_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check(&rows[i], NULL);
}

static void
warns_where_the_chain_of_a_store_stays_behind(void **state)
{
	const struct row row = {
		"ssl.keystore.location=" TLS "client.p12\nssl.keystore.password=storepass1",
		"ssl.keystore.location=" TLS "client.p12",
		rd_kafka_version() < 0x02080000 ? "sends no intermediate certificates" : NULL,
	};

	(void)state;
	check(&row, NULL);
}

static const struct row file_rows[] = {
	{ "debug=broker", "debug=broker", NULL },
	{ "enable.ssl.certificate.verification=false",
	    "enable.ssl.certificate.verification=false", NULL },
	{ "ssl.endpoint.identification.algorithm=",
	    "ssl.endpoint.identification.algorithm=none", NULL },
	{ "plugin.library.paths=/tmp/x.so", NULL,
	    "headrace.conf: error: plugin.library.paths" },
};

static void
allows_more_in_a_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(file_rows); i++)
		check(&file_rows[i], "headrace.conf");
}

/* Keys and passwords fit together only in rd_kafka_new. */
static const struct row handle_rows[] = {
	{ "security.protocol=SSL\nssl.truststore.location=" TLS "ca.p12\n"
	  "ssl.truststore.password=trustpass1\nssl.keystore.location=" TLS "client.pem\n"
	  "ssl.key.password=keypass1",
	    "", NULL },
	{ "security.protocol=SSL\nssl.truststore.location=" TLS "ca.p12\n"
	  "ssl.truststore.password=trustpass1\nssl.keystore.location=" TLS "client.p12\n"
	  "ssl.keystore.password=storepass1",
	    "", NULL },
	{ "security.protocol=SSL\nssl.truststore.location=" TLS "ca.pem\n"
	  "ssl.keystore.location=" TLS "client.pem\nssl.key.password=wrong1",
	    NULL, "ssl.key.password" },
	{ "security.protocol=SSL\nssl.keystore.location=" TLS "client.p12\n"
	  "ssl.keystore.password=wrong1",
	    NULL, "ssl.keystore" },
};

static rd_kafka_t *
make_handle(const char *lines, struct err *err)
{
	struct config *props = parse(lines, NULL);
	struct props_conf made;
	char why[256];

	if (props_conf_make(props, PROPS_PRODUCER, NULL, NULL, &made, err) < 0)
		fail_msg("%s: %s", lines, err->msg);
	rd_kafka_conf_t *conf = rd_kafka_conf_dup(made.conf);
	rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (rk == NULL) {
		rd_kafka_conf_destroy(conf);
		props_conf_explain(err, why);
	}
	props_conf_fini(&made);
	config_free(props);
	return rk;
}

static void
opens_stores_with_their_passwords(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(handle_rows); i++) {
		struct err err = { 0 };
		rd_kafka_t *rk = make_handle(handle_rows[i].props, &err);

		if ((rk != NULL) != (handle_rows[i].set != NULL) ||
		    (rk == NULL && strstr(err.msg, handle_rows[i].problem) == NULL))
			fail_msg("%s: %s", handle_rows[i].props, err.msg);
		if (rk != NULL)
			rd_kafka_destroy(rk);
	}
}

/* Texts in the properties, with a chain that goes through memory. */
static void
takes_a_chain_as_text(void **state)
{
	struct buf pem = { 0 };
	struct err err;
	struct config *props = config_new();
	struct props_conf made;
	char why[256];

	(void)state;
	if (io_read_file(TLS "client.pem", 100000, &pem, &err) < 0)
		fail_msg("%s", err.msg);
	char *key = strstr(buf_cstr(&pem), "-----BEGIN ENCRYPTED");
	config_set(props, "security.protocol", "SSL");
	config_set(props, "ssl.keystore.key", key);
	config_set(props, "ssl.key.password", "keypass1");
	*key = '\0';
	config_set(props, "ssl.keystore.certificate.chain", pem.p);
	if (props_conf_make(props, PROPS_PRODUCER, NULL, NULL, &made, &err) < 0)
		fail_msg("%s", err.msg);
	for (int i = 0; i < 2; i++) {
		rd_kafka_conf_t *conf = rd_kafka_conf_dup(made.conf);
		rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));

		if (rk == NULL)
			fail_msg("%s", why);
		rd_kafka_destroy(rk);
	}
	props_conf_fini(&made);
	config_free(props);
	buf_fini(&pem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(translates_refuses_and_says_why),
		cmocka_unit_test(warns_where_the_chain_of_a_store_stays_behind),
		cmocka_unit_test(allows_more_in_a_file),
		cmocka_unit_test(opens_stores_with_their_passwords),
		cmocka_unit_test(takes_a_chain_as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
