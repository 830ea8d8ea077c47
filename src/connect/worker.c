/*
 * The worker of `run` and `standalone`: plans tasks, starts them, and waits.  Its own
 * thread only sees signals and the tasks' changes of state.
 */
#include "connect/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "connect/connector_common.h"

struct slot { /* one task */
	const struct task_options *opts;
	struct task *task;     /* NULL: not started */
	enum task_state state; /* as the worker has seen it */
};

struct change { /* a state that a task's thread has told */
	struct task *task;
	enum task_state state;
	struct err err;
};

struct worker_settings {
	struct connector_worker_options common;
	const char *offset_file;
	const char *offset_topic;
	int32_t offset_partitions;
	int32_t offset_replication;
	const char *unused;
};

struct worker {
	enum worker_kind kind;
	const struct config *config;
	struct worker_settings settings;
	struct arena *mem;
	struct connector_keep *keep; /* what the plans made */
	struct slot *slots;
	size_t n_slots, cap_slots;
	struct config *client_props;
	struct internal_topic offsets_topic;
	struct offsets_file *offsets_file;

	struct loop *loop;
	struct loop_io signals;
	struct loop_wake changed;
	unsigned stops; /* signals seen */
	bool gone;      /* left at once */

	pthread_mutex_t lock; /* over changes, written by the tasks' threads */
	struct change *changes;
	size_t n_changes, cap_changes;
};

/* Keys of Java's worker that mean nothing here, or not yet. */
#define IGNORED(n, why)                                                     \
	{                                                                   \
		.name = (n), OPT_STRING(struct worker_settings, unused),    \
		.ignored = (why), .importance = OPT_LOW, .group = "Worker", \
		.doc = "Accepted, no effect."                               \
	}
#define NO_REST "this version has no REST interface"
static const struct opt file_options[] = {
	{ .name = "offset.storage.file.filename",
	    OPT_STRING(struct worker_settings, offset_file),
	    .required = true,
	    .importance = OPT_HIGH,
	    .group = "Worker",
	    .doc = "File for offsets, in Kafka Connect's format." },
	IGNORED("listeners", NO_REST),
	IGNORED("rest.advertised.host.name", NO_REST),
	IGNORED("rest.advertised.port", NO_REST),
	IGNORED("plugin.path", "plugins are built in"),
	IGNORED("plugin.discovery", "plugins are built in"),
	{ 0 },
};

static const struct opt topic_options[] = {
	{ .name = "offset.storage.topic",
	    OPT_STRING(struct worker_settings, offset_topic),
	    .def = "connect-offsets",
	    .importance = OPT_HIGH,
	    .group = "Worker",
	    .doc = "Compacted topic for checkpoints; made when absent." },
	{ .name = "offset.storage.partitions",
	    OPT_INT(struct worker_settings, offset_partitions),
	    .def = "25",
	    .min = 1,
	    .max = 10000,
	    .importance = OPT_LOW,
	    .group = "Worker",
	    .doc = "Partitions of that topic when it is made." },
	{ .name = "offset.storage.replication.factor",
	    OPT_INT(struct worker_settings, offset_replication),
	    .def = "-1",
	    .min = -1,
	    .max = 32767,
	    .importance = OPT_LOW,
	    .group = "Worker",
	    .doc =
		"Replication factor of that topic when it is made; -1: the broker's." },
	IGNORED("rest", NO_REST),
	IGNORED("listeners", NO_REST),
	{ 0 },
};

const struct opt *
worker_options(enum worker_kind kind)
{
	return kind == WORKER_RUN ? topic_options : file_options;
}

static const char *const worker_prefixes[] = { "producer.", "consumer.", "admin.",
	"config.providers", "key.converter.", "value.converter.", "header.converter.",
	"offset.storage.", "bootstrap.servers", "client.", "ssl.", "sasl.", "security.",
	"socket.", "broker.address.", "reconnect.backoff", NULL };

/*
 * In headrace.conf an unknown name is an error; a properties file may hold keys of
 * other versions of Connect, which keeps them without a word.
 */
