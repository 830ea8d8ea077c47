/*
 * The MQTT source: headrace.MqttSource and the Lenses MQTT source under its old and
 * new name, with the same keys (MqttConfig.scala of stream-reactor 11.7.2).  Turns a
 * configuration into tasks; knows nothing of how a task works.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/regex.h"
#include "base/topic.h"
#include "connect/connector.h"
#include "connect/connector_common.h"
#include "convert/payload.h"
#include "kcql/kcql.h"

struct mqtt_source {
	struct connector_common common;
	struct opt_list hosts;
	const char *kcql;
	int32_t qos;
	const char *user, *password;
	const char *client_id;
	int32_t timeout_s, keep_alive_s;
	bool clean;
	bool share_replicate;
	bool throw_on_error;
	bool log_message;
	bool process_duplicates;
	const char *version;
	const char *engine;
	const char *durability;
	const char *key;
	bool strict_lenses;
	int32_t linger_ms;
	int32_t window_messages;
	int64_t window_bytes;
	int64_t max_packet_bytes;
	int32_t receive_maximum;
	const char *unused; /* where accepted texts without effect go */
	int32_t unused_int;
	bool unused_bool;
};

static const char *const qos_texts[] = { "0", "1", "2", NULL };
static const char *const versions[] = { "auto", "3.1.1", NULL };
static const char *const engines[] = { "direct", NULL };
static const char *const durabilities[] = { "kafka", "spill", NULL };
static const char *const keys[] = { "lenses", "topic", NULL };

static int
not_blank(const char *value, struct err *err)
{
	if (str_trim(str_of(value)).n == 0)
		return err_set(err, ERR_CONFIG, "String must be non-empty");
	return 0;
}

static int
valid_qos(const char *value, struct err *err)
{
	for (size_t i = 0; qos_texts[i] != NULL; i++)
		if (strcmp(value, qos_texts[i]) == 0)
			return 0;
	return err_set(err, ERR_CONFIG,
	    "connect.mqtt.service.quality is not valid. Can be 0,1 or 2");
}

