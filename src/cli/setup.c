/* From files to a worker: the part that `run`, `standalone` and `check` share. */
#include "cli/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

static void
resolve(struct setup *s)
{
	config_resolve(s->worker, s->worker, s->problems);
	for (size_t i = 0; i < s->n_connectors; i++)
		config_resolve(s->connectors[i], s->worker, s->problems);
}

static void
become_worker(struct setup *s)
{
	resolve(s);
	s->w = worker_new(s->kind, s->worker, (const struct config *const *)s->connectors,
	    s->n_connectors, s->problems);
}

void
setup_conf(struct setup *s, const char *path)
{
	*s = (struct setup) { .kind = WORKER_RUN, .problems = problems_new() };
	s->appliance = appliance_load(path, s->problems);
	if (s->appliance == NULL)
		return;
	s->worker = s->appliance->worker;
	s->connectors = s->appliance->connectors;
	s->n_connectors = s->appliance->n_connectors;
	if (s->n_connectors == 0)
		problems_add_at(s->problems, PROBLEM_ERROR, path, 0,
		    "there is no connector to run; write connectors = ( { ... } );");
	become_worker(s);
}

void
setup_properties(struct setup *s, const char *worker, char *const *connectors, size_t n)
{
	*s = (struct setup) {
		.kind = worker == NULL ? WORKER_RUN : WORKER_STANDALONE,
		.problems = problems_new(),
	};
	s->worker = config_new();
	s->connectors = mem_zalloc((n + 1) * sizeof(*s->connectors));
	s->n_connectors = n;
	if (worker != NULL)
		properties_load(worker, s->worker, s->problems);
	for (size_t i = 0; i < n; i++) {
		s->connectors[i] = config_new();
		properties_load(connectors[i], s->connectors[i], s->problems);
	}
	become_worker(s); /* also after faults, which are in problems: all in one run */
}

static bool
is_connector_file(const char *path)
{
	const struct config_entry *e;
	struct problems *problems = problems_new();
	struct config *cfg = config_new();
	bool yes;

	properties_load(path, cfg, problems);
	yes = config_get(cfg, "connector.class") != NULL ||
	      config_get(cfg, "name") != NULL;
	for (size_t i = 0; !yes && (e = config_each(cfg, &i)) != NULL;)
		yes = str_starts(str_of(e->key), "connect.");
	config_free(cfg);
	problems_free(problems);
	return yes;
}

const char *
setup_any_properties(struct setup *s, char *const *paths, size_t n)
{
	char **connectors = mem_alloc((n + 1) * sizeof(*connectors));
	const char *worker = NULL;
	size_t n_connectors = 0;

	for (size_t i = 0; i < n; i++)
		if (is_connector_file(paths[i]))
			connectors[n_connectors++] = paths[i];
		else
			worker = paths[i];
	setup_properties(s, worker, connectors, n_connectors);
	free(connectors);
	return worker;
}

bool
setup_report(struct setup *s)
{
	struct buf text = { 0 };

	problems_print(s->problems, &text);
	if (text.n > 0)
		fputs(buf_cstr(&text), stderr);
	buf_fini(&text);
	return s->w != NULL;
}

void
setup_fini(struct setup *s)
{
	worker_free(s->w);
	problems_free(s->problems);
	if (s->appliance != NULL) {
		appliance_free(s->appliance);
		return;
	}
	for (size_t i = 0; i < s->n_connectors; i++)
		config_free(s->connectors[i]);
	free(s->connectors);
	config_free(s->worker);
}

void
setup_log(void)
{
	static const char *const levels[] = { "error", "warn", "info", "debug" };
	const char *level = getenv("HEADRACE_LOG_LEVEL"),
		   *format = getenv("HEADRACE_LOG_FORMAT");
	enum log_level l = LOG_LEVEL_INFO;

	for (size_t i = 0; level != NULL && i < ARRAY_LEN(levels); i++)
		if (str_ieq_c(str_of(level), levels[i]))
			l = (enum log_level)i;
	log_setup(l, format != NULL && strcmp(format, "json") == 0 ? LOG_JSON : LOG_TEXT,
	    getenv("JOURNAL_STREAM") != NULL);
}
