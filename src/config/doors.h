#ifndef CONFIG_DOORS_H
#define CONFIG_DOORS_H

#include "config/config.h"

/* Java's .properties format (java.util.Properties, read as UTF-8). */
void properties_parse(struct str text, const char *file, struct config *into,
    struct problems *);
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
