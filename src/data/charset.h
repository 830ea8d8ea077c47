#ifndef DATA_CHARSET_H
#define DATA_CHARSET_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* The encodings every Java has (java.nio.charset.StandardCharsets), to and from UTF-8. */

enum charset {
	CHARSET_UTF_8,
	CHARSET_UTF_16, /* writes a big-endian mark; reads either, without a mark big */
	CHARSET_UTF_16BE,
	CHARSET_UTF_16LE,
	CHARSET_ISO_8859_1,
	CHARSET_US_ASCII,
};

/* By Java's names and aliases in any letter case. */
bool charset_find(struct str name, enum charset *out);

/*
 * Bytes to UTF-8 as `new String(bytes, charset)`: U+FFFD for each ill-formed part, cut as
 * Java's decoders do; a byte order mark of UTF-8 is kept.  Well-formed UTF-8 is
 * borrowed, not copied.
 */
struct str charset_decode(struct arena *mem, enum charset charset, struct str bytes);

/* UTF-8 to bytes as `text.getBytes(charset)`: '?' for what the charset lacks. */
void charset_encode(struct buf *out, enum charset charset, struct str text);

#endif
