/*
 * RegexRouter: a topic that matches as a whole gets the first match of the same
 * expression replaced; the second search is not anchored, as in Java.
 */
#include "smt/smt.h"
#include "smt/smt_rules.h"

#include "base/regex.h"

struct router {
	const char *regex;
	const char *replacement;
	struct regex *compiled;
};

static const struct opt options[] = {
	{ .name = "regex",
	    OPT_STRING(struct router, regex),
	    .required = true,
	    .check = smt_check_regex,
	    .importance = OPT_HIGH,
	    .doc = "Java regular expression; topics that match it as a whole are "
		   "renamed." },
	{ .name = "replacement",
	    OPT_STRING(struct router, replacement),
	    .required = true,
	    .importance = OPT_HIGH,
	    .doc = "What comes in place of the match; $1 and ${name} are its groups." },
	{ 0 }
};

static int
router_init(void *state, struct arena *mem, unsigned side, struct err *err)
{
	struct router *x = state;

	(void)mem;
	(void)side;
	if (x->replacement == NULL)
		return err_set(err, ERR_CONFIG, "The replacement is null");
	x->compiled = regex_new(str_of(x->regex), REGEX_WHOLE | REGEX_FIND, err);
	return x->compiled == NULL ? -1 : 0;
}

static void
router_fini(void *state)
{
	regex_free(((struct router *)state)->compiled);
}

static const char *
router_warn(const void *state, struct err *why)
{
	const struct router *x = state;

	if (regex_replacement_check(x->compiled, str_of(x->replacement), why) == 0)
		return NULL;
	err_context(why, "every record with a matching topic will fail");
	return "replacement";
}

static int
router_apply(const void *state, struct record *r, struct datum *side, struct err *err)
{
	const struct router *x = state;
	struct str topic;

	(void)side;
	if (r->topic.p == NULL)
		return err_set(err, ERR_RECORD, "The record has no topic");
	int rc = regex_matches(x->compiled, r->topic, err);
	if (rc <= 0)
		return rc;
	if (regex_replace_first(x->compiled, record_mem(r), r->topic,
		str_of(x->replacement), &topic, err) < 0)
		return -1;
	r->topic = topic;
	return 0;
}

const struct smt smt_regex_router = {
	.name = "org.apache.kafka.connect.transforms.RegexRouter",
	.doc = "Renames topics that match a regular expression.",
	.options = options,
	.state_size = sizeof(struct router),
	.init = router_init,
	.fini = router_fini,
	.apply = router_apply,
	.warn = router_warn,
};
