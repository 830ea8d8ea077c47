#ifndef SMT_CHECK_H
#define SMT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "smt/smt.h"

/*
 * Rows that need no C to check a transform.
 *
 * Configuration: "a=1;b=2".
 * Schemas and values are those of data_check.h.
 */
struct smt_row {
	const char *config;
	const char *schema; /* of the value; NULL: none */
	const char *in;
	/* "<schema> <value>", "<value>" without schema; "dropped"; "record: <message>",
	 * "config: <message>" for errors; their beginning when it ends in "...". */
	const char *out;
};

/* On the value (X$Value, or X itself). */
void smt_check(const struct smt *, const struct smt_row *);

/*
 * Whole records: "topic=t part=3 ts=5 offset=7 h:name=<JSON> key=<JSON> value=<JSON>",
 * schemaless, blanks between the parts and none in them; offset makes a sink record.
 * Out the same, or as above.
 */
struct smt_record_row {
	const char *config, *in, *out;
};

void smt_check_record(const struct smt *, unsigned side, const struct smt_record_row *);

/* Is the predicate true for such a record?  1, 0; -1: a fault of the configuration. */
int smt_check_predicate(
    const struct smt_predicate *, const char *config, const char *record);

/* "a=1;b=2" as a configuration; the caller frees. */
struct config *smt_check_config(const char *text);
/* A record as above. */
void smt_check_read(struct record *r, struct arena *mem, const char *text);

#define SMT_CHECK_ROWS(smt, rows)                               \
	do {                                                    \
		for (size_t i_ = 0; i_ < ARRAY_LEN(rows); i_++) \
			smt_check((smt), &(rows)[i_]);          \
	} while (0)

#endif
