/* The index of all subcommands. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

const struct cli_command cli_table[] = {
	{ "run", "-c FILE",
	    "run the connectors of headrace.conf; offsets in a Kafka topic", cli_run },
	{ "standalone", "WORKER.properties CONNECTOR.properties...",
	    "the same from Kafka Connect's standalone files; offsets in a file",
	    cli_standalone },
	{ "check", "FILE...", "look at configurations: parse, validate, resolve, connect",
	    cli_check },
	{ "kcql", "'STATEMENTS' | -f FILE", "explain KCQL statements", cli_kcql },
	{ "options", "[--markdown] [SUBJECT]",
	    "print every setting, or all transforms or converters", cli_options },
	{ "demo", "[--forever]", "see it work: broker, Kafka and sensors on this machine",
	    cli_demo },
	{ "try", "-c FILE --topic TOPIC --payload TEXT",
	    "show the records that a message would become, without MQTT and Kafka",
	    cli_try },
	{ 0 },
};

static int
help(FILE *out)
{
	fputs("headrace " HEADRACE_VERSION
	      ": brings MQTT messages to Kafka, routed by KCQL\n\n"
	      "usage:\n",
	    out);
	for (const struct cli_command *c = cli_table; c->name != NULL; c++)
		fprintf(out, "  headrace %s %s\n      %s\n", c->name, c->usage, c->doc);
	fputs("  headrace --help | --version\n\n"
	      "exit status: 0 good; 1 refused or failed; 2 wrong usage or could not "
	      "start\n",
	    out);
	return out == stdout ? 0 : 2;
}

static int
unknown(const char *name)
{
	const char *names[32], *near;
	size_t n = 0;

	for (const struct cli_command *c = cli_table; c->name != NULL; c++)
		names[n++] = c->name;
	near = str_nearest(str_of(name), names, n);
	fprintf(stderr, "headrace: there is no command \"%.60s\"", name);
	if (near != NULL)
		fprintf(stderr, "; did you mean \"%s\"?", near);
	fputs("\n`headrace --help` lists them\n", stderr);
	return 2;
}

int
cli_main(int argc, char **argv)
{
	if (argc < 2)
		return help(stderr);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0)
		return help(stdout);
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts("headrace " HEADRACE_VERSION);
		return 0;
	}
	for (const struct cli_command *c = cli_table; c->name != NULL; c++)
		if (strcmp(c->name, argv[1]) == 0)
			return c->run(argc - 1, argv + 1);
	return unknown(argv[1]);
}
