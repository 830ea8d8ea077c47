/* Kafka topics by name: handles, and topic creation. */
#include "pipeline/target.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"

struct making { /* what an answer of the admin API is about */
	struct targets *targets;
	struct target target;
};

struct targets {
	const struct task_options *opts;
	const struct log_ctx *log;
	struct producer *producer;
	void (*settled)(void *arg, const struct err *err);
	void *arg;
	struct map *by_name; /* struct making */
};

struct targets *
targets_new(const struct task_options *opts, const struct log_ctx *log,
    struct producer *producer, void (*settled)(void *arg, const struct err *err),
    void *arg)
{
	struct targets *t = mem_zalloc(sizeof(*t));

	t->opts = opts;
	t->log = log;
	t->producer = producer;
	t->settled = settled;
	t->arg = arg;
	t->by_name = map_new();
	return t;
}

void
targets_free(struct targets *t)
{
	struct str name;
	void *m;

	if (t == NULL)
		return;
	for (size_t i = 0; map_each(t->by_name, &i, &name, &m);) {
		free((char *)((struct making *)m)->target.name);
		free(m);
	}
	map_free(t->by_name);
	free(t);
}

static bool
rule_fits(const struct task_topic_rule *rule, struct str name)
{
	struct err err;

	return (rule->include == NULL || regex_matches(rule->include, name, &err) == 1) &&
	       (rule->exclude == NULL || regex_matches(rule->exclude, name, &err) != 1);
}

/* The first group that fits, in the order of topic.creation.groups; default is last. */
static const struct task_topic_rule *
rule_for(const struct targets *t, const char *name)
{
	for (size_t i = 0; i < t->opts->n_topic_rules; i++)
		if (rule_fits(&t->opts->topic_rules[i], str_of(name)))
			return &t->opts->topic_rules[i];
	return NULL;
}

static void
made(void *arg, const struct err *err)
{
	struct making *m = arg;
	struct err why = { 0 };

	m->target.state = err == NULL ? TARGET_READY : TARGET_REFUSED;
	if (err != NULL)
		err_set(&why, ERR_FATAL,
		    "Task failed to create new topic %s: %.100s. Ensure that the task is "
		    "authorized to create topics or that the topic exists and restart "
		    "the task",
		    m->target.name, err->msg);
	m->targets->settled(m->targets->arg, err == NULL ? NULL : &why);
}

static void
ask(struct targets *t, struct making *m, const struct task_topic_rule *rule)
{
	const struct topic_spec spec = {
		.name = m->target.name,
		.partitions = rule->partitions,
		.replication_factor = rule->replication_factor,
		.settings = rule->settings,
	};

	m->target.state = TARGET_ASKED;
	log_info(t->log, "making topic if it is missing; topic=%s group=%s", spec.name,
	    rule->group);
	producer_create_topic(t->producer, &spec, made, m);
}

static struct making *
add(struct targets *t, struct str name, struct err *err)
{
	const struct task_topic_rule *rule;
	struct making *m;

	if (map_count(t->by_name) >= TARGET_MAX) {
		err_set(err, ERR_RECORD,
		    "more than %d Kafka topics in one task; name the target without $, "
		    "or share "
		    "the topics out among connectors",
		    TARGET_MAX);
		return NULL;
	}
	m = mem_zalloc(sizeof(*m));
	m->targets = t;
	m->target.name = mem_strndup(name.p, name.n);
	m->target.topic = producer_topic(t->producer, m->target.name, NULL, err);
	if (m->target.topic == NULL) {
		free((char *)m->target.name);
		free(m);
		return NULL;
	}
	map_put(t->by_name, name, m);
	rule = rule_for(t, m->target.name);
	if (rule != NULL)
		ask(t, m, rule);
	return m;
}

struct target *
target_get(struct targets *t, struct str name, struct err *err)
{
	struct making *m = map_get(t->by_name, name);

	if (m == NULL)
		m = add(t, name, err);
	return m == NULL ? NULL : &m->target;
}
