/*
 * headrace kcql: what do these statements do?  For people in words, with warnings; for
 * programs one JSON object for each JSON string.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "cli/cli.h"
#include "cli/explain.h"
#include "kcql/kcql.h"

static int
usage(FILE *out)
{
	fputs(
	    "usage: headrace kcql [--strict-lenses] 'STATEMENTS'\n"
	    "       headrace kcql [--strict-lenses] -f FILE      (- is standard input)\n"
	    "       headrace kcql [--strict-lenses] --jsonl\n"
	    "\n"
	    "Explains KCQL statements: what is subscribed, where it goes, and what is\n"
	    "wrong or differs from Lenses.\n"
	    "\n"
	    "  --strict-lenses  read as Lenses 11.7.2 does, like headrace.strict.lenses\n"
	    "  --jsonl          read one JSON string a line, a whole connect.mqtt.kcql\n"
	    "                   value, and answer each with one JSON object a line:\n"
	    "                   {\"statements\":[],\"warnings\":[],\"bind\":[]} or "
	    "{\"error\":{}}\n"
	    "\n"
	    "exit status: 0 good, 1 refused (with --jsonl: a line was no JSON string),\n"
	    "2 wrong usage\n",
	    out);
	return out == stdout ? 0 : 2;
}

/* Statements and warnings on standard output, errors on standard error. */
static int
explain(const char *p, size_t n, unsigned flags)
{
	struct kcql *k = kcql_parse(p, n, flags);
	int status = k->error != NULL ? 1 : 0;

	if (k->error != NULL)
		fprintf(stderr, "%s\n", k->error->message);
	else
		kcql_bind(k, &explain_world);
	for (size_t i = 0; i < k->n_statements; i++)
		explain_statement(stdout, k, i);
	for (size_t i = 0; i < k->n_warnings; i++)
		explain_notice(stdout, "warning", &k->warning[i]);
	fflush(stdout);
	for (size_t i = 0; i < k->n_bind; i++) {
		explain_notice(stderr, "error", &k->bind[i]);
		status = 1;
	}
	kcql_free(k);
	return status;
}

static int
explain_file(const char *path, unsigned flags)
{
	struct buf b = { 0 };
	struct err err = { 0 };
	int status = 1;

	if (strcmp(path, "-") == 0)
		path = "/dev/stdin";
	if (io_read_file(path, KCQL_MAX_BYTES, &b, &err) != 0)
		fprintf(stderr, "headrace kcql: %s\n", err.msg);
	else
		status = explain(b.p, b.n, flags);
	buf_fini(&b);
	return status;
}

/* One line of --jsonl.  false: the line is no JSON string. */
static bool
answer(const char *line, size_t n, unsigned flags)
{
	json_error_t why;
	json_t *text = json_loadb(line, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
	bool good = json_is_string(text);
	struct kcql *k;

	if (good) {
		k = kcql_parse(json_string_value(text), json_string_length(text), flags);
		if (k->error == NULL)
			kcql_bind(k, &explain_world);
		puts(kcql_json(k));
		kcql_free(k);
	} else {
		puts("{\"error\":{\"code\":\"not_json\",\"line\":1,\"column\":1,"
		     "\"message\":\"the line is no JSON string\"}}");
	}
	json_decref(text);
	return good;
}

static int
answer_lines(unsigned flags)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int status = 0;

	while ((n = getline(&line, &room, stdin)) > 0)
		if (!answer(line, (size_t)n, flags))
			status = 1;
	free(line);
	if (fflush(stdout) != 0 || ferror(stdout) || ferror(stdin)) {
		fputs("headrace kcql: cannot read or write\n", stderr);
		return 1;
	}
	return status;
}

int
cli_kcql(int argc, char **argv)
{
	const char *file = NULL, *statements = NULL;
	bool jsonl = false;
	unsigned flags = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return usage(stdout);
		if (strcmp(argv[i], "--strict-lenses") == 0)
			flags = KCQL_STRICT_LENSES;
		else if (strcmp(argv[i], "--jsonl") == 0)
			jsonl = true;
		else if (strcmp(argv[i], "-f") == 0 && i + 1 < argc && file == NULL)
			file = argv[++i];
		else if (argv[i][0] != '-' && statements == NULL)
			statements = argv[i];
		else
			return usage(stderr);
	}
	if (jsonl + (file != NULL) + (statements != NULL) != 1)
		return usage(stderr);
	if (jsonl)
		return answer_lines(flags);
	if (file != NULL)
		return explain_file(file, flags);
	return explain(statements, strlen(statements), flags);
}
