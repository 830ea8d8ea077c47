#ifndef CONFIG_DOORS_H
#define CONFIG_DOORS_H

#include "config/config.h"

/*
 * The .properties format as java.util.Properties (JDK 17) reads it, as UTF-8.  The
 * last of several equal keys wins, with a warning.  An error is what Java takes and
 * we cannot hold, or what it cannot read: a bad \u escape, half a surrogate pair,
 * U+0000, bytes that are not UTF-8 (comments may hold them), a key or value above
 * CONFIG_KEY_MAX or CONFIG_VALUE_MAX, more than 10,000 settings; the line is left
 * out.  `file` (may be NULL) is for places only.  Puts into `into` beside what is
 * there, and sets its place.  No text of a value gets into a problem.
 */
void properties_parse(
    struct str text, const char *file, struct config *into, struct problems *);
/* Of a file of at most 8 MiB.  -1, and an error in problems, when it cannot be read. */
int properties_load(const char *path, struct config *into, struct problems *);

/*
 * headrace.conf (libconfig) with @include; every fault goes to problems.  Names are
 * spelled with '_' for '.', sizes and times are texts with units.
 */
struct appliance {
	struct config *worker;      /* "bootstrap.servers", "state.dir", ... */
	struct config **connectors; /* each with "name", "connector.class", ... */
	size_t n_connectors;
};

/* Opens path and the .kcql files it names (kcql_file, relative to the folder of
 * the file; becomes connect.mqtt.kcql). */
struct appliance *appliance_load(const char *path, struct problems *);
void appliance_free(struct appliance *);

#endif
