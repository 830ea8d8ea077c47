/*
 * headrace check: would this configuration work?  A line for each thing looked at, "ok"
 * or what to do.  Looks with its own MQTT client id and a clean session, so that
 * a daemon that runs is not disturbed and nothing is taken from its session.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/loop.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/setup.h"
#include "kafka/topic_reader.h"
#include "kcql/kcql.h"
#include "mqtt/source.h"

#define LOOK_MS 5000

struct check {
	unsigned faults;
};

static void
good(const char *what, const char *about)
{
	printf("ok    %-10s %s\n", what, about);
}

static void
bad(struct check *c, const char *what, const char *text)
{
	printf("FAIL  %-10s %s\n", what, text);
	c->faults++;
}

/* ---- MQTT ---- */

struct look {
	struct loop *loop;
	struct source *source;
	bool connected, subscribed;
	char why[248];
	struct loop_timer over;
};

static void
on_batch(void *arg, const struct message *m, size_t n)
{
	(void)arg; /* retained messages of a session of our own: not acknowledged */
	(void)m;
	(void)n;
}

static void
on_too_large(void *arg, const struct message *m, size_t bytes)
{
	(void)arg;
	(void)m;
	(void)bytes;
}

static void
on_connected(void *arg, const char *broker, bool session_present)
{
	(void)broker;
	(void)session_present;
	((struct look *)arg)->connected = true;
}

static void
on_subscribed(void *arg)
{
	struct look *l = arg;

	l->subscribed = true;
	source_stop(l->source);
}

static void
on_disconnected(void *arg, const char *why)
{
	struct look *l = arg;

	snprintf(l->why, sizeof(l->why), "%s", why);
}

static void
on_failed(void *arg, const struct err *err)
{
	struct look *l = arg;

	snprintf(l->why, sizeof(l->why), "%s", err->msg);
	loop_stop(l->loop);
}

static void
on_end(void *arg)
{
	loop_stop(((struct look *)arg)->loop);
}

static const char **
own_filters(const struct kcql *k, size_t *n)
{
	const char **list = mem_alloc((k->n_statements + 1) * sizeof(*list));

	*n = 0;
	for (size_t i = 0; i < k->n_statements; i++) {
		size_t j = 0;
		while (j < *n && strcmp(list[j], k->statement[i].source.ptr) != 0)
			j++;
		if (j == *n)
			list[(*n)++] = k->statement[i].source.ptr;
	}
	return list;
}

static void
look_at_mqtt(struct check *c, const struct task_options *t)
{
	struct look l = { 0 };
	const struct source_events events = {
		.batch = on_batch,
		.too_large = on_too_large,
		.connected = on_connected,
		.subscribed = on_subscribed,
		.disconnected = on_disconnected,
		.failed = on_failed,
		.closed = on_end,
		.arg = &l,
	};
	struct source_options o = t->source;
	struct err err = { 0 };
	char id[300], text[400];
	const char **filters = own_filters(t->kcql, &o.n_filters);

	snprintf(id, sizeof(id), "%s-check", o.client_id);
	o.client_id = id;
	o.clean = true;
	o.state_dir = NULL;
	o.filters = filters;
	l.loop = loop_new(&err);
	l.source = l.loop == NULL ? NULL : source_open(l.loop, NULL, &o, &events, &err);
	if (l.source == NULL) {
		bad(c, "mqtt", err.msg);
	} else {
		loop_timer_init(&l.over, on_end, &l);
		loop_timer_in(l.loop, &l.over, INT64_C(1000) * LOOK_MS);
		loop_run(l.loop);
		snprintf(text, sizeof(text), "%s: %s", t->source.hosts[0],
		    l.subscribed       ? "connected, all subscriptions granted"
		    : l.why[0] != '\0' ? l.why
		    : l.connected ? "connected, but the subscriptions were not answered"
				  : "no answer; is the broker running?");
		if (l.subscribed)
			good("mqtt", text);
		else
			bad(c, "mqtt", text);
		loop_timer_clear(l.loop, &l.over);
		source_close(l.source);
	}
	loop_free(l.loop);
	free(filters);
}

/* ---- Kafka ---- */

