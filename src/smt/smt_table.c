/* All transforms and predicates: to add one, write its file and its line here. */
#include "smt/smt.h"

#define TRANSFORMS(X)          \
	X(cast)                \
	X(drop_headers)        \
	X(extract_field)       \
	X(extract_topic)       \
	X(filter)              \
	X(flatten)             \
	X(header_from)         \
	X(hoist_field)         \
	X(insert_field)        \
	X(insert_header)       \
	X(mask_field)          \
	X(regex_router)        \
	X(replace_field)       \
	X(set_schema_metadata) \
	X(timestamp_converter) \
	X(timestamp_router)    \
	X(value_to_key)

#define PREDICATES(X)          \
	X(has_header_key)      \
	X(record_is_tombstone) \
	X(topic_name_matches)

#define X(n) extern const struct smt smt_##n;
TRANSFORMS(X)
#undef X
#define X(n) extern const struct smt_predicate smt_##n;
PREDICATES(X)
#undef X

#define X(n) &smt_##n,
const struct smt *const smt_table[] = { TRANSFORMS(X) NULL };
const struct smt_predicate *const smt_predicate_table[] = { PREDICATES(X) NULL };
