/*
 * headrace options: every setting, transform and converter, from the tables that also
 * read them.  The pages in docs/ that `make docs` writes are this output.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "connect/connector_common.h"
#include "connect/worker.h"
#include "convert/convert.h"
#include "smt/smt.h"

/* ---- parts of a page ---- */

static void
title(const char *text, const char *doc, bool markdown)
{
	printf("%s%s\n\n", markdown ? "## " : "", text);
	if (doc[0] != '\0')
		printf("%s\n\n", doc);
}

static void
settings(const struct opt *table, bool markdown)
{
	struct buf text = { 0 };

	if (table == NULL || table[0].name == NULL)
		return;
	opt_describe(table, markdown, &text);
	fputs(buf_cstr(&text), stdout);
	puts("");
	buf_fini(&text);
}

static void
section(const char *name, const char *doc, const struct opt *table, bool markdown)
{
	title(name, doc, markdown);
	settings(table, markdown);
}

static const char *
simple_name(const char *class)
{
	const char *dot = strrchr(class, '.');

	return dot == NULL ? class : dot + 1;
}

/* ---- workers and connectors ---- */

static void
connectors(bool markdown)
{
	struct buf doc = { 0 };

	for (size_t i = 0; connector_table[i] != NULL; i++) {
		const struct connector_class *c = connector_table[i];
		buf_reset(&doc);
		buf_printf(&doc, "%s  Also known as:", c->doc);
		for (size_t j = 1; c->names[j] != NULL; j++)
			buf_printf(&doc, "%s %s", j > 1 ? "," : "", c->names[j]);
		buf_add_c(&doc, ".");
		section(c->names[0], buf_cstr(&doc), c->options, markdown);
	}
	buf_fini(&doc);
}

static void
print_configuration(bool markdown)
{
	if (markdown)
		puts("# Settings\n\nMade by `make docs` from the option tables.  In "
		     "`headrace.conf` a name is written with `_` for `.`\n"
		     "(`connect_mqtt_hosts`), sizes as \"16MiB\".\n");
	section("Worker", "", connector_worker_options, markdown);
	section("Worker of `headrace run`", "", worker_options(WORKER_RUN), markdown);
	section("Worker of `headrace standalone`", "", worker_options(WORKER_STANDALONE),
	    markdown);
	section("All connectors", "", connector_common_options, markdown);
	connectors(markdown);
}

/* ---- transforms ---- */

static void
transform(const struct smt *smt, bool markdown)
{
	static const unsigned sides[] = { SMT_KEY, SMT_VALUE, SMT_HEADER };
	const char *quote = markdown ? "`" : "";
	bool first = true;

	title(simple_name(smt->name), smt->doc, markdown);
	fputs("Class: ", stdout);
	if (smt->sides == SMT_PLAIN)
		printf("%s%s%s", quote, smt->name, quote);
	for (size_t i = 0; i < ARRAY_LEN(sides); i++)
		if (smt->sides & sides[i]) {
			printf("%s%s%s%s%s", first ? "" : ", ", quote, smt->name,
			    smt_side_suffix(sides[i]), quote);
			first = false;
		}
	puts("\n");
	settings(smt->options, markdown);
}

static void
predicate(const struct smt_predicate *p, bool markdown)
{
	const char *quote = markdown ? "`" : "";

	title(simple_name(p->name), p->doc, markdown);
	printf("Class: %s%s%s\n\n", quote, p->name, quote);
	settings(p->options, markdown);
}

static void
print_transforms(bool markdown)
{
	if (markdown)
		puts(
		    "# Transforms and predicates\n\n"
		    "Made by `make docs` from the tables.  Kafka Connect's own, with its "
		    "class names, settings and results; a\n"
		    "record goes through them in the order of `transforms`, behind KCQL "
		    "and before the converters:\n\n"
		    "    transforms=celsius\n"
		    "    transforms.celsius.type="
		    "org.apache.kafka.connect.transforms.ReplaceField$Value\n"
		    "    transforms.celsius.renames=t:celsius\n"
		    "    transforms.celsius.predicate=plant\n"
		    "    predicates=plant\n"
		    "    predicates.plant.type="
		    "org.apache.kafka.connect.transforms.predicates.TopicNameMatches\n"
		    "    predicates.plant.pattern=plant-.*\n\n"
		    "In `headrace.conf` with `_` for `.`: `transforms_celsius_type`.  A "
		    "record that a transform cannot take follows\n"
		    "`errors.tolerance`.  `headrace try` shows what becomes of a "
		    "message.\n");
	section("All transforms", "", smt_wiring_options, markdown);
	for (const struct smt *const *s = smt_table; *s != NULL; s++)
		transform(*s, markdown);
	if (markdown)
		puts("# Predicates\n");
	for (const struct smt_predicate *const *p = smt_predicate_table; *p != NULL; p++)
		predicate(*p, markdown);
}