static const struct opt options[] = {
	{ .name = "connect.mqtt.hosts",
	    OPT_LIST(struct mqtt_source, hosts),
	    .required = true,
	    .importance = OPT_HIGH,
	    .group = "MQTT",
	    .validate = not_blank,
	    .doc =
		"Brokers to try in this order: tcp://host:port or unix:///path, between "
		"commas." },
	{ .name = "connect.mqtt.kcql",
	    OPT_STRING(struct mqtt_source, kcql),
	    .required = true,
	    .importance = OPT_HIGH,
	    .group = "MQTT",
	    .validate = not_blank,
	    .old_name = "connect.mqtt.source.kcql",
	    .doc =
		"KCQL statements between semicolons: which topic filters are subscribed "
		"and which Kafka topics they go to." },
	{ .name = "connect.mqtt.service.quality",
	    OPT_INT(struct mqtt_source, qos),
	    .def = "1",
	    .importance = OPT_MEDIUM,
	    .group = "MQTT",
	    .validate = valid_qos,
	    .doc = "QoS of all subscriptions: 0, 1 or 2." },
	{ .name = "connect.mqtt.username",
	    OPT_STRING(struct mqtt_source, user),
	    .importance = OPT_HIGH,
	    .group = "MQTT",
	    .old_name = "connect.mqtt.user",
	    .doc = "User name for the broker." },
	{ .name = "connect.mqtt.password",
	    OPT_PASSWORD(struct mqtt_source, password),
	    .importance = OPT_HIGH,
	    .group = "MQTT",
	    .doc = "Password for the broker." },
	{ .name = "connect.mqtt.client.id",
	    OPT_STRING(struct mqtt_source, client_id),
	    .importance = OPT_LOW,
	    .group = "MQTT",
	    .doc =
		"MQTT client identifier; headrace-<connector> when absent.  With several "
		"tasks -<task> is added." },
	{ .name = "connect.mqtt.timeout",
	    OPT_INT(struct mqtt_source, timeout_s),
	    .def = "30",
	    .min = 1,
	    .max = 3600,
	    .unit = "s",
	    .importance = OPT_LOW,
	    .group = "MQTT",
	    .old_name = "connect.mqtt.connection.timeout",
	    .doc = "How long one attempt to connect may take." },
	{ .name = "connect.mqtt.keep.alive",
	    OPT_INT(struct mqtt_source, keep_alive_s),
	    .def = "60",
	    .min = 0,
	    .max = 65535,
	    .unit = "s",
	    .importance = OPT_LOW,
	    .group = "MQTT",
	    .doc = "Keep-alive interval; 0 turns it off." },
	{ .name = "connect.mqtt.clean",
	    OPT_BOOLEAN(struct mqtt_source, clean),
	    .importance = OPT_LOW,
	    .group = "MQTT",
	    .doc =
		"Clean session: what is published while the task is away is lost.  When "
		"absent: false for headrace.MqttSource with QoS 1 or 2, true for the "
		"Lenses class names." },
	{ .name = "connect.mqtt.share.replicate",
	    OPT_BOOLEAN(struct mqtt_source, share_replicate),
	    .def = "false",
	    .importance = OPT_LOW,
	    .group = "MQTT",
	    .doc = "Statements with $share/ go to every task." },
	{ .name = "connect.mqtt.converter.throw.on.error",
	    OPT_BOOLEAN(struct mqtt_source, throw_on_error),
	    .def = "false",
	    .importance = OPT_HIGH,
	    .group = "Errors",
	    .doc = "Lenses class names: whether a payload that cannot be converted fails "
		   "the "
		   "task when errors.tolerance is not written." },
	{ .name = "connect.mqtt.log.message",
	    OPT_BOOLEAN(struct mqtt_source, log_message),
	    .def = "false",
	    .importance = OPT_MEDIUM,
	    .group = "Errors",
	    .doc = "Log topic, id and DUP of each message at DEBUG." },
	{ .name = "connect.mqtt.process.duplicates",
	    OPT_BOOLEAN(struct mqtt_source, process_duplicates),
	    .def = "true",
	    .importance = OPT_LOW,
	    .group = "MQTT",
	    .doc = "Messages with DUP are always processed; false drops them only with "
		   "headrace.strict.lenses." },
	{ .name = "connect.mqtt.polling.timeout",
	    OPT_INT(struct mqtt_source, unused_int),
	    .importance = OPT_LOW,
	    .group = "MQTT",
	    .ignored = "nothing is polled",
	    .doc = "Accepted, no effect." },
	{ .name = "connect.progress.enabled",
	    OPT_BOOLEAN(struct mqtt_source, unused_bool),
	    .importance = OPT_MEDIUM,
	    .group = "Errors",
	    .ignored = "progress is logged once a minute at INFO anyway",
	    .doc = "Accepted, no effect." },
	{ .name = "headrace.linger.ms",
	    OPT_INT(struct mqtt_source, linger_ms),
	    .def = "20",
	    .min = 0,
	    .max = 10000,
	    .unit = "ms",
	    .importance = OPT_MEDIUM,
	    .group = "Window",
	    .doc = "How long messages gather before they are read and sent together; 0 "
		   "sends "
		   "each at once.  producer.override.linger.ms sets it too." },
	{ .name = "headrace.window.messages",
	    OPT_INT(struct mqtt_source, window_messages),
	    .def = "50000",
	    .min = 1,
	    .max = 1000000,
	    .importance = OPT_MEDIUM,
	    .group = "Window",
	    .doc = "Messages that may wait for Kafka before reading from MQTT pauses." },
	{ .name = "headrace.window.bytes",
	    OPT_BYTES(struct mqtt_source, window_bytes),
	    .def = "16MiB",
	    .min = 65536,
	    .max = INT64_C(1) << 32,
	    .unit = "bytes",
	    .importance = OPT_MEDIUM,
	    .group = "Window",
	    .doc = "The same in bytes." },
	{ .name = "headrace.mqtt.max.packet.bytes",
	    OPT_BYTES(struct mqtt_source, max_packet_bytes),
	    .def = "4MiB",
	    .min = 1024,
	    .max = 268435455,
	    .unit = "bytes",
	    .importance = OPT_LOW,
	    .group = "MQTT",
	    .doc = "Longest PUBLISH that is taken; a longer one is a record error." },
	{ .name = "headrace.mqtt.version",
	    OPT_STRING(struct mqtt_source, version),
	    .values = versions,
	    .importance = OPT_LOW,
	    .group = "MQTT",
	    .doc = "Protocol version: 3.1.1; auto takes the highest that this version of "
		   "headrace speaks, which is 3.1.1." },
	{ .name = "headrace.mqtt.receive.maximum",
	    OPT_INT(struct mqtt_source, receive_maximum),
	    .def = "1000",
	    .min = 1,
	    .max = 65535,
	    .importance = OPT_LOW,
	    .group = "MQTT",
	    .doc = "MQTT 5: messages the broker may send without acknowledgement." },
	{ .name = "headrace.mqtt.engine",
	    OPT_STRING(struct mqtt_source, engine),
	    .def = "direct",
	    .values = engines,
	    .importance = OPT_LOW,
	    .group = "MQTT",
	    .doc = "How MQTT is received." },
	{ .name = "headrace.durability",
	    OPT_STRING(struct mqtt_source, durability),
	    .def = "kafka",
	    .values = durabilities,
	    .importance = OPT_HIGH,
	    .group = "Window",
	    .doc =
		"When a message is safe enough to be acknowledged: kafka, once Kafka has "
		"confirmed it.  spill (to disk while Kafka is away) is accepted and "
		"works "
		"as kafka in this version, with a warning." },
	{ .name = "headrace.key",
	    OPT_STRING(struct mqtt_source, key),
	    .def = "lenses",
	    .values = keys,
	    .importance = OPT_MEDIUM,
	    .group = "Records",
	    .doc =
		"Key of records without WITHKEY: lenses, a struct of topic and packet "
		"id; "
		"topic, the MQTT topic as text, which keeps the order of each topic." },
	{ .name = "headrace.strict.lenses",
	    OPT_BOOLEAN(struct mqtt_source, strict_lenses),
	    .def = "false",
	    .importance = OPT_LOW,
	    .group = "Records",
	    .doc =
		"Reproduce the Lenses connector also where it loses or changes data." },
	{ 0 },
};

