#ifndef CONFIG_CONF_TEXT_H
#define CONFIG_CONF_TEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "config/config.h"

/*
 * The text of headrace.conf with its @include lines replaced by the files they name,
 * checked for what libconfig would read as something else or end the process over.
 */
struct conf_text;

/*
 * @include "path" stands alone at the beginning of a line, as in libconfig; the path
 * is relative to the folder of the file that names it and may be a pattern
 * ("conf.d/[a-z]*.conf"; in order of names, none is fine).  At most 10
 * deep, 1,000 files and 8 MiB in all.  Faults go to problems; always returns a text.
 */
struct conf_text *conf_text_load(const char *path, struct problems *);
void conf_text_free(struct conf_text *);

/* For the library; without zero bytes.  Borrowed. */
const char *conf_text_cstr(struct conf_text *);
/* Is it worth parsing?  false when a file, a quote or a bracket is missing. */
bool conf_text_is_whole(const struct conf_text *);
/* Where a line (from 1) of the text comes from; *file is borrowed. */
void conf_text_place(
    const struct conf_text *, int line, const char **file, int *file_line);

/* Shortest text that reads as the same number; for settings and their check. */
void conf_text_number(double number, char out[32]);

#endif
