/* headrace standalone: a drop-in for connect-standalone. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/setup.h"

static int
usage(FILE *out)
{
	fputs("usage: headrace standalone WORKER.properties CONNECTOR.properties...\n"
	      "Runs connectors from Kafka Connect's files; offsets lie in the file that\n"
	      "offset.storage.file.filename of WORKER.properties names.\n",
	    out);
	return out == stdout ? 0 : 2;
}

int
cli_standalone(int argc, char **argv)
{
	struct setup s;
	int status = 1;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc < 3)
		return usage(stderr);
	setup_log();
	setup_properties(&s, argv[1], argv + 2, (size_t)argc - 2);
	if (setup_report(&s))
		status = worker_run(s.w);
	setup_fini(&s);
	return status;
}
