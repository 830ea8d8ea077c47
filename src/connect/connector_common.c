/*
 * What Kafka Connect gives to every source connector: names, converters, client
 * properties in their layers, topic creation, tolerance (ConnectorConfig,
 * SourceConnectorConfig, Worker.producerConfigs of Kafka 3.9).
 */
#include "connect/connector_common.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/regex.h"
#include "convert/converter.h"
#include "kafka/props.h"
#include "smt/smt.h"

static const char *const tolerances[] = { "none", "all", NULL };
static const char *const policies[] = { "All", "None", "Principal", NULL };

/* "host:port" between commas; "[::1]:9092" for IPv6 (Kafka's ClientUtils). */
static int
valid_servers(const char *value, struct err *err)
{
	struct str rest = str_of(value), piece;
	int64_t port;

	while (str_next(&rest, ',', &piece)) {
		piece = str_trim(piece);
		const char *colon = piece.n == 0 ? NULL : memrchr(piece.p, ':', piece.n);
		if (colon == NULL || colon == piece.p ||
		    !str_to_i64((struct str) { colon + 1,
				    (size_t)(piece.p + piece.n - colon - 1) },
			1, 65535, &port))
			return err_set(err, ERR_CONFIG,
			    "Invalid url in bootstrap.servers: %.*s; host:port is needed",
			    STR_ARG(piece));
	}
	return 0;
}

#define C struct connector_common
const struct opt connector_common_options[] = {
	{ .name = "name",
	    OPT_STRING(C, name),
	    .required = true,
	    .importance = OPT_HIGH,
	    .group = "Common",
	    .doc = "Name of the connector; part of its MQTT client id." },
	{ .name = "connector.class",
	    OPT_STRING(C, connector_class),
	    .required = true,
	    .importance = OPT_HIGH,
	    .group = "Common",
	    .doc = "Class of the connector." },
	{ .name = "tasks.max",
	    OPT_INT(C, tasks_max),
	    .def = "1",
	    .min = 1,
	    .max = INT32_MAX,
	    .importance = OPT_HIGH,
	    .group = "Common",
	    .doc = "Most tasks to make; statements are shared out among them." },
	{ .name = "key.converter",
	    OPT_STRING(C, key_converter),
	    .importance = OPT_LOW,
	    .group = "Common",
	    .doc = "Converter of record keys; the worker's when absent." },
	{ .name = "value.converter",
	    OPT_STRING(C, value_converter),
	    .importance = OPT_LOW,
	    .group = "Common",
	    .doc = "Converter of record values; the worker's when absent." },
	{ .name = "header.converter",
	    OPT_STRING(C, header_converter),
	    .importance = OPT_LOW,
	    .group = "Common",
	    .doc = "Converter of headers; the worker's when absent." },
	{ .name = "transforms",
	    OPT_LIST(C, transforms),
	    .importance = OPT_LOW,
	    .group = "Transforms",
	    .doc =
		"Aliases of the transforms that records go through, in this order; each "
		"has its settings under transforms.ALIAS (transforms.md)." },
	{ .name = "predicates",
	    OPT_LIST(C, predicates),
	    .importance = OPT_LOW,
	    .group = "Predicates",
	    .doc = "Aliases of the predicates that transforms may ask; each has its "
		   "settings under predicates.ALIAS." },
	{ .name = "errors.tolerance",
	    OPT_STRING(C, errors_tolerance),
	    .def = "none",
	    .values = tolerances,
	    .importance = OPT_MEDIUM,
	    .group = "Error Handling",
	    .doc = "none: a bad record fails the task.  all: it is skipped, counted, "
		   "logged." },
	{ .name = "errors.log.enable",
	    OPT_BOOLEAN(C, errors_log),
	    .def = "false",
	    .importance = OPT_MEDIUM,
	    .group = "Error Handling",
	    .doc = "Log each error and the message's topic." },
	{ .name = "topic.creation.groups",
	    OPT_LIST(C, topic_creation_groups),
	    .importance = OPT_LOW,
	    .group = "Topic Creation",
	    .doc = "Groups of rules for the creation of missing topics." },
	{ 0 },
};
#undef C