static void
check_worker(struct worker *w, struct problems *problems)
{
	const struct opt *const tables[] = { connector_worker_options,
		worker_options(w->kind), NULL };

	opt_apply(
	    connector_worker_options, w->config, &w->settings.common, w->mem, problems);
	opt_apply(worker_options(w->kind), w->config, &w->settings, w->mem, problems);
	opt_unknown(w->config, tables, worker_prefixes,
	    w->kind == WORKER_RUN ? PROBLEM_ERROR : PROBLEM_WARNING, problems);
	if (w->kind == WORKER_STANDALONE && w->settings.common.key_converter == NULL)
		problems_add(problems, PROBLEM_ERROR, config_place(w->config),
		    "Missing required configuration \"key.converter\" which has no "
		    "default "
		    "value.");
	if (w->kind == WORKER_STANDALONE && w->settings.common.value_converter == NULL)
		problems_add(problems, PROBLEM_ERROR, config_place(w->config),
		    "Missing required configuration \"value.converter\" which has no "
		    "default "
		    "value.");
}

static void
add_tasks(struct worker *w, struct task_options *tasks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (w->n_slots == w->cap_slots) {
			w->cap_slots = w->cap_slots == 0 ? 8 : 2 * w->cap_slots;
			w->slots = mem_realloc(
			    w->slots, w->cap_slots * sizeof(*w->slots));
		}
		w->slots[w->n_slots++] = (struct slot) { .opts = &tasks[i] };
	}
}

static void
plan(struct worker *w, const struct config *const *connectors, size_t n,
    struct problems *problems)
{
	const struct connector_worker cw = { w->config, w->kind == WORKER_RUN, &w->keep };
	struct task_options *tasks;
	size_t n_tasks;

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < i; j++)
			if (config_get(connectors[i], "name") != NULL &&
			    config_get(connectors[j], "name") != NULL &&
			    strcmp(config_get(connectors[i], "name"),
				config_get(connectors[j], "name")) == 0)
				problems_add(problems, PROBLEM_ERROR,
				    config_find(connectors[i], "name"),
				    "Connector %s already exists",
				    config_get(connectors[i], "name"));
		n_tasks = connector_plan(&cw, connectors[i], w->mem, problems, &tasks);
		add_tasks(w, tasks, n_tasks);
	}
}

/* Where the tasks keep their progress. */
static void
give_offsets(struct worker *w)
{
	w->client_props = connector_common_worker_client(w->config);
	w->offsets_topic = (struct internal_topic) {
		.name = w->settings.offset_topic,
		.setting = "offset.storage.topic",
		.purpose = "source connector offsets",
		.partitions = w->settings.offset_partitions,
		.replication_factor = w->settings.offset_replication,
	};
	for (size_t i = 0; i < w->n_slots; i++) {
		struct task_options *t = (struct task_options *)w->slots[i].opts;
		t->offsets_props = w->client_props;
		if (w->kind == WORKER_RUN)
			t->offsets_topic = &w->offsets_topic;
	}
}

struct worker *
worker_new(enum worker_kind kind, const struct config *config,
    const struct config *const *connectors, size_t n, struct problems *problems)
{
	struct worker *w = mem_zalloc(sizeof(*w));

	w->kind = kind;
	w->config = config;
	w->mem = arena_new(4096);
	w->signals.fd = -1;
	pthread_mutex_init(&w->lock, NULL);
	check_worker(w, problems);
	plan(w, connectors, n, problems);
	if (problems_count(problems, PROBLEM_ERROR) > 0) {
		worker_free(w);
		return NULL;
	}
	give_offsets(w);
	return w;
}

void
worker_free(struct worker *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->n_slots; i++)
		task_free(w->slots[i].task);
	offsets_file_close(w->offsets_file);
	config_free(w->client_props);
	connector_keep_free(w->keep);
	pthread_mutex_destroy(&w->lock);
	free(w->changes);
	free(w->slots);
	arena_free(w->mem);
	free(w);
}

size_t
worker_task_count(const struct worker *w)
{
	return w->n_slots;
}

const struct task_options *
worker_task(const struct worker *w, size_t i)
{
	return w->slots[i].opts;
}

/* In a task's thread. */
static void
tell_change(void *arg, struct task *t, enum task_state state, const struct err *err)
{
	struct worker *w = arg;

	pthread_mutex_lock(&w->lock);
	if (w->n_changes == w->cap_changes) {
		w->cap_changes = w->cap_changes == 0 ? 16 : 2 * w->cap_changes;
		w->changes = mem_realloc(
		    w->changes, w->cap_changes * sizeof(*w->changes));
	}
	w->changes[w->n_changes] = (struct change) { .task = t, .state = state };
	if (err != NULL)
		w->changes[w->n_changes].err = *err;
	w->n_changes++;
	pthread_mutex_unlock(&w->lock);
	loop_wake(&w->changed);
}

static bool
ended(const struct slot *s)
{
	return s->state == TASK_STOPPED || s->state == TASK_FAILED;
}

