#ifndef KAFKA_JAAS_H
#define KAFKA_JAAS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * The text of `sasl.jaas.config`: "<class> <flag> [key=value]... ;", cut into words as
 * Java's StreamTokenizer does (JaasConfig of Kafka 3.9).  It is a secret: no error
 * shows more of it than the names of known options.
 */
struct jaas_option {
	const char *name, *value;
};

struct jaas {
	const char
	    *module; /* "org.apache.kafka.common.security.plain.PlainLoginModule" */
	const struct jaas_option *options;
	size_t n_options;
};

/* All texts lie in mem.  ERR_CONFIG with Java's text. */
int jaas_parse(const char *text, struct arena *mem, struct jaas *out, struct err *err);

/* The last value under that name; NULL: none. */
const char *jaas_get(const struct jaas *, const char *name);

#endif