/* Keys that other plugins or Connect's framework read; prefixes end with '.'. */
static const char *const prefixes[] = { "producer.override.", "consumer.override.",
	"admin.override.", "topic.creation.", "transforms.", "predicates.",
	"key.converter.", "value.converter.", "header.converter.",
	"errors.deadletterqueue.", "confluent.", NULL };

static const char *const lenses_classes[] = {
	"io.lenses.streamreactor.connect.mqtt.source.MqttSourceConnector",
	"com.datamountaineer.streamreactor.connect.mqtt.source.MqttSourceConnector", NULL
};

static bool
is_lenses(const char *class_name)
{
	for (size_t i = 0; lenses_classes[i] != NULL; i++)
		if (strcmp(class_name, lenses_classes[i]) == 0)
			return true;
	return false;
}

struct planner { /* what plan's steps share */
	const struct connector_worker *worker;
	const struct config *cfg;
	struct arena *mem;
	struct problems *problems;
	struct mqtt_source opts;
	bool lenses; /* a Lenses class name: its defaults */
	const struct kcql *kcql;
};

/* Where a setting is written; where the configuration is, for one that is absent. */
static const struct config_entry *
place_of(const struct planner *p, const char *key)
{
	const struct config_entry *e = config_find(p->cfg, key);

	return e != NULL ? e : config_place(p->cfg);
}

static void
warn(struct planner *p, const char *key, const char *text)
{
	problems_add(p->problems, PROBLEM_WARNING, place_of(p, key), "%s", text);
}

static void
fault(struct planner *p, const char *key, const char *text)
{
	problems_add(p->problems, PROBLEM_ERROR, place_of(p, key), "%s", text);
}