static void
see_change(struct worker *w, const struct change *c)
{
	for (size_t i = 0; i < w->n_slots; i++)
		if (w->slots[i].task == c->task)
			w->slots[i].state = c->state;
}

static bool
all_ended(const struct worker *w)
{
	for (size_t i = 0; i < w->n_slots; i++)
		if (!ended(&w->slots[i]))
			return false;
	return true;
}

static void
see_changes(void *arg)
{
	struct worker *w = arg;

	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->n_changes; i++)
		see_change(w, &w->changes[i]);
	w->n_changes = 0;
	pthread_mutex_unlock(&w->lock);
	if (all_ended(w))
		loop_stop(w->loop);
}

static void
stop_all(struct worker *w, void (*stop)(struct task *))
{
	for (size_t i = 0; i < w->n_slots; i++)
		if (w->slots[i].task != NULL)
			stop(w->slots[i].task);
}

static void
see_signal(void *arg, uint32_t events)
{
	struct worker *w = arg;
	struct signalfd_siginfo si;

	(void)events;
	if (read(w->signals.fd, &si, sizeof(si)) != (ssize_t)sizeof(si))
		return;
	w->stops++;
	if (w->stops == 1) {
		log_info(NULL, "stopping; signal=%u", si.ssi_signo);
		stop_all(w, task_stop);
		return;
	}
	log_warn(NULL,
	    "second signal: leaving at once; what Kafka has not confirmed comes "
	    "again from the MQTT broker");
	w->gone = true;
	stop_all(w, task_stop_now);
	loop_stop(w->loop);
}

static int
open_signals(struct worker *w, struct err *err)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_FATAL, "signalfd: out of descriptors");
	w->signals = (struct loop_io) { .ready = see_signal, .arg = w, .fd = -1 };
	return loop_io_add(w->loop, &w->signals, fd, EPOLLIN, err);
}

static int
open_all(struct worker *w, struct err *err)
{
	w->loop = loop_new(err);
	if (w->loop == NULL || open_signals(w, err) != 0 ||
	    loop_wake_init(w->loop, &w->changed, see_changes, w, err) != 0)
		return -1;
	if (w->settings.common.state_dir != NULL &&
	    io_mkdirs(w->settings.common.state_dir, err) != 0)
		return err_context(err, "state.dir");
	if (w->kind != WORKER_STANDALONE)
		return 0;
	w->offsets_file = offsets_file_open(w->settings.offset_file, err);
	if (w->offsets_file == NULL)
		return err_context(err, "offset.storage.file.filename");
	for (size_t i = 0; i < w->n_slots; i++)
		((struct task_options *)w->slots[i].opts)->offsets_file = w->offsets_file;
	return 0;
}

static int
start_tasks(struct worker *w, struct err *err)
{
	const struct task_events events = { .state = tell_change, .arg = w };

	/* The lock keeps a task's first news until its slot is filled. */
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->n_slots; i++) {
		w->slots[i].task = task_start(w->slots[i].opts, &events, err);
		if (w->slots[i].task == NULL) {
			pthread_mutex_unlock(&w->lock);
			return err_context(
			    err, "connector %s", w->slots[i].opts->connector);
		}
	}
	pthread_mutex_unlock(&w->lock);
	return 0;
}

static void
close_all(struct worker *w)
{
	for (size_t i = 0; i < w->n_slots; i++) {
		task_free(w->slots[i].task);
		w->slots[i].task = NULL;
	}
	if (w->loop == NULL)
		return;
	loop_wake_fini(w->loop, &w->changed);
	if (w->signals.fd >= 0) {
		int fd = w->signals.fd;
		loop_io_del(w->loop, &w->signals);
		close(fd);
	}
	loop_free(w->loop);
	w->loop = NULL;
}

static int
result(const struct worker *w)
{
	size_t failed = 0;

	for (size_t i = 0; i < w->n_slots; i++)
		failed += w->slots[i].state == TASK_FAILED;
	if (w->gone)
		return 1;
	if (w->stops > 0)
		return failed == w->n_slots ? 1 : 0;
	log_error(NULL, "all tasks have FAILED; mend what is said above and start again");
	return 1;
}

int
worker_run(struct worker *w)
{
	struct err err = { 0 };
	int status = 2;

	if (open_all(w, &err) != 0 || start_tasks(w, &err) != 0)
		log_error(NULL, "%s", err.msg);
	else {
		loop_run(w->loop);
		status = result(w);
	}
	stop_all(w, task_stop_now);
	close_all(w);
	return status;
}