/* ---- converters ---- */

static const char *
can(bool yes)
{
	return yes ? "yes" : "no";
}

static void
payload_row(const struct payload_class *c, bool markdown)
{
	const char *name = c->short_name != NULL ? c->short_name : c->name;

	if (markdown)
		printf("| `%s` | `%s` | %s | %s | %s |\n", name, c->name,
		    can(c->has_key_fields), can(c->has_fields), c->doc);
	else
		printf("%s\n    class %s\n    WITHKEY, WITHTAG, WITHTIMESTAMP from "
		       "fields: %s; columns, IGNORE: %s\n    %s\n",
		    name, c->name, can(c->has_key_fields), can(c->has_fields), c->doc);
}

static void
payloads(bool markdown)
{
	title("Of MQTT payloads (WITHCONVERTER)",
	    "Written by the short name, by the class name, or by the class in the "
	    "package\n"
	    "io.lenses.streamreactor.connect.converters.source or "
	    "com.datamountaineer.streamreactor.connect.converters.source.",
	    markdown);
	if (markdown)
		puts("| name | class | WITHKEY, WITHTAG, WITHTIMESTAMP from fields | "
		     "columns, IGNORE | |\n|---|---|---|---|---|");
	for (const struct payload_class *const *c = payload_classes(); *c != NULL; c++)
		payload_row(*c, markdown);
	puts("");
}

static void
print_converters(bool markdown)
{
	struct buf doc = { 0 };

	if (markdown)
		puts("# Converters\n\n"
		     "Made by `make docs` from the tables.  A message's payload becomes "
		     "a record by the converter of its KCQL\n"
		     "statement; the record's key, value and headers become bytes by "
		     "`key.converter`, `value.converter` and\n"
		     "`header.converter`, whose settings stand behind their names: "
		     "`value.converter.schemas.enable=false`.\n");
	payloads(markdown);
	for (const struct converter_class *const *c = converter_classes(); *c != NULL;
	     c++) {
		buf_reset(&doc);
		buf_printf(&doc, "%s%s\n\nClass: %s%s%s", (*c)->doc,
		    (*c)->header_only ? "  For headers only." : "", markdown ? "`" : "",
		    (*c)->name, markdown ? "`" : "");
		section(simple_name((*c)->name), buf_cstr(&doc), (*c)->options, markdown);
	}
	buf_fini(&doc);
}

/* ---- the command line ---- */

static const struct {
	const char *name; /* also of the page in docs/ */
	void (*print)(bool markdown);
} subjects[] = {
	{ "configuration", print_configuration },
	{ "transforms", print_transforms },
	{ "converters", print_converters },
};

static int
usage(FILE *out)
{
	fputs("usage: headrace options [--markdown] [SUBJECT]\n"
	      "SUBJECT: configuration (every setting of workers and connectors; when "
	      "absent),\n"
	      "transforms, or converters\n",
	    out);
	return out == stdout ? 0 : 2;
}

int
cli_options(int argc, char **argv)
{
	const char *subject = NULL;
	bool markdown = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0)
			return usage(stdout);
		if (strcmp(argv[i], "--markdown") == 0)
			markdown = true;
		else if (subject == NULL)
			subject = argv[i];
		else
			return usage(stderr);
	}
	for (size_t i = 0; i < ARRAY_LEN(subjects); i++)
		if (strcmp(subject == NULL ? subjects[0].name : subject,
			subjects[i].name) == 0) {
			subjects[i].print(markdown);
			return 0;
		}
	return usage(stderr);
}
