#ifndef CLI_CLI_H
#define CLI_CLI_H

/*
 * Subcommands: one file each, one prototype here.  argv[0] is the subcommand's name;
 * the result is the process's exit status: 0 good, 1 refused or failed, 2 wrong usage.
 */
int cli_kcql(int argc, char **argv);

#endif