/* Settings that do not fit together, and those whose meaning surprises. */
static void
check_together(struct planner *p)
{
	const struct mqtt_source *o = &p->opts;

	if (o->password != NULL && o->user == NULL)
		fault(p, "connect.mqtt.password",
		    "a password without connect.mqtt.username is not possible with MQTT "
		    "3.1.1");
	if (o->timeout_s > 300)
		warn(p, "connect.mqtt.timeout", "the unit is seconds");
	if (o->keep_alive_s > 300)
		warn(p, "connect.mqtt.keep.alive", "the unit is seconds");
	if (strcmp(o->durability, "spill") == 0)
		warn(p, "headrace.durability",
		    "the journal is not part of this version: spill works as kafka, so "
		    "while "
		    "Kafka is away the MQTT broker must queue");
	if (o->clean && o->qos > 0)
		warn(p, "connect.mqtt.clean",
		    "clean session: messages published while the task is away are lost; "
		    "set "
		    "connect.mqtt.clean=false");
	if (config_get(p->cfg, "connect.mqtt.process.duplicates") != NULL &&
	    !o->process_duplicates && !o->strict_lenses)
		warn(p, "connect.mqtt.process.duplicates",
		    "messages with DUP are processed all the same: dropping them would "
		    "lose "
		    "those that were not delivered before");
	if (o->throw_on_error && o->common.errors_tolerance != NULL &&
	    strcmp(o->common.errors_tolerance, "all") == 0)
		warn(p, "connect.mqtt.converter.throw.on.error",
		    "contradicts errors.tolerance=all, which wins");
}

/* clean, version: their defaults depend on the class. */
static void
class_defaults(struct planner *p)
{
	struct mqtt_source *o = &p->opts;

	p->lenses = is_lenses(o->common.connector_class);
	if (config_get(p->cfg, "connect.mqtt.clean") == NULL)
		o->clean = p->lenses || o->qos == 0;
	if (o->version == NULL)
		o->version = p->lenses ? "3.1.1" : "auto";
	if (config_get(p->cfg, "headrace.linger.ms") == NULL) {
		const char *ms = config_get(p->cfg, "producer.override.linger.ms");
		int64_t n;
		if (ms != NULL && str_to_i64(str_trim(str_of(ms)), 0, 10000, &n))
			o->linger_ms = (int32_t)n;
	}
}

static const char *const ssl_keys[] = { "connect.mqtt.ssl.ca.cert",
	"connect.mqtt.ssl.cert", "connect.mqtt.ssl.key", NULL };

static bool
known_scheme(struct str uri)
{
	return str_starts(uri, "tcp://") || str_starts(uri, "mqtt://") ||
	       str_starts(uri, "unix://") || memmem(uri.p, uri.n, "://", 3) == NULL;
}

static void
check_hosts(struct planner *p)
{
	const struct config_entry *e = config_find(p->cfg, "connect.mqtt.hosts");

	for (size_t i = 0; i < p->opts.hosts.n; i++)
		if (!known_scheme(str_of(p->opts.hosts.items[i])))
			problems_add(p->problems, PROBLEM_ERROR, e,
			    "%.100s: tcp:// and unix:// are what this version connects "
			    "to",
			    p->opts.hosts.items[i]);
	for (size_t i = 0; ssl_keys[i] != NULL; i++)
		if (config_get(p->cfg, ssl_keys[i]) != NULL)
			fault(p, ssl_keys[i],
			    "TLS towards the MQTT broker is not part of this version; "
			    "certificates "
			    "with tcp:// would be ignored");
}

/* "host", "host:port" and mqtt:// are other words for tcp://host:port. */
static const char *
host_uri(struct planner *p, const char *host)
{
	struct str s = str_of(host);

	if (str_starts(s, "mqtt://"))
		return arena_printf(p->mem, "tcp://%s", host + strlen("mqtt://"));
	if (memmem(s.p, s.n, "://", 3) == NULL)
		return arena_printf(p->mem, "tcp://%s", host);
	return arena_strdup(p->mem, host);
}

static enum source_version
version_of(const char *text)
{
	if (strcmp(text, "5") == 0)
		return SOURCE_V5;
	return strcmp(text, "auto") == 0 ? SOURCE_AUTO : SOURCE_V311;
}

/* ---- KCQL ---- */

static unsigned
converter_flags(void *arg, const char *name)
{
	const struct payload_class *c = payload_find(str_of(name));
	unsigned flags = KCQL_CONVERTER_KNOWN;

	(void)arg;
	if (c == NULL)
		return 0;
	if (c->has_key_fields)
		flags |= KCQL_CONVERTER_FIELDS;
	if (c->has_fields)
		flags |= KCQL_CONVERTER_STRUCT;
	return flags;
}

static void
free_kcql(void *k)
{
	kcql_free(k);
}

static bool
regex_ok(void *arg, struct kcql_text pattern, char *why, size_t size)
{
	struct err err = { 0 };
	struct regex *r = regex_new(
	    (struct str) { pattern.ptr, pattern.len }, REGEX_WHOLE, &err);

	(void)arg;
	if (r == NULL)
		snprintf(why, size, "%s", err.msg);
	regex_free(r);
	return r != NULL;
}

