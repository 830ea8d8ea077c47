/* RecordIsTombstone: is the value null? */
#include "smt/smt.h"

static int
tombstone_test(const void *state, const struct record *r, struct err *err)
{
	(void)state;
	(void)err;
	return value_is_null(r->value.value);
}

const struct smt_predicate smt_record_is_tombstone = {
	.name = "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone",
	.doc = "True for records whose value is null.",
	.test = tombstone_test,
};
