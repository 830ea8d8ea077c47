/* headrace: argument 1 chooses a subcommand. */
#include <stdio.h>

int
main(void)
{
	puts("headrace " HEADRACE_VERSION);
	return 0;
}
