/*
 * headrace try: the records that one message would become, without MQTT and Kafka.  Takes
 * the message through the very stages of a task (pipeline/stages.h), so what it prints
 * is what would be produced.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/topic.h"
#include "cli/setup.h"
#include "cli/tagged.h"
#include "cli/try_case.h"
#include "data/date.h"
#include "pipeline/stages.h"

#define PAYLOAD_MAX ((size_t)268435455) /* of MQTT */

struct
try {
	char **files; /* -c */
	size_t n_files;
	const char *topic, *payload, *payload_file, *connector;
	int qos, id; /* -1: not given */
	bool retain, schemas, help;

	struct message m;
	size_t statements; /* that took the message */
	size_t faults;
	struct buf line;
};

/* ---- the command line ---- */

static int
usage(FILE *out)
{
	fputs("usage: headrace try -c FILE --topic TOPIC [--payload TEXT | "
	      "--payload-file FILE]\n"
	      "                    [--qos N] [--id N] [--retain] [--connector NAME] "
	      "[--schemas]\n"
	      "       headrace try --jsonl [FILE]\n"
	      "Shows the records that a message would become, without MQTT and Kafka.\n"
	      "  -c FILE              headrace.conf, or a connector's .properties (and a "
	      "worker's, with\n"
	      "                       another -c)\n"
	      "  --topic TOPIC        the MQTT topic it is published to\n"
	      "  --payload TEXT       its payload; empty when absent\n"
	      "  --payload-file FILE  the same from a file; - is standard input\n"
	      "  --qos N              0, 1 or 2; the connector's when absent\n"
	      "  --id N               its packet id, 0 to 65535; 1 when absent, 0 at QoS "
	      "0\n"
	      "  --retain             it comes with the retain flag\n"
	      "  --connector NAME     where FILE has several\n"
	      "  --schemas            show schemas, too\n"
	      "  --jsonl              runs cases, one a line (tests/vectors/README.md)\n"
	      "exit status: 0 good; 1 an error, or no statement takes the topic; 2 wrong "
	      "usage\n",
	    out);
	return out == stdout ? 0 : 2;
}

static bool
read_number(const char *text, int max, int *out)
{
	int64_t n;

	if (!str_to_i64(str_of(text), 0, max, &n))
		return false;
	*out = (int)n;
	return true;
}

static bool
read_option(struct try *t, int option)
{
	switch (option) {
	case 'c':
		t->files[t->n_files++] = optarg;
		return true;
	case 't':
		t->topic = optarg;
		return true;
	case 'p':
		t->payload = optarg;
		return true;
	case 'f':
		t->payload_file = optarg;
		return true;
	case 'n':
		t->connector = optarg;
		return true;
	case 'q':
		return read_number(optarg, 2, &t->qos);
	case 'i':
		return read_number(optarg, 65535, &t->id);
	case 'r':
		return t->retain = true;
	case 's':
		return t->schemas = true;
	case 'h':
		return t->help = true;
	default:
		return false;
	}
}

/* One headrace.conf, or .properties. */
static bool
files_fit(const struct try *t)
{
	for (size_t i = 0; i < t->n_files && t->n_files > 1; i++)
		if (!str_ends(str_of(t->files[i]), ".properties"))
			return false;
	return t->n_files > 0;
}