#define W struct connector_worker_options
const struct opt connector_worker_options[] = {
	{ .name = "bootstrap.servers",
	    OPT_STRING(W, bootstrap_servers),
	    .def = "localhost:9092",
	    .validate = valid_servers,
	    .importance = OPT_HIGH,
	    .group = "Worker",
	    .doc = "Kafka brokers to begin with, host:port between commas." },
	{ .name = "key.converter",
	    OPT_STRING(W, key_converter),
	    .importance = OPT_HIGH,
	    .group = "Worker",
	    .doc = "Converter of record keys." },
	{ .name = "value.converter",
	    OPT_STRING(W, value_converter),
	    .importance = OPT_HIGH,
	    .group = "Worker",
	    .doc = "Converter of record values." },
	{ .name = "header.converter",
	    OPT_STRING(W, header_converter),
	    .def = "org.apache.kafka.connect.storage.SimpleHeaderConverter",
	    .importance = OPT_LOW,
	    .group = "Worker",
	    .doc = "Converter of headers." },
	{ .name = "offset.flush.interval.ms",
	    OPT_INT(W, offset_flush_interval_ms),
	    .def = "60000",
	    .min = 1,
	    .max = INT32_MAX,
	    .unit = "ms",
	    .importance = OPT_LOW,
	    .group = "Worker",
	    .doc = "How often the checkpoint is written if it changed." },
	{ .name = "task.shutdown.graceful.timeout.ms",
	    OPT_INT(W, stop_timeout_ms),
	    .def = "5000",
	    .min = 0,
	    .max = INT32_MAX,
	    .unit = "ms",
	    .importance = OPT_LOW,
	    .group = "Worker",
	    .doc = "How long a stop waits for Kafka." },
	{ .name = "topic.creation.enable",
	    OPT_BOOLEAN(W, topic_creation),
	    .def = "true",
	    .importance = OPT_LOW,
	    .group = "Worker",
	    .doc = "Whether connectors with topic.creation.* keys may create topics." },
	{ .name = "connector.client.config.override.policy",
	    OPT_STRING(W, override_policy),
	    .def = "All",
	    .values = policies,
	    .importance = OPT_MEDIUM,
	    .group = "Worker",
	    .doc = "Which producer.override.* keys a connector may set." },
	{ .name = "state.dir",
	    OPT_STRING(W, state_dir),
	    .importance = OPT_MEDIUM,
	    .group = "Worker",
	    .doc =
		"Folder for what must outlive the process (headrace.conf: state_dir)." },
	{ 0 },
};
#undef W

/* Un-prefixed worker settings that belong to Kafka clients. */
static const char *const client_prefixes[] = { "bootstrap.servers", "client.", "ssl.",
	"sasl.", "security.", "socket.", "broker.address.", "reconnect.backoff", NULL };

bool
connector_common_is_client_key(const char *key)
{
	for (size_t i = 0; client_prefixes[i] != NULL; i++)
		if (str_starts(str_of(key), client_prefixes[i]))
			return true;
	return false;
}

static void
copy_client_keys(struct config *to, const struct config *worker)
{
	const struct config_entry *e;

	for (size_t i = 0; (e = config_each(worker, &i)) != NULL;)
		if (connector_common_is_client_key(e->key))
			config_put(to, e);
}

struct config *
connector_common_worker_client(const struct config *worker)
{
	struct config *props = config_new();

	config_set(props, "bootstrap.servers", "localhost:9092");
	copy_client_keys(props, worker);
	return props;
}

static bool
has_prefix(const struct config *cfg, const char *prefix)
{
	const struct config_entry *e;

	for (size_t i = 0; (e = config_each(cfg, &i)) != NULL;)
		if (str_starts(str_of(e->key), prefix))
			return true;
	return false;
}

/* Connect gives un-prefixed security settings to the worker's own clients only. */
static void
warn_about_security(const struct config *worker, struct problems *problems)
{
	if (has_prefix(worker, "security.") && !has_prefix(worker, "producer.security."))
		problems_add(problems, PROBLEM_WARNING,
		    config_find(worker, "security.protocol"),
		    "reaches the worker's own clients only, as in Kafka Connect; records "
		    "are "
		    "sent with producer.security.protocol, which is not set");
}

static const char *const principal_keys[] = { "sasl.jaas.config", "sasl.mechanism",
	"security.protocol", NULL };

static bool
override_allowed(const char *policy, const char *key)
{
	if (strcmp(policy, "All") == 0)
		return true;
	if (strcmp(policy, "None") == 0)
		return false;
	for (size_t i = 0; principal_keys[i] != NULL; i++)
		if (strcmp(principal_keys[i], key) == 0)
			return true;
	return false;
}

/* AbstractConnectorClientConfigOverridePolicy of Kafka 3.9. */
static void
check_overrides(const struct config *cfg, const char *policy, struct problems *problems)
{
	const char prefix[] = "producer.override.";
	const struct config_entry *e;

	for (size_t i = 0; (e = config_each(cfg, &i)) != NULL;) {
		if (!str_starts(str_of(e->key), prefix))
			continue;
		const char *key = e->key + sizeof(prefix) - 1;
		if (!override_allowed(policy, key))
			problems_add(problems, PROBLEM_ERROR, e,
			    "The '%s' policy does not allow '%s' to be overridden in the "
			    "connector configuration.",
			    policy, key);
	}
}

