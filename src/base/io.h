#ifndef BASE_IO_H
#define BASE_IO_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * All system calls on files that can fail are here, so that tests can make them
 * fail (io_fail) and the rest of the tree never looks at errno of a disk.
 */

/* Reads a whole file of at most max_bytes into out (emptied first). */
int io_read_file(const char *path, size_t max_bytes, struct buf *out, struct err *err);

/*
 * Replaces a file durably: writes path.tmp (mode 0600), fsync, rename, fsync of
 * the directory.  On failure the old file is as it was.
 */
int io_write_file(const char *path, const void *p, size_t n, struct err *err);

/* Makes a directory and its missing parents, mode 0700; existing is fine. */
int io_mkdirs(const char *path, struct err *err);

/* For tests: the nth call from now (1 = next) fails with errnum; 0 turns it off. */
void io_fail(unsigned nth, int errnum);

#endif
