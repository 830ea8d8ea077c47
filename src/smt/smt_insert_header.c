/*
 * InsertHeader: append a header with a fixed value.  The literal is read once, by the
 * rules of header texts (spec/converters 8.3): 1 is an int8, 2019-08-23 a Date.
 */
#include "smt/smt.h"
#include "smt/smt_rules.h"

#include "data/literal.h"

struct insert {
	const char *header;
	const char *literal;
	struct datum datum;
};

static const struct opt options[] = { { .name = "header",
					  OPT_STRING(struct insert, header),
					  .required = true,
					  .check = smt_check_null,
					  .importance = OPT_HIGH,
					  .doc = "Name of the header." },
	{ .name = "value.literal",
	    OPT_STRING(struct insert, literal),
	    .required = true,
	    .check = smt_check_null,
	    .importance = OPT_HIGH,
	    .doc = "Its value: 1 is an int8, 1.5 a float32, true a boolean, [1,2] an "
		   "array, 2019-08-23 a Date, null a null; other texts are strings." },
	{ 0 } };

static int
insert_init(void *state, struct arena *mem, unsigned side, struct err *err)
{
	struct insert *h = state;

	(void)side;
	(void)err;
	h->datum = literal_parse(mem, str_of(h->literal));
	return 0;
}

static int
insert_apply(const void *state, struct record *r, struct datum *side, struct err *err)
{
	const struct insert *h = state;

	(void)side;
	(void)err;
	record_add_header(r, str_of(h->header), h->datum);
	return 0;
}

const struct smt smt_insert_header = {
	.name = "org.apache.kafka.connect.transforms.InsertHeader",
	.doc = "Adds a header with a fixed value.",
	.options = options,
	.state_size = sizeof(struct insert),
	.init = insert_init,
	.apply = insert_apply,
};
