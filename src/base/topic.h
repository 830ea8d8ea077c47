#ifndef BASE_TOPIC_H
#define BASE_TOPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* MQTT topic filters (MQTT 3.1.1 and 5, section 4.7). */

/*
 * ERR_CONFIG with the reason unless the filter is well-formed: 1 to 65,535 bytes
 * of UTF-8 without U+0000, '+' alone in its level, '#' alone in the last one,
 * "$share/<group>/<filter>" with a group free of '+', '#' and '/'.
 */
int topic_filter_check(struct str filter, struct err *err);

/* The filter behind "$share/<group>/" or "$queue/"; else the filter itself. */
struct str topic_filter_inner(struct str filter);
/* The group of "$share/<group>/..." ; empty without one ("$queue/": "$queue"). */
struct str topic_filter_group(struct str filter);

/* Does `filter` (inner form) match `topic`?  `a/#` matches `a`; a first-level
 * wildcard does not match a topic that begins with '$'. */
bool topic_matches(struct str filter, struct str topic);

/* Does every topic that `narrow` matches also match `wide`?  (inner forms)  Exact:
 * "+/#" covers "#", "#" does not cover "$SYS/#". */
bool topic_filter_covers(struct str wide, struct str narrow);

/* A topic name as a PUBLISH may carry it: 1 to 65,535 bytes of UTF-8 without U+0000,
 * '+' and '#'. */
bool topic_name_valid(struct str topic);

/* The level'th part of a topic, counted from 1; it may be empty, as all four of "/a//".
 * false: the topic has fewer. */
bool topic_level(struct str topic, uint32_t level, struct str *out);
/* How many parts: the number of slashes, and one. */
uint32_t topic_level_count(struct str topic);

#endif