static bool
read_options(struct try *t, int argc, char **argv)
{
	static const struct option options[] = {
		{ "topic", required_argument, NULL, 't' },
		{ "payload", required_argument, NULL, 'p' },
		{ "payload-file", required_argument, NULL, 'f' },
		{ "connector", required_argument, NULL, 'n' },
		{ "qos", required_argument, NULL, 'q' },
		{ "id", required_argument, NULL, 'i' },
		{ "retain", no_argument, NULL, 'r' },
		{ "schemas", no_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1)
		if (!read_option(t, option))
			return false;
	return t->help || (optind == argc && files_fit(t) && t->topic != NULL &&
			      (t->payload == NULL || t->payload_file == NULL));
}

/* ---- printing ---- */

static bool
is_text(struct str s)
{
	if (!str_is_utf8(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' && memchr("\t\n\r", s.p[i], 3) == NULL)
			return false;
	return true;
}

/* Text as it is, other bytes in hexadecimal. */
static void
put_bytes(const char *name, const void *p, size_t n)
{
	struct str s = { p, n };

	if (p == NULL) {
		printf("%-11snull\n", name);
	} else if (n == 0) {
		printf("%-11s(empty)\n", name);
	} else if (is_text(s)) {
		printf("%-11s%.*s\n", name, STR_ARG(s));
	} else {
		printf("%-11s(%zu bytes)", name, n);
		for (size_t i = 0; i < n; i++)
			printf(" %02x", (unsigned)(unsigned char)s.p[i]);
		putchar('\n');
	}
}

static void
put_schema(struct try *t, const char *name, const struct schema *s)
{
	if (!t->schemas)
		return;
	buf_reset(&t->line);
	if (s == NULL)
		buf_add_c(&t->line, "none");
	else
		tagged_print_schema(&t->line, s);
	printf("%-11s%s\n", name, buf_cstr(&t->line));
}

static void
put_headers(struct try *t, const struct stages_record *r)
{
	for (size_t i = 0; i < r->bytes.n_headers; i++) {
		const struct producer_header *h = &r->bytes.headers[i];
		printf("%-11s%s\n", "header", h->name);
		put_bytes("  value", h->value, h->n);
		put_schema(t, "  schema", r->data.headers[i].datum.schema);
	}
}

static void
put_timestamp(struct try *t, int64_t ms)
{
	struct date_fields d;

	(void)t;
	if (ms < 0) {
		printf("%-11snone: the clock, when it is produced\n", "timestamp");
		return;
	}
	date_split(ms, &d);
	printf("%-11s%" PRId64 " (%04" PRId64 "-%02d-%02dT%02d:%02d:%02d.%03dZ)\n",
	    "timestamp", ms, d.year, d.month, d.day, d.hour, d.minute, d.second, d.ms);
}

static void
put_record(struct try *t, const struct stages_record *r)
{
	printf("%-11s%.*s\n", "topic", STR_ARG(r->data.topic));
	if (r->bytes.partition >= 0)
		printf("%-11s%" PRId32 "\n", "partition", r->bytes.partition);
	put_bytes("key", r->bytes.key, r->bytes.key_n);
	put_schema(t, "  schema", r->data.key.schema);
	put_bytes("value", r->bytes.value, r->bytes.value_n);
	put_schema(t, "  schema", r->data.value.schema);
	put_headers(t, r);
	put_timestamp(t, r->bytes.timestamp_ms);
}

/* What went wrong and what a running connector would do about it. */
static void
put_fault(struct try *t, const struct task_options *o, const struct stages_fault *f,
    const struct err *err)
{
	bool skips = f->conversion ? o->tolerance.conversion : o->tolerance.rest;

	t->faults++;
	printf("%-11s%s (%s): %s\n", "error", f->stage, f->class, err->msg);
	printf("%-11s%s\n", "then",
	    skips ? "the record is skipped, counted and logged, the message acknowledged"
		  : "the task fails and the message stays unacknowledged; "
		    "errors.tolerance=all skips such records");
}

/* ---- a task ---- */

static void
try_statement(
    struct try *t, const struct task_options *o, struct stages *stages, size_t i)
{
	const struct kcql_statement *k = &o->kcql->statement[i];
	struct str name = { k->target.ptr, k->target.len };
	struct stages_fault fault;
	struct stages_record r;
	struct err err = { 0 };
	bool changed;

	printf("%s# connector %s, statement at line %u: INSERT INTO %s ... FROM %s\n",
	    t->statements++ > 0 ? "\n" : "", o->connector, k->at.line, k->target.ptr,
	    k->source.ptr);
	if (route_target_varies(k) &&
	    stages_target(stages, i, &t->m, &name, &changed, &fault, &err) != 0) {
		put_fault(t, o, &fault, &err);
		return;
	}
	switch (stages_make(stages, i, &t->m, name, &r, &fault, &err)) {
	case STAGES_FAULT:
		put_fault(t, o, &fault, &err);
		return;
	case STAGES_DROPPED:
		printf("%-11sa transform drops it\n", "no record");
		return;
	case STAGES_MADE:
		put_record(t, &r);
	}
}

/* With connect.mqtt.share.replicate several tasks have one statement; the broker gives
 * the message to one of them. */
static bool
is_of_earlier_task(const struct worker *w, size_t task, const struct kcql_statement *k)
{
	const struct task_options *o = worker_task(w, task);

	for (size_t i = 0; i < task; i++) {
		const struct task_options *before = worker_task(w, i);
		if (strcmp(before->connector, o->connector) != 0)
			continue;
		for (size_t j = 0; j < before->kcql->n_statements; j++) {
			const struct kcql_place at = before->kcql->statement[j].at;
			if (at.line == k->at.line && at.column == k->at.column)
				return true;
		}
	}
	return false;
}

static void
fill_message(struct try *t, const struct task_options *o)
{
	t->m.qos = (uint8_t)(t->qos >= 0 ? t->qos : o->source.qos);
	t->m.id = (uint16_t)(t->m.qos == 0 ? 0 : t->id >= 0 ? t->id : 1);
}

static void
try_task(struct try *t, const struct worker *w, size_t task)
{
	const struct task_options *o = worker_task(w, task);
	const struct log_ctx log = { .connector = o->connector, .task = o->number };
	const struct converter_env env = { .log = &log };
	struct err err = { 0 };
	struct stages *stages = stages_open(o, &log, &env, &err);
	struct stages_fault fault;
	struct route_match match;

	fill_message(t, o);
	if (stages == NULL) {
		fprintf(stderr, "headrace: connector %s: %s\n", o->connector, err.msg);
		t->faults++;
	} else if (stages_find(stages, &t->m, &match, &fault, &err) != 0) {
		put_fault(t, o, &fault, &err);
	} else {
		for (size_t i = 0; i < match.n; i++) {
			size_t number = match.statements[i];
			if (!is_of_earlier_task(w, task, &o->kcql->statement[number]))
				try_statement(t, o, stages, number);
		}
	}
	stages_close(stages);
}

/* ---- a connector ---- */

static bool
is_chosen(const struct try *t, const struct worker *w, size_t task)
{
	return t->connector == NULL ||
	       strcmp(worker_task(w, task)->connector, t->connector) == 0;
}

/* Exactly one connector is meant. */
static bool
choose(const struct try *t, const struct worker *w)
{
	const char *only = NULL;
	bool several = false;

	for (size_t i = 0; i < worker_task_count(w); i++) {
		const char *name = worker_task(w, i)->connector;
		if (!is_chosen(t, w, i))
			continue;
		several |= only != NULL && strcmp(only, name) != 0;
		only = name;
	}
	if (only != NULL && !several)
		return true;
	if (t->connector != NULL)
		fprintf(stderr,
		    "headrace: there is no connector %s; there is:", t->connector);
	else
		fputs("headrace: there are several connectors; choose with --connector:",
		    stderr);
	for (size_t i = 0; i < worker_task_count(w); i++)
		if (worker_task(w, i)->number == 0)
			fprintf(stderr, " %s", worker_task(w, i)->connector);
	fputc('\n', stderr);
	return false;
}

static void
put_filters(const struct try *t, const struct worker *w)
{
	printf("no statement takes the topic %s; the statements are about:\n", t->topic);
	for (size_t i = 0; i < worker_task_count(w); i++) {
		const struct kcql *k = worker_task(w, i)->kcql;
		for (size_t j = 0; is_chosen(t, w, i) && j < k->n_statements; j++) {
			const struct kcql_statement *s = &k->statement[j];
			printf("  %s", s->source.ptr);
			if (s->regex.ptr != NULL)
				printf("  WITHREGEX %s", s->regex.ptr);
			putchar('\n');
		}
	}
}

static int
try_connectors(struct try *t, const struct worker *w)
{
	if (!choose(t, w))
		return 2;
	for (size_t i = 0; i < worker_task_count(w); i++)
		if (is_chosen(t, w, i))
			try_task(t, w, i);
	if (t->statements == 0 && t->faults == 0)
		put_filters(t, w);
	return t->statements == 0 || t->faults > 0 ? 1 : 0;
}

/* ---- all of it ---- */

static int
read_payload(struct try *t, struct buf *bytes)
{
	const char *path = t->payload_file;
	struct err err = { 0 };

	t->m.payload = str_of(t->payload != NULL ? t->payload : "");
	if (path == NULL)
		return 0;
	if (strcmp(path, "-") == 0)
		path = "/dev/stdin";
	if (io_read_file(path, PAYLOAD_MAX, bytes, &err) != 0) {
		fprintf(stderr, "headrace: %s\n", err.msg);
		return -1;
	}
	t->m.payload = buf_str(bytes);
	return 0;
}

static void
set_up(struct setup *s, const struct try *t)
{
	if (t->n_files == 1 && !str_ends(str_of(t->files[0]), ".properties")) {
		setup_conf(s, t->files[0]);
		return;
	}
	if (setup_any_properties(s, t->files, t->n_files) == NULL)
		fputs("headrace: no worker file is given with another -c, so its "
		      "defaults stand in\n",
		    stderr);
}

static int
run(struct try *t)
{
	struct buf bytes = { 0 };
	struct setup s;
	int status = 1;

	t->m.topic = str_of(t->topic);
	t->m.retain = t->retain;
	t->m.received_ms = clock_wall_ms();
	if (!topic_name_valid(t->m.topic)) {
		fprintf(stderr,
		    "headrace: nobody can publish to the topic \"%s\": it must not be "
		    "empty, hold + or #, or be longer than 65535 bytes\n",
		    t->topic);
		return 2;
	}
	if (read_payload(t, &bytes) == 0) {
		set_up(&s, t);
		if (s.w != NULL)
			status = try_connectors(t, s.w);
		else
			setup_report(&s); /* warnings alone are for `check` */
		setup_fini(&s);
	}
	buf_fini(&bytes);
	buf_fini(&t->line);
	return status;
}

int
try_message(int argc, char **argv)
{
	struct try t = { .qos = -1, .id = -1 };
	int status;

	t.files = mem_alloc((size_t)argc * sizeof(*t.files));
	log_setup(LOG_LEVEL_WARN, LOG_TEXT, false);
	if (!read_options(&t, argc, argv))
		status = usage(stderr);
	else if (t.help)
		status = usage(stdout);
	else
		status = run(&t);
	free(t.files);
	return status;
}
