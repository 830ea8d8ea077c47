/* Filter: drop the record.  Of use with a predicate only. */
#include "smt/smt.h"

static int
filter_apply(const void *state, struct record *r, struct datum *side, struct err *err)
{
	(void)state;
	(void)r;
	(void)side;
	(void)err;
	return SMT_DROP;
}

const struct smt smt_filter = {
	.name = "org.apache.kafka.connect.transforms.Filter",
	.doc = "Drops the record; meant to be used with a predicate.",
	.apply = filter_apply,
};
