#ifndef CLI_CLI_H
#define CLI_CLI_H

/*
 * Subcommands: one file each, one prototype here, one row in cli_table.c.  argv[0] is
 * the subcommand's name; the result is the process's exit status: 0 good, 1 refused
 * or failed, 2 wrong usage or the worker could not start.
 */
int cli_check(int argc, char **argv);
int cli_demo(int argc, char **argv);
int cli_kcql(int argc, char **argv);
int cli_options(int argc, char **argv);
int cli_run(int argc, char **argv);
int cli_standalone(int argc, char **argv);
int cli_try(int argc, char **argv);

struct cli_command {
	const char *name;
	const char *usage; /* arguments */
	const char *doc;   /* one line */
	int (*run)(int argc, char **argv);
};

extern const struct cli_command cli_table[]; /* ends with a row without name */

/* Chooses by argv[1]; --help and --version too. */
int cli_main(int argc, char **argv);

#endif
