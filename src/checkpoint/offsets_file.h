#ifndef CHECKPOINT_OFFSETS_FILE_H
#define CHECKPOINT_OFFSETS_FILE_H

#include "checkpoint/checkpoint.h"

/* The calls of offsets_file (checkpoint.h) that wait for its lock or the disk: for the
 * helper threads of checkpoint.c.  Thread: any. */

/* Is there a value under this key, or one that equals it?  stored_key: as it is spelled
 * in the file; both are emptied first. */
bool offsets_file_find(
    struct offsets_file *, struct str key, struct buf *stored_key, struct buf *value);

/* Sets a value (p NULL: deletes it) and replaces the file, durably.  On failure the
 * value is kept and goes into the file with the next. */
int offsets_file_put(
    struct offsets_file *, struct str key, struct str value, struct err *err);

#endif
