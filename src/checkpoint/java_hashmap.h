#ifndef CHECKPOINT_JAVA_HASHMAP_H
#define CHECKPOINT_JAVA_HASHMAP_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/*
 * java.util.HashMap<byte[], byte[]> as ObjectOutputStream writes it (Java Object
 * Serialization Specification, chapter 6): the offsets file of a standalone worker.
 *
 *   ac ed 00 05                                    magic, version
 *   73 72 00 11 "java.util.HashMap" ... 78 70      object, its class
 *   3f 40 00 00  <threshold>                       load factor 0.75
 *   77 08 <buckets> <pairs>                        how many of each, 32 bits
 *   <array> <array>  ...                           key, value, key, ...
 *   78                                             end
 */

struct java_hashmap_pair {
	struct str key, value; /* p NULL: null */
};

/* *pairs borrows from bytes and is freed with free(), also after an error (it is NULL
 * then).  ERR_CONFIG tells the offset at which the bytes are something else. */
int java_hashmap_read(
    struct str bytes, struct java_hashmap_pair **pairs, size_t *n, struct err *err);

/* Appends to out what Java would write for these pairs in this order. */
void java_hashmap_write(const struct java_hashmap_pair *pairs, size_t n, struct buf *out);

#endif