static void
look_at_topic(struct check *c, const struct task_options *t, const char *topic)
{
	struct err err = { 0 };
	bool exists = false;
	char text[400];

	if (topic_reader_probe(t->producer_props, topic, &exists, LOOK_MS, &err) != 0) {
		snprintf(text, sizeof(text), "%s: %s", topic, err.msg);
		bad(c, "topic", text);
		return;
	}
	snprintf(text, sizeof(text), "%s%s", topic,
	    exists                 ? ""
	    : t->n_topic_rules > 0 ? ": absent, will be made by topic.creation"
				   : ": absent; the broker must create it "
				     "(auto.create.topics.enable), or create it "
				     "before, or set topic.creation.default.partitions "
				     "and .replication.factor");
	good("topic", text);
}

static void
look_at_kafka(struct check *c, const struct task_options *t)
{
	struct err err = { 0 };
	const char *servers = config_get(t->producer_props, "bootstrap.servers");
	const struct kcql *k = t->kcql;
	char text[400];

	if (topic_reader_probe(t->producer_props, NULL, NULL, LOOK_MS, &err) != 0) {
		snprintf(text, sizeof(text), "%s: %s", servers, err.msg);
		bad(c, "kafka", text);
		return;
	}
	good("kafka", servers);
	for (size_t i = 0; i < k->n_statements; i++) {
		bool seen = strchr(k->statement[i].target.ptr, '$') != NULL;
		for (size_t j = 0; j < i && !seen; j++)
			seen = strcmp(k->statement[j].target.ptr,
				   k->statement[i].target.ptr) == 0;
		if (!seen)
			look_at_topic(c, t, k->statement[i].target.ptr);
	}
}

/* ---- files ---- */

static void
look_at_worker(struct check *c, struct setup *s, const char *name, bool kafka)
{
	char text[400];

	if (!setup_report(s)) {
		bad(c, "read", name);
		return;
	}
	good("read", name);
	for (size_t i = 0; i < worker_task_count(s->w); i++) {
		const struct task_options *t = worker_task(s->w, i);
		snprintf(text, sizeof(text), "%s task %d: %zu statements", t->connector,
		    t->number, t->kcql->n_statements);
		good("connector", text);
		look_at_mqtt(c, t);
		if (kafka)
			look_at_kafka(c, t);
	}
}

static void
look_at_conf(struct check *c, const char *path)
{
	struct setup s;

	setup_conf(&s, path);
	look_at_worker(c, &s, path, true);
	setup_fini(&s);
}

static void
look_at_kcql(struct check *c, const char *path)
{
	struct buf text = { 0 };
	struct err err = { 0 };
	struct kcql *k;

	if (io_read_file(path, KCQL_MAX_BYTES, &text, &err) != 0) {
		bad(c, "read", err.msg);
		return;
	}
	k = kcql_parse(text.p, text.n, 0);
	if (k->error != NULL)
		bad(c, "kcql", k->error->message);
	else
		good("kcql", path);
	kcql_free(k);
	buf_fini(&text);
}

/* A worker file and connector files in any order. */
static void
look_at_properties(struct check *c, char *const *paths, size_t n)
{
	struct setup s;
	const char *worker = setup_any_properties(&s, paths, n);

	if (worker == NULL)
		puts("note  worker     no worker file given: its defaults stand in, "
		     "Kafka is not looked at");
	look_at_worker(c, &s, worker == NULL ? paths[0] : worker, worker != NULL);
	setup_fini(&s);
}

static int
usage(FILE *out)
{
	fputs("usage: headrace check FILE...\n"
	      "FILE: headrace.conf, a .kcql file, or a worker and its connector "
	      ".properties\n"
	      "exit status: 0 all good, 1 something is wrong, 2 wrong usage\n",
	    out);
	return out == stdout ? 0 : 2;
}

int
cli_check(int argc, char **argv)
{
	struct check c = { 0 };
	char **properties;
	size_t n = 0;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc < 2 || argv[1][0] == '-')
		return usage(stderr);
	log_setup(LOG_LEVEL_ERROR, LOG_TEXT, false);
	properties = mem_alloc((size_t)argc * sizeof(*properties));
	for (int i = 1; i < argc; i++) {
		if (str_ends(str_of(argv[i]), ".properties"))
			properties[n++] = argv[i];
		else if (str_ends(str_of(argv[i]), ".kcql"))
			look_at_kcql(&c, argv[i]);
		else
			look_at_conf(&c, argv[i]);
	}
	if (n > 0)
		look_at_properties(&c, properties, n);
	free(properties);
	return c.faults > 0 ? 1 : 0;
}