static struct config *
producer_props(const struct connector_worker *w,
    const struct connector_worker_options *wo, const struct config *cfg,
    const struct connector_common *c, int number, struct arena *mem,
    struct problems *problems)
{
	struct config *props = connector_config(w, mem);
	char client_id[300];

	snprintf(
	    client_id, sizeof(client_id), "connector-producer-%s-%d", c->name, number);
	config_set(props, "client.id", client_id);
	config_set(props, "bootstrap.servers", wo->bootstrap_servers);
	if (w->appliance)
		copy_client_keys(props, w->config);
	else
		warn_about_security(w->config, problems);
	config_copy(props, w->config, "producer.");
	check_overrides(cfg, wo->override_policy, problems);
	config_copy(props, cfg, "producer.override.");
	/* The task gathers in time at its front door (design: lingering is ours). */
	config_set(props, "linger.ms", "0");
	return props;
}

/*
 * A connector without own converter takes the worker's with the worker's settings;
 * with one, only settings of its own count (Connect's Plugins.newConverter).
 */
static struct task_plugin
plugin(const struct connector_worker *w, const char *own, const char *workers,
    const struct config *cfg, const char *prefix, struct arena *mem)
{
	struct config *settings = connector_config(w, mem);

	config_copy(settings, own != NULL ? cfg : w->config, prefix);
	if (workers == NULL) /* only `run` may leave it out */
		workers = "headrace.PlainConverter";
	return (struct task_plugin) {
		.class_name = own != NULL ? own : workers,
		.config = settings,
	};
}

static int
rule_number(const struct config *cfg, const char *key, bool required, int32_t *out,
    struct problems *problems)
{
	const struct config_entry *e = config_find(cfg, key);
	int64_t n;

	*out = -1;
	if (e == NULL) {
		if (required)
			problems_add(problems, PROBLEM_ERROR, config_place(cfg),
			    "Missing required configuration \"%s\" which has no default "
			    "value.",
			    key);
		return required ? -1 : 0;
	}
	if (!str_to_i64(str_trim(str_of(e->value)), -1, INT32_MAX, &n) || n == 0)
		return problems_add(problems, PROBLEM_ERROR, e,
			   "Invalid value %s for configuration %s: -1 or a number above "
			   "0",
			   e->value, key),
		       -1;
	*out = (int32_t)n;
	return 0;
}

static void
free_regex(void *p)
{
	regex_free(p);
}

/* A list of expressions as one, joined with '|' (Connect's TopicCreationGroup); NULL when
 * absent. */
static const struct regex *
rule_pattern(const struct connector_worker *w, const struct config *cfg, const char *key,
    struct arena *mem, struct problems *problems)
{
	const struct config_entry *e = config_find(cfg, key);
	struct str rest = str_of(e == NULL ? NULL : e->value), piece;
	struct buf joined = { 0 };
	struct regex *regex = NULL;
	struct err err = { 0 };

	if (e == NULL)
		return NULL;
	while (str_next(&rest, ',', &piece)) {
		if (joined.n > 0)
			buf_add_byte(&joined, '|');
		buf_add_str(&joined, str_trim(piece));
	}
	regex = regex_new(buf_str(&joined), REGEX_WHOLE, &err);
	buf_fini(&joined);
	if (regex == NULL)
		problems_add(problems, PROBLEM_ERROR, e,
		    "Invalid value %s for configuration %s: Invalid regex: %s", e->value,
		    key, err.msg);
	else
		connector_keep(w, mem, free_regex, regex);
	return regex;
}

static void
read_rule(const struct connector_worker *w, const struct config *cfg, const char *group,
    struct arena *mem, struct problems *problems, struct task_topic_rule *rule)
{
	const char *prefix = arena_printf(mem, "topic.creation.%s.", group);
	bool is_default = strcmp(group, "default") == 0;
	struct config *all = config_new(), *settings = connector_config(w, mem);
	const struct config_entry *e;

	rule->group = arena_strdup(mem, group);
	rule_number(cfg, arena_printf(mem, "%spartitions", prefix), is_default,
	    &rule->partitions, problems);
	rule_number(cfg, arena_printf(mem, "%sreplication.factor", prefix), is_default,
	    &rule->replication_factor, problems);
	rule->include = rule_pattern(
	    w, cfg, arena_printf(mem, "%sinclude", prefix), mem, problems);
	rule->exclude = rule_pattern(
	    w, cfg, arena_printf(mem, "%sexclude", prefix), mem, problems);
	config_copy(all, cfg, prefix);
	for (size_t i = 0; (e = config_each(all, &i)) != NULL;)
		if (strcmp(e->key, "partitions") != 0 &&
		    strcmp(e->key, "replication.factor") != 0 &&
		    strcmp(e->key, "include") != 0 && strcmp(e->key, "exclude") != 0)
			config_put(settings, e);
	config_free(all);
	rule->settings = settings;
}

