/* headrace: argument 1 chooses a subcommand. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "kcql") == 0)
		return cli_kcql(argc - 1, argv + 1);
	puts("headrace " HEADRACE_VERSION);
	return 0;
}
