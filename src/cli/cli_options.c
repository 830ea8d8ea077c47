/* headrace options: every setting, from the tables that also validate them. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "connect/connector_common.h"
#include "connect/worker.h"

static void
section(const char *title, const char *doc, const struct opt *table, bool markdown)
{
	struct buf text = { 0 };

	printf("%s%s\n\n", markdown ? "## " : "", title);
	if (doc[0] != '\0')
		printf("%s\n\n", doc);
	opt_describe(table, markdown, &text);
	fputs(buf_cstr(&text), stdout);
	puts("");
	buf_fini(&text);
}

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

static int
usage(FILE *out)
{
	fputs("usage: headrace options [--markdown]\n"
	      "Prints every setting of workers and connectors.\n",
	    out);
	return out == stdout ? 0 : 2;
}

int
cli_options(int argc, char **argv)
{
	bool markdown = argc == 2 && strcmp(argv[1], "--markdown") == 0;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 2 || (argc == 2 && !markdown))
		return usage(stderr);
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
	return 0;
}