/* TopicCreationConfig and SourceConnectorConfig of Kafka 3.9: groups, then default. */
static void
topic_rules(const struct connector_worker *w, const struct config *cfg,
    const struct connector_common *c, struct arena *mem, struct problems *problems,
    struct task_options *t)
{
	struct task_topic_rule *rules;
	size_t n = 0;

	if (!has_prefix(cfg, "topic.creation."))
		return;
	rules = arena_zalloc(mem, (c->topic_creation_groups.n + 1) * sizeof(*rules));
	for (size_t i = 0; i < c->topic_creation_groups.n; i++)
		if (strcmp(c->topic_creation_groups.items[i], "default") != 0)
			read_rule(w, cfg, c->topic_creation_groups.items[i], mem,
			    problems, &rules[n++]);
	read_rule(w, cfg, "default", mem, problems, &rules[n++]);
	t->topic_rules = rules;
	t->n_topic_rules = n;
}

/* Opens and closes each converter: what is wrong with its options shows now. */
static void
check_converter(const struct config *cfg, const char *key,
    const struct task_plugin *plugin, enum converter_use use, struct problems *problems)
{
	const struct converter_class *class = converter_find(
	    str_of(plugin->class_name), use);
	const struct config_entry *e = config_find(cfg, key);
	size_t before = problems_count(problems, PROBLEM_ERROR);
	struct converter *c;
	struct err err = { 0 };

	if (class == NULL) {
		problems_add(problems, PROBLEM_ERROR, e,
		    "Invalid value %s for configuration %s: Class %s could not be found.",
		    plugin->class_name, key, plugin->class_name);
		return;
	}
	c = converter_open(class, use, plugin->config, NULL, problems, &err);
	if (c == NULL && problems_count(problems, PROBLEM_ERROR) == before)
		problems_add(problems, PROBLEM_ERROR, e, "%s", err.msg);
	converter_close(c);
}

/* Makes a client's configuration and drops it. */
static void
check_client(const struct config *props, struct problems *problems)
{
	struct props_conf conf;
	struct err err = { 0 };

	if (props_conf_make(props, PROPS_PRODUCER, NULL, problems, &conf, &err) == 0)
		props_conf_fini(&conf);
}

static void
check_transforms(const struct config *cfg, struct problems *problems)
{
	size_t before = problems_count(problems, PROBLEM_ERROR);
	struct smt_chain *chain;
	struct err err = { 0 };

	smt_chain_validate(cfg, problems);
	if (problems_count(problems, PROBLEM_ERROR) > before)
		return;
	chain = smt_chain_open(cfg, &err);
	if (chain == NULL)
		problems_add(problems, PROBLEM_ERROR, config_find(cfg, "transforms"),
		    "%s", err.msg);
	smt_chain_close(chain);
}

void
connector_common_check(
    const struct config *cfg, const struct task_options *t, struct problems *problems)
{
	check_converter(cfg, "key.converter", &t->key_converter, CONVERTER_KEY, problems);
	check_converter(
	    cfg, "value.converter", &t->value_converter, CONVERTER_VALUE, problems);
	check_converter(
	    cfg, "header.converter", &t->header_converter, CONVERTER_HEADER, problems);
	check_client(t->producer_props, problems);
	check_transforms(cfg, problems);
}

void
connector_common_apply(const struct connector_worker *w, const struct config *cfg,
    const struct connector_common *c, int number, struct arena *mem,
    struct problems *problems, struct task_options *t)
{
	struct connector_worker_options wo = { 0 };
	struct problems *seen = problems_new(); /* reported once, by the worker */

	opt_apply(connector_worker_options, w->config, &wo, mem, seen);
	problems_free(seen);
	t->connector = c->name;
	t->number = number;
	t->class_name = c->connector_class;
	t->key_converter = plugin(
	    w, c->key_converter, wo.key_converter, cfg, "key.converter.", mem);
	t->value_converter = plugin(
	    w, c->value_converter, wo.value_converter, cfg, "value.converter.", mem);
	t->header_converter = plugin(
	    w, c->header_converter, wo.header_converter, cfg, "header.converter.", mem);
	t->connector_config = cfg;
	t->producer_props = producer_props(w, &wo, cfg, c, number, mem, problems);
	if (wo.topic_creation)
		topic_rules(w, cfg, c, mem, problems, t);
	t->flush_interval_ms = wo.offset_flush_interval_ms;
	t->stop_timeout_ms = wo.stop_timeout_ms;
	t->tolerance.rest = c->errors_tolerance != NULL &&
	                    strcmp(c->errors_tolerance, "all") == 0;
	t->tolerance.log = c->errors_log;
}
