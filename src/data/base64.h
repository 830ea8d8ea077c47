#ifndef DATA_BASE64_H
#define DATA_BASE64_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* Base64, standard alphabet with padding. */

void base64_encode(struct buf *out, struct str bytes);

/*
 * As Jackson's MIME-NO-LINEFEEDS variant reads: padding required, non-zero left-over
 * bits accepted, characters <= U+0020 skipped between groups of four.
 */
bool base64_decode(struct arena *mem, struct str text, struct str *bytes);

#endif
