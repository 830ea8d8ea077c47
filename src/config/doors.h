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
 * headrace.conf, in libconfig's syntax: worker = { ... } and connectors = ( { ... },
 * ... ), or connectors_<anything> beside it, so that included files can each bring
 * some.  Every name and value becomes what the other doors give:
 *
 * names    '_' stands for '.', "__" for a '_' ("mqtt_server__uris" is
 *          mqtt.server_uris), '-' and '*' for themselves.  What libconfig cannot spell
 *          goes into a list of .properties lines: properties = [ "key=value", ... ].
 * values   texts as they are; true and false; numbers in decimal as written, which
 *          are refused when libconfig would read another one (above 32 bits without
 *          L, 007, 0x10, 1.10): write them in quotes.  Lists of these are joined with
 *          commas; an item with a comma is an error.  Groups inside groups are errors.
 * escapes  \\ \" \n \r \t \f \xHH; others are errors.
 * units    "30s" or "5GiB", in quotes, where the option table names a unit.
 *
 * In a connector kcql_file = "site.kcql" is connect.mqtt.kcql with the text of that
 * file (at most 8 MiB) and places in it (config_entry.whole_file).  Paths of kcql_file
 * and @include are relative to the folder of the file that holds them; @include
 * stands at the beginning of a line and takes patterns ("conf.d/[a-z]*.conf").
 */
struct appliance {
	struct config *worker;      /* "bootstrap.servers", "state.dir", ... */
	struct config **connectors; /* each with "name", "connector.class", ... */
	size_t n_connectors;
};

/*
 * Never NULL; every fault goes to problems, with its file and line.  Holds what could
 * be read: nothing when the text cannot be parsed, so look at problems first.  Checks
 * that connectors have names and that names are unique, no other option.
 */
struct appliance *appliance_load(const char *path, struct problems *);
void appliance_free(struct appliance *);

#endif
