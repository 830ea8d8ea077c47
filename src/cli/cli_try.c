/*
 * `headrace try`: what would become of a message?  try_message.c tells it of one message
 * and a configuration.  With --jsonl: reads cases in the encoding of the test vectors, one
 * a line, and prints a result for each.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/try_case.h"

static const struct {
	const char *member; /* a case that has it */
	int (*run)(const struct try_case *c, struct err *err);
} kinds[] = {
	{ "converter", try_converter },
	{ "mqttConverter", try_payload },
	{ "transform", try_transform },
	{ "transforms", try_transforms },
	{ "connector", try_connector },
};

const struct json *
try_member(const struct try_case *c, const char *name)
{
	const struct json *m = json_member(c->json, str_of(name));

	return m != NULL && m->type != JSON_NULL ? m : NULL;
}

struct str
try_text(const struct try_case *c, const char *name, const char *def)
{
	const struct json *m = try_member(c, name);

	return m != NULL && m->type == JSON_STRING ? json_text(m) : str_of(def);
}

struct config *
try_config(const struct json *object)
{
	struct config *cfg = config_new();
	struct arena *mem = arena_new(1024);

	if (object != NULL && object->type == JSON_OBJECT) {
		for (const struct json *m = json_first(object); m != NULL; m = m->next) {
			if (m->type == JSON_STRING)
				config_set(cfg, arena_str(mem, json_name(m)).p,
				    arena_str(mem, json_text(m)).p);
			else if (m->type == JSON_NULL)
				config_set(cfg, arena_str(mem, json_name(m)).p, NULL);
		}
	}
	arena_free(mem);
	return cfg;
}

void
try_print_error(const struct try_case *c, const char *phase, const char *message)
{
	buf_printf(
	    c->out, "{\"error\":\"headrace\",\"phase\":\"%s\",\"message\":", phase);
	json_write_string(c->out, str_of(message));
	buf_add_byte(c->out, '}');
}

void
try_print_refusal(
    const struct try_case *c, const struct problems *problems, const struct err *err)
{
	const struct problem *p;

	for (size_t i = 0; (p = problems_each(problems, &i)) != NULL;) {
		if (p->level == PROBLEM_ERROR) {
			try_print_error(c, "config", p->text);
			return;
		}
	}
	try_print_error(c, "config", err->msg);
}

static int
run_case(const struct try_case *c, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (try_member(c, kinds[i].member) != NULL)
			return kinds[i].run(c, err);
	}
	return err_set(err, ERR_CONFIG, "no member says what to try");
}

/* One line; -1 when it is no case. */
static int
run_line(struct str line, unsigned number)
{
	struct arena *mem = arena_new(64 * 1024);
	struct buf out = { 0 }, result = { 0 };
	struct try_case c = { .mem = mem, .out = &result };
	struct json *j;
	struct err err;
	int rc = json_parse(mem, mem, line, 0, &j, &err);

	if (rc == 0 && j != NULL) {
		c.json = j;
		rc = run_case(&c, &err);
		buf_add_c(&out, "{\"id\":");
		json_write_string(&out, try_text(&c, "id", ""));
		buf_add_c(&out, ",\"result\":");
		buf_add_str(&out, buf_str(&result));
		buf_add_c(&out, "}\n");
		if (rc == 0)
			fwrite(out.p, 1, out.n, stdout);
	}
	if (rc != 0)
		fprintf(stderr, "line %u: %s\n", number, err.msg);
	buf_fini(&out);
	buf_fini(&result);
	arena_free(mem);
	return rc;
}

static int
run_file(FILE *in)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int status = 0;

	for (unsigned number = 1; (n = getline(&line, &cap, in)) >= 0; number++) {
		if (run_line((struct str) { line, (size_t)n }, number) != 0)
			status = 1;
	}
	free(line);
	return status;
}

static int
run_cases(const char *path)
{
	FILE *in = path == NULL ? stdin : fopen(path, "re");
	int status;

	if (in == NULL) {
		fprintf(stderr, "headrace: %s: %s\n", path, strerror(errno));
		return 1;
	}
	status = run_file(in);
	if (in != stdin)
		fclose(in);
	return status;
}

int
cli_try(int argc, char **argv)
{
	if (argc > 1 && argc <= 3 && strcmp(argv[1], "--jsonl") == 0)
		return run_cases(argv[2]);
	return try_message(argc, argv);
}
