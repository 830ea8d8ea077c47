/* From a connector's configuration to tasks: names, defaults, shares, faults. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "connect/connector.h"

#define LENSES "io.lenses.streamreactor.connect.mqtt.source.MqttSourceConnector"
#define OLD "com.datamountaineer.streamreactor.connect.mqtt.source.MqttSourceConnector"

struct planned { /* what a plan gave */
	struct arena *mem;
	struct config *worker, *cfg;
	struct connector_keep *keep;
	struct problems *problems;
	struct task_options *tasks;
	size_t n;
	struct buf text; /* the problems */
};

/* settings: "key=value" between newlines; on top of a small good configuration. */
static void
plan(struct planned *p, bool appliance, const char *settings)
{
	static const char base[] = "name=site\nconnector.class=headrace.MqttSource\n"
				   "connect.mqtt.hosts=tcp://h:1883\n"
				   "connect.mqtt.kcql=INSERT INTO t SELECT * FROM a/b";
	const char *const texts[] = { base, settings };
	struct connector_worker w;

	*p = (struct planned) {
		.mem = arena_new(1024),
		.worker = config_new(),
		.cfg = config_new(),
		.problems = problems_new(),
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct str rest = str_of(texts[i]), line;
		while (str_next(&rest, '\n', &line)) {
			const char *eq = memchr(line.p, '=', line.n);
			char *key = mem_strndup(line.p, (size_t)(eq - line.p));
			char *value = mem_strndup(
			    eq + 1, line.n - (size_t)(eq + 1 - line.p));
			config_set(p->cfg, key, value);
			free(key);
			free(value);
		}
	}
	w = (struct connector_worker) { p->worker, appliance, &p->keep };
	p->n = connector_plan(&w, p->cfg, p->mem, p->problems, &p->tasks);
	problems_print(p->problems, &p->text);
	buf_cstr(&p->text);
}

static void
forget(struct planned *p)
{
	connector_keep_free(p->keep);
	problems_free(p->problems);
	config_free(p->cfg);
	config_free(p->worker);
	arena_free(p->mem);
	buf_fini(&p->text);
}

static void
finds_a_class_by_each_of_its_names(void **state)
{
	static const struct {
		const char *name;
		bool good;
	} rows[] = {
		{ "headrace.MqttSource", true },
		{ LENSES, true },
		{ OLD, true },
		{ "MqttSourceConnector", true },
		{ "MqttSource", true },
		{ "headrace.MqttSorce", false },
		{ "Mqtt", false },
		{ "io.lenses.streamreactor.connect.mqtt.sink.MqttSinkConnector", false },
		{ "io.confluent.connect.mqtt.MqttSourceConnector", false },
		{ "org.apache.kafka.connect.file.FileStreamSourceConnector", false },
		{ "", false },
	};
	struct config *cfg = config_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = { 0 };
		bool found = connector_find(rows[i].name, cfg, &err) != NULL;
		if (found != rows[i].good)
			fail_msg("%s: found %d: %s", rows[i].name, found, err.msg);
	}
	config_free(cfg);
}