static struct kcql *
read_kcql(struct planner *p, const char *text, size_t n)
{
	const struct kcql_world world = { .converter = converter_flags,
		.regex = regex_ok };
	struct kcql *k = kcql_parse(
	    text, n, p->opts.strict_lenses ? KCQL_STRICT_LENSES : 0);

	connector_keep(p->worker, p->mem, free_kcql, k);
	if (k->error == NULL)
		kcql_bind(k, &world);
	return k;
}

static void
report_kcql(struct planner *p, const struct kcql *k)
{
	const struct config_entry *e = config_find(p->cfg, "connect.mqtt.kcql");

	if (k->error != NULL) {
		problems_add_in(p->problems, PROBLEM_ERROR, e, (int)k->error->at.line,
		    (int)k->error->at.column, "%s", k->error->message);
		return;
	}
	for (size_t i = 0; i < k->n_bind; i++)
		problems_add_in(p->problems, PROBLEM_ERROR, e, (int)k->bind[i].at.line,
		    (int)k->bind[i].at.column, "%s at line %u column %u: %s",
		    k->bind[i].code, k->bind[i].at.line, k->bind[i].at.column,
		    k->bind[i].message);
	for (size_t i = 0; i < k->n_warnings; i++)
		problems_add_in(p->problems, PROBLEM_WARNING, e,
		    (int)k->warning[i].at.line, (int)k->warning[i].at.column,
		    "%s at line %u column %u: %s", k->warning[i].code,
		    k->warning[i].at.line, k->warning[i].at.column,
		    k->warning[i].message);
}

/* ---- tasks ---- */

/*
 * How Lenses shares n statements out among at most m tasks (MqttSourceConnector.scala
 * of 11.7.2): kept, so that persistent sessions stay with their client ids.
 */
static size_t
group_size(size_t n, size_t m)
{
	return m <= 1 || n <= 1 ? n : n / m + n % m;
}

static bool
is_shared(const struct kcql_statement *s)
{
	return str_starts((struct str) { s->source.ptr, s->source.len }, "$share/");
}

/* The statements of task i; with share.replicate those with $share/ go to all. */
static struct kcql *
part(struct planner *p, const struct kcql *all, size_t i, size_t size)
{
	struct kcql_statement *list = arena_alloc(
	    p->mem, (all->n_statements + 1) * sizeof(*list));
	struct kcql *k = arena_zalloc(p->mem, sizeof(*k));
	size_t n = 0, other = 0;

	for (size_t j = 0; j < all->n_statements; j++) {
		const struct kcql_statement *s = &all->statement[j];
		if (p->opts.share_replicate && is_shared(s))
			list[n++] = *s;
		else if (other++ / size == i)
			list[n++] = *s;
	}
	*k = *all;
	k->memory = NULL; /* the whole owns it */
	k->statement = list;
	k->n_statements = n;
	return k;
}

static size_t
count_parts(const struct planner *p, const struct kcql *all, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n_statements; i++)
		n += !(p->opts.share_replicate && is_shared(&all->statement[i]));
	if (n < all->n_statements) /* replicated: every task has something to do */
		return p->opts.common.tasks_max < 1 ? 1
		                                    : (size_t)p->opts.common.tasks_max;
	return (n + size - 1) / size;
}

static void
fill_source(struct planner *p, struct source_options *s, const char *client_id)
{
	const struct mqtt_source *o = &p->opts;
	const char **hosts = arena_alloc(p->mem, (o->hosts.n + 1) * sizeof(*hosts));

	for (size_t i = 0; i < o->hosts.n; i++)
		hosts[i] = host_uri(p, o->hosts.items[i]);
	*s = (struct source_options) {
		.hosts = hosts,
		.n_hosts = o->hosts.n,
		.client_id = client_id,
		.user = o->user,
		.password = o->password,
		.version = version_of(o->version),
		.clean = o->clean,
		.qos = (uint8_t)o->qos,
		.keep_alive_s = o->keep_alive_s,
		.connect_timeout_ms = o->timeout_s * 1000,
		.back_off_ms = 1000,
		.back_off_max_ms = 60000,
		.linger_ms = o->linger_ms,
		.window_messages = (size_t)o->window_messages,
		.window_bytes = (size_t)o->window_bytes,
		.max_packet_bytes = (size_t)o->max_packet_bytes,
		.receive_maximum = o->receive_maximum,
	};
}

