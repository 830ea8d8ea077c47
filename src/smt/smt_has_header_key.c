/* HasHeaderKey: is there a header of that name? */
#include "smt/smt.h"
#include "smt/smt_rules.h"

struct has_header {
	const char *name;
};

static const struct opt options[] = {
	{ .name = "name",
	    OPT_STRING(struct has_header, name),
	    .required = true,
	    .check = smt_check_text,
	    .importance = OPT_MEDIUM,
	    .doc = "Name of the header; letter case matters." },
	{ 0 }
};

static int
has_header_test(const void *state, const struct record *r, struct err *err)
{
	const struct has_header *h = state;

	(void)err;
	return record_last_header(r, str_of(h->name)) != NULL;
}

const struct smt_predicate smt_has_header_key = {
	.name = "org.apache.kafka.connect.transforms.predicates.HasHeaderKey",
	.doc = "True for records with at least one header of that name.",
	.options = options,
	.state_size = sizeof(struct has_header),
	.test = has_header_test,
};
