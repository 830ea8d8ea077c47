/* headrace run: the appliance, from headrace.conf. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/setup.h"

#define DEFAULT_CONF "/etc/headrace/headrace.conf"

static int
usage(FILE *out)
{
	fputs("usage: headrace run [-c FILE]\n"
	      "Runs the connectors of FILE (" DEFAULT_CONF
	      " when absent) until SIGTERM.\n",
	    out);
	return out == stdout ? 0 : 2;
}

int
cli_run(int argc, char **argv)
{
	const char *path = DEFAULT_CONF;
	struct setup s;
	int status = 1;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0)
			return usage(stdout);
		if (strcmp(argv[i], "-c") != 0 || i + 1 == argc)
			return usage(stderr);
		path = argv[++i];
	}
	setup_log();
	setup_conf(&s, path);
	if (setup_report(&s))
		status = worker_run(s.w);
	setup_fini(&s);
	return status;
}