/* Spec connectors.md section 6: who decides about payloads that do not convert. */
static bool
tolerates_conversion(const struct planner *p)
{
	const char *written = config_get(p->cfg, "errors.tolerance");

	if (written != NULL)
		return strcmp(p->opts.common.errors_tolerance, "all") == 0;
	return p->lenses && !p->opts.throw_on_error;
}

static void
fill_task(struct planner *p, struct task_options *t, const struct kcql *kcql, size_t i,
    size_t n)
{
	const char *id = p->opts.client_id;
	struct problems *told = problems_new(); /* by plan, for all tasks */

	connector_common_apply(
	    p->worker, p->cfg, &p->opts.common, (int)i, p->mem, told, t);
	problems_free(told);
	if (id == NULL)
		id = arena_printf(p->mem, "headrace-%s", p->opts.common.name);
	if (n > 1)
		id = arena_printf(p->mem, "%s-%zu", id, i);
	fill_source(p, &t->source, id);
	t->kcql = kcql;
	t->key = strcmp(p->opts.key, "topic") == 0 ? TASK_KEY_TOPIC : TASK_KEY_LENSES;
	t->tolerance.conversion = tolerates_conversion(p);
	t->strict_lenses = p->opts.strict_lenses;
	t->drop_dup = p->opts.strict_lenses &&
	              config_get(p->cfg, "connect.mqtt.process.duplicates") != NULL &&
	              !p->opts.process_duplicates;
	t->log_messages = p->opts.log_message;
}

static size_t
make_tasks(struct planner *p, const struct kcql *all, struct task_options **tasks)
{
	size_t size = group_size(all->n_statements, (size_t)p->opts.common.tasks_max);
	size_t n = count_parts(p, all, size), made = 0;

	*tasks = arena_zalloc(p->mem, n * sizeof(**tasks));
	for (size_t i = 0; i < n; i++) {
		const struct kcql *k = n == 1 ? all : part(p, all, i, size);
		if (k->n_statements > 0)
			fill_task(p, &(*tasks)[made++], k, i, n);
	}
	return made;
}

static size_t
plan(const struct connector_class *class, const struct connector_worker *worker,
    const struct config *cfg, struct arena *mem, struct problems *problems,
    struct task_options **tasks)
{
	const struct opt *const tables[] = { connector_common_options, class->options,
		NULL };
	struct planner p = {
		.worker = worker,
		.cfg = cfg,
		.mem = mem,
		.problems = problems,
	};
	size_t before = problems_count(problems, PROBLEM_ERROR);
	struct task_options first = { 0 }; /* stands for all tasks in what is looked at */

	opt_apply(connector_common_options, cfg, &p.opts.common, mem, problems);
	opt_apply(class->options, cfg, &p.opts, mem, problems);
	opt_unknown(cfg, tables, prefixes,
	    worker->appliance ? PROBLEM_ERROR : PROBLEM_WARNING, problems);
	if (p.opts.common.connector_class == NULL || p.opts.common.name == NULL)
		return 0;
	class_defaults(&p);
	check_hosts(&p);
	check_together(&p);
	if (p.opts.kcql != NULL) {
		p.kcql = read_kcql(&p, p.opts.kcql, strlen(p.opts.kcql));
		report_kcql(&p, p.kcql);
	}
	connector_common_apply(worker, cfg, &p.opts.common, 0, mem, problems, &first);
	connector_common_check(cfg, &first, problems);
	if (problems_count(problems, PROBLEM_ERROR) > before)
		return 0;
	return make_tasks(&p, p.kcql, tasks);
}

static const char *const names[] = { "headrace.MqttSource",
	"io.lenses.streamreactor.connect.mqtt.source.MqttSourceConnector",
	"com.datamountaineer.streamreactor.connect.mqtt.source.MqttSourceConnector",
	NULL };

const struct connector_class connector_mqtt_source = {
	.names = names,
	.doc = "Subscribes to MQTT topics and routes their messages to Kafka by KCQL.",
	.options = options,
	.plan = plan,
};
