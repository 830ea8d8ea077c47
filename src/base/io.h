#ifndef BASE_IO_H
#define BASE_IO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * All system calls on files that can fail are here, so that tests can make them
 * fail (io_fail) and the rest of the tree never looks at errno of a disk.  Kinds:
 * ERR_RETRY what may be over later (no space, no descriptors), ERR_FATAL a disk that
 * fails, ERR_CONFIG all else (absent, not allowed, read-only, not a directory).
 * Messages begin with the path.  Thread: any.
 */

/* Is anything there?  true also when that cannot be told (no rights): a read says why. */
bool io_exists(const char *path);

/* Reads a whole file of at most max_bytes into out (emptied first).  A larger one is
 * ERR_CONFIG; on failure out is empty. */
int io_read_file(const char *path, size_t max_bytes, struct buf *out, struct err *err);

/*
 * Replaces a file durably: writes path.tmp (mode 0600), fsync, rename, fsync of
 * the directory.  On failure the old file is as it was, and path.tmp is gone; only
 * when the last step fails (the message says so) the new file is there already, but
 * a power cut may bring the old one back.  For one writer of a path at a time.
 */
int io_write_file(const char *path, const void *p, size_t n, struct err *err);

/* Makes a directory and its missing parents, mode 0700, durably; existing is fine. */
int io_mkdirs(const char *path, struct err *err);

/* For tests: the nth call from now (1 = next) fails with errnum, once; 0 turns it off.
 * Clean-up after a failure is not counted. */
void io_fail(unsigned nth, int errnum);

#endif
