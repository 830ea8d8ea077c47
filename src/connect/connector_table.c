/* The index of all connectors, and how a name finds one. */
#include "connect/connector.h"

#include <string.h>

#include "base/mem.h"

#define CONNECTORS(X) X(mqtt_source)

#define X(n) extern const struct connector_class connector_##n;
CONNECTORS(X)
#undef X
#define X(n) &connector_##n,
const struct connector_class *const connector_table[] = { CONNECTORS(X) NULL };

/* Class names of other people's plugins that this version does not run. */
static const struct {
	const char *name, *why;
} refused[] = {
	{ "io.lenses.streamreactor.connect.mqtt.sink.MqttSinkConnector",
	    "the MQTT sink is not part of this version" },
	{ "com.datamountaineer.streamreactor.connect.mqtt.sink.MqttSinkConnector",
	    "the MQTT sink is not part of this version" },
	{ "io.confluent.connect.mqtt.MqttSourceConnector",
	    "the keys of Confluent's connector are not part of this version; use "
	    "connector.class=headrace.MqttSource with connect.mqtt.hosts and "
	    "connect.mqtt.kcql" },
	{ "com.evokly.kafka.connect.mqtt.MqttSourceConnector",
	    "the keys of Evokly's connector are not part of this version; use "
	    "connector.class=headrace.MqttSource with connect.mqtt.hosts and "
	    "connect.mqtt.kcql" },
};

/* "a.b.FooConnector" is also called "FooConnector" and "Foo" (Connect's PluginDesc). */
static bool
name_fits(const char *full, const char *name)
{
	const char *simple = strrchr(full, '.');
	size_t n;

	if (strcmp(full, name) == 0)
		return true;
	simple = simple == NULL ? full : simple + 1;
	if (strcmp(simple, name) == 0)
		return true;
	n = strlen(name);
	return strncmp(simple, name, n) == 0 && strcmp(simple + n, "Connector") == 0;
}

static bool
class_has(const struct connector_class *c, const char *name)
{
	for (size_t i = 0; c->names[i] != NULL; i++)
		if (name_fits(c->names[i], name))
			return true;
	return false;
}

static const char *
refusal(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (strcmp(refused[i].name, name) == 0)
			return refused[i].why;
	return NULL;
}

/* MqttSourceConnector is the simple name of three connectors: the keys decide. */
static const char *
ambiguous_refusal(const char *name, const struct config *cfg)
{
	if (strchr(name, '.') != NULL)
		return NULL;
	if (config_get(cfg, "mqtt.server.uri") != NULL &&
	    config_get(cfg, "connect.mqtt.hosts") == NULL)
		return refused[2].why;
	if (config_get(cfg, "mqtt.server_uris") != NULL &&
	    config_get(cfg, "connect.mqtt.hosts") == NULL)
		return refused[3].why;
	return NULL;
}

static int
unknown_class(const char *name, struct err *err)
{
	const char *names[32], *near;
	size_t n = 0;

	for (size_t i = 0; connector_table[i] != NULL; i++)
		for (size_t j = 0; connector_table[i]->names[j] != NULL; j++)
			if (n < ARRAY_LEN(names))
				names[n++] = connector_table[i]->names[j];
	near = str_nearest(str_of(name), names, n);
	return err_set(err, ERR_CONFIG,
	    "Failed to find any class that implements Connector and which name matches "
	    "%.80s; %s %s",
	    name, near != NULL ? "did you mean" : "the MQTT source is",
	    near != NULL ? near : names[0]);
}

const struct connector_class *
connector_find(const char *name, const struct config *cfg, struct err *err)
{
	const char *why = refusal(name);

	if (why == NULL)
		why = ambiguous_refusal(name, cfg);
	if (why != NULL) {
		err_set(err, ERR_CONFIG, "%s", why);
		return NULL;
	}
	for (size_t i = 0; connector_table[i] != NULL; i++)
		if (class_has(connector_table[i], name))
			return connector_table[i];
	unknown_class(name, err);
	return NULL;
}

size_t
connector_plan(const struct connector_worker *w, const struct config *cfg,
    struct arena *mem, struct problems *problems, struct task_options **tasks)
{
	const struct config_entry *e = config_find(cfg, "connector.class");
	const struct connector_class *c;
	struct err err = { 0 };

	if (e == NULL) {
		problems_add(problems, PROBLEM_ERROR, config_place(cfg),
		    "Missing required configuration \"connector.class\" which has no "
		    "default "
		    "value.");
		return 0;
	}
	c = connector_find(e->value, cfg, &err);
	if (c == NULL) {
		problems_add(problems, PROBLEM_ERROR, e, "%s", err.msg);
		return 0;
	}
	return c->plan(c, w, cfg, mem, problems, tasks);
}

void
connector_keep(
    const struct connector_worker *w, struct arena *mem, void (*free)(void *p), void *p)
{
	struct connector_keep *k = arena_alloc(mem, sizeof(*k));

	*k = (struct connector_keep) { *w->keep, free, p };
	*w->keep = k;
}

void
connector_keep_free(struct connector_keep *k)
{
	for (; k != NULL; k = k->before)
		k->free(k->p);
}

static void
free_config(void *p)
{
	config_free(p);
}

struct config *
connector_config(const struct connector_worker *w, struct arena *mem)
{
	struct config *c = config_new();

	connector_keep(w, mem, free_config, c);
	return c;
}