static void
takes_defaults_from_the_class_name(void **state)
{
	static const struct {
		const char *settings;
		bool clean;
		enum source_version version;
	} rows[] = {
		{ "", false, SOURCE_AUTO },
		{ "connect.mqtt.service.quality=0", true, SOURCE_AUTO },
		{ "connector.class=" LENSES, true, SOURCE_V311 },
		{ "connector.class=" OLD "\nconnect.mqtt.clean=false", false,
		    SOURCE_V311 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct planned p;
		plan(&p, true, rows[i].settings);
		if (p.n != 1)
			fail_msg("row %zu: %s", i, p.text.p);
		assert_int_equal(p.tasks[0].source.clean, rows[i].clean);
		assert_int_equal(p.tasks[0].source.version, rows[i].version);
		assert_string_equal(p.tasks[0].source.client_id, "headrace-site");
		forget(&p);
	}
}

/* Spec connectors.md section 4. */
static void
shares_statements_out_as_lenses_does(void **state)
{
	static const struct {
		int statements, tasks_max;
		const char *expect; /* statements of each task */
	} rows[] = {
		{ 1, 5, "1 " },
		{ 5, 1, "5 " },
		{ 3, 2, "2 1 " },
		{ 5, 2, "3 2 " },
		{ 5, 6, "5 " },
		{ 8, 3, "4 4 " },
		{ 9, 4, "3 3 3 " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char settings[1024] = "", got[64] = "", id[64];
		struct planned p;
		snprintf(settings, sizeof(settings),
		    "tasks.max=%d\nconnect.mqtt.client.id=x\nconnect.mqtt.kcql=",
		    rows[i].tasks_max);
		for (int j = 0; j < rows[i].statements; j++)
			snprintf(settings + strlen(settings),
			    sizeof(settings) - strlen(settings),
			    "INSERT INTO t%d SELECT * FROM a/%d;", j, j);
		plan(&p, true, settings);
		for (size_t j = 0; j < p.n; j++) {
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%zu ",
			    p.tasks[j].kcql->n_statements);
			snprintf(id, sizeof(id), p.n > 1 ? "x-%zu" : "x", j);
			assert_string_equal(p.tasks[j].source.client_id, id);
		}
		if (strcmp(got, rows[i].expect) != 0)
			fail_msg("%d of %d: \"%s\" %s", rows[i].statements,
			    rows[i].tasks_max, got, p.text.p);
		forget(&p);
	}
}

static void
replicates_shared_subscriptions_to_every_task(void **state)
{
	struct planned p;

	(void)state;
	plan(&p, true,
	    "tasks.max=2\nconnect.mqtt.share.replicate=true\n"
	    "connect.mqtt.kcql=INSERT INTO t SELECT * FROM $share/g/a;"
	    "INSERT INTO t SELECT * FROM b;INSERT INTO t SELECT * FROM c");
	assert_int_equal(p.n, 2);
	assert_int_equal(p.tasks[0].kcql->n_statements, 3);
	assert_int_equal(p.tasks[1].kcql->n_statements, 1);
	forget(&p);
}

/* Spec connectors.md section 6. */
static void
decides_who_tolerates_payloads_that_do_not_convert(void **state)
{
	static const struct {
		const char *settings;
		bool conversion, rest;
	} rows[] = {
		{ "", false, false },
		{ "errors.tolerance=all", true, true },
		{ "connector.class=" LENSES, true, false },
		{ "connector.class=" LENSES "\nerrors.tolerance=none", false, false },
		{ "connector.class=" LENSES "\nerrors.tolerance=all", true, true },
		{ "connector.class=" LENSES
		  "\nconnect.mqtt.converter.throw.on.error=true",
		    false, false },
		{ "connector.class=" LENSES
		  "\nconnect.mqtt.converter.throw.on.error=true\nerrors.tolerance=all",
		    true, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct planned p;
		plan(&p, true, rows[i].settings);
		if (p.n != 1)
			fail_msg("row %zu: %s", i, p.text.p);
		if (p.tasks[0].tolerance.conversion != rows[i].conversion ||
		    p.tasks[0].tolerance.rest != rows[i].rest)
			fail_msg("row %zu", i);
		forget(&p);
	}
}

static void
names_what_is_wrong(void **state)
{
	static const struct {
		const char *settings, *expect;
	} rows[] = {
		{ "connect.mqtt.hosts=ssl://h:8883", "tcp:// and unix://" },
		{ "connect.mqtt.hosts= ", "connect.mqtt.hosts" },
		{ "connect.mqtt.service.quality=3", "Can be 0,1 or 2" },
		{ "connect.mqtt.ssl.ca.cert=/x", "TLS towards the MQTT broker" },
		{ "connect.mqtt.password=x", "connect.mqtt.username" },
		{ "headrace.lingr.ms=5", "headrace.linger.ms" },
		{ "headrace.durability=journal", "headrace.durability" },
		{ "value.converter=com.example.X",
		    "Class com.example.X could not be found" },
		{ "topic.creation.default.partitions=3",
		    "\"topic.creation.default.replication.factor\"" },
		{ "topic.creation.default.partitions=0\n"
		  "topic.creation.default.replication.factor=1",
		    "topic.creation.default.partitions" },
		{ "topic.creation.default.partitions=1\n"
		  "topic.creation.default.replication.factor=1\n"
		  "topic.creation.groups=g\ntopic.creation.g.include=a(",
		    "Invalid regex" },
		{ "connect.mqtt.kcql=INSERT INTO t SELECT * FROM a WHERE x",
		    "trailing_text" },
		{ "connect.mqtt.kcql=INSERT INTO t SELECT * FROM a WITHREGEX=`(`",
		    "bad_regex" },
		{ "headrace.mqtt.version=5", "headrace.mqtt.version" },
		{ "producer.override.plugin.library.paths=x", "plugin.library.paths" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct planned p;
		plan(&p, true, rows[i].settings);
		if (p.n != 0 || strstr(p.text.p, rows[i].expect) == NULL)
			fail_msg("%s: %zu tasks; %s", rows[i].settings, p.n, p.text.p);
		forget(&p);
	}
}

static void
warns_of_what_surprises(void **state)
{
	static const struct {
		const char *settings, *expect;
	} rows[] = {
		{ "headrace.durability=spill", "works as kafka" },
		{ "connect.mqtt.timeout=3000", "the unit is seconds" },
		{ "connect.mqtt.clean=true", "are lost" },
		{ "connect.mqtt.process.duplicates=false", "DUP are processed" },
		{ "connect.mqtt.polling.timeout=1000", "nothing is polled" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct planned p;
		plan(&p, true, rows[i].settings);
		if (p.n != 1 || strstr(p.text.p, rows[i].expect) == NULL)
			fail_msg("%s: %zu tasks; %s", rows[i].settings, p.n, p.text.p);
		forget(&p);
	}
}

static void
makes_topics_by_the_first_group_that_fits(void **state)
{
	struct planned p;
	struct err err;

	(void)state;
	plan(&p, true,
	    "topic.creation.groups=g\ntopic.creation.g.include=a.*,b\n"
	    "topic.creation.g.exclude=ax\ntopic.creation.g.partitions=7\n"
	    "topic.creation.g.retention.ms=5\n"
	    "topic.creation.default.partitions=3\n"
	    "topic.creation.default.replication.factor=-1");
	if (p.n != 1)
		fail_msg("%s", p.text.p);
	const struct task_topic_rule *r = p.tasks[0].topic_rules;
	assert_int_equal(p.tasks[0].n_topic_rules, 2);
	assert_int_equal(r[0].partitions, 7);
	assert_int_equal(r[0].replication_factor, -1);
	assert_string_equal(config_get(r[0].settings, "retention.ms"), "5");
	assert_int_equal(regex_matches(r[0].include, STR("abc"), &err), 1);
	assert_int_equal(regex_matches(r[0].include, STR("b"), &err), 1);
	assert_int_equal(regex_matches(r[0].include, STR("bc"), &err), 0);
	assert_int_equal(regex_matches(r[0].exclude, STR("ax"), &err), 1);
	assert_int_equal(r[1].partitions, 3);
	assert_null(r[1].include);
	forget(&p);
}

static void
layers_the_producers_settings(void **state)
{
	struct planned p;

	(void)state;
	plan(&p, true, "producer.override.acks=all\nproducer.override.linger.ms=50");
	if (p.n != 1)
		fail_msg("%s", p.text.p);
	assert_string_equal(config_get(p.tasks[0].producer_props, "client.id"),
	    "connector-producer-site-0");
	assert_string_equal(
	    config_get(p.tasks[0].producer_props, "bootstrap.servers"), "localhost:9092");
	/* The task lingers, not librdkafka. */
	assert_int_equal(p.tasks[0].source.linger_ms, 50);
	forget(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_a_class_by_each_of_its_names),
		cmocka_unit_test(takes_defaults_from_the_class_name),
		cmocka_unit_test(shares_statements_out_as_lenses_does),
		cmocka_unit_test(replicates_shared_subscriptions_to_every_task),
		cmocka_unit_test(decides_who_tolerates_payloads_that_do_not_convert),
		cmocka_unit_test(names_what_is_wrong),
		cmocka_unit_test(warns_of_what_surprises),
		cmocka_unit_test(makes_topics_by_the_first_group_that_fits),
		cmocka_unit_test(layers_the_producers_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
