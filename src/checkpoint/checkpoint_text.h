#ifndef CHECKPOINT_CHECKPOINT_TEXT_H
#define CHECKPOINT_CHECKPOINT_TEXT_H

#include "checkpoint/checkpoint.h"

/* Texts of keys and values, for the two stores; see checkpoint.h for the rest. */

/* A tombstone, or JSON null, which means the same. */
bool checkpoint_text_is_null(struct str value);

enum checkpoint_match {
	CHECKPOINT_BROKEN, /* not ["<connector>",{<partition>}] */
	CHECKPOINT_OTHER,
	CHECKPOINT_EQUAL, /* ours in another spelling */
	CHECKPOINT_SAME,  /* ours, byte for byte */
};

enum checkpoint_match checkpoint_text_match(struct str ours, struct str key);

#endif
