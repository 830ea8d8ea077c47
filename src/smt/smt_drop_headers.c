/* DropHeaders: remove all headers of some names; the order of the others stays. */
#include "smt/smt.h"
#include "smt/smt_rules.h"

struct drop {
	struct opt_list headers;
};

static const struct opt options[] = {
	{ .name = "headers",
	    OPT_LIST(struct drop, headers),
	    .required = true,
	    .check = smt_check_list,
	    .importance = OPT_HIGH,
	    .doc = "Names of the headers to remove; letter case matters." },
	{ 0 }
};

static int
drop_apply(const void *state, struct record *r, struct datum *side, struct err *err)
{
	const struct drop *d = state;
	uint32_t n = r->n_headers;
	const struct header *old = r->headers;

	(void)side;
	(void)err;
	r->headers = NULL; /* the old ones may be another record's too */
	r->n_headers = r->cap_headers = 0;
	for (uint32_t i = 0; i < n; i++)
		if (!smt_in_list(&d->headers, old[i].key))
			record_add_header(r, old[i].key, old[i].datum);
	return 0;
}

const struct smt smt_drop_headers = {
	.name = "org.apache.kafka.connect.transforms.DropHeaders",
	.doc = "Removes headers by name.",
	.options = options,
	.state_size = sizeof(struct drop),
	.apply = drop_apply,
};
