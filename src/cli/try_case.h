#ifndef CLI_TRY_CASE_H
#define CLI_TRY_CASE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"
#include "data/json.h"

/*
 * One line of `headrace try --jsonl`.  What a case holds decides who runs it; each
 * kind is a file try_<kind>.c and a row of the table in cli_try.c.
 */
struct try_case {
	struct arena *mem; /* for this case */
	const struct json *json;
	struct buf *out; /* the result: an object */
};

/* Each writes its result; -1: the case itself cannot be read. */
int try_converter(const struct try_case *c, struct err *err);
int try_payload(const struct try_case *c, struct err *err);
int try_transform(const struct try_case *c, struct err *err);
int try_transforms(const struct try_case *c, struct err *err);
int try_connector(const struct try_case *c, struct err *err);

/* `headrace try -c FILE --topic ...`: all but cases; the exit status. */
int try_message(int argc, char **argv);

/* A member that is not null; NULL when absent. */
const struct json *try_member(const struct try_case *c, const char *name);
/* The text of a member, or def. */
struct str try_text(const struct try_case *c, const char *name, const char *def);
/* The member "config": texts, JSON null as value NULL.  The caller frees. */
struct config *try_config(const struct json *object);

/* {"error":..,"phase":..,"message":..} */
void try_print_error(const struct try_case *c, const char *phase, const char *message);
/* The same with the first error of problems, or err's. */
void try_print_refusal(
    const struct try_case *c, const struct problems *problems, const struct err *err);

#endif
