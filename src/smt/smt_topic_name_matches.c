/* TopicNameMatches: does a regular expression match the whole topic? */
#include "smt/smt.h"
#include "smt/smt_rules.h"

#include "base/regex.h"

struct topic_matches {
	const char *pattern;
	struct regex *compiled;
};

static int
check_pattern(const struct opt *o, const void *field, struct err *err)
{
	return smt_check_text(o, field, err) < 0 ? -1 : smt_check_regex(o, field, err);
}

static const struct opt options[] = {
	{ .name = "pattern",
	    OPT_STRING(struct topic_matches, pattern),
	    .required = true,
	    .check = check_pattern,
	    .importance = OPT_MEDIUM,
	    .doc = "Java regular expression that must match the whole topic." },
	{ 0 }
};

static int
topic_matches_init(void *state, struct arena *mem, struct err *err)
{
	struct topic_matches *t = state;

	(void)mem;
	t->compiled = regex_new(str_of(t->pattern), REGEX_WHOLE, err);
	return t->compiled == NULL ? -1 : 0;
}

static void
topic_matches_fini(void *state)
{
	regex_free(((struct topic_matches *)state)->compiled);
}

static int
topic_matches_test(const void *state, const struct record *r, struct err *err)
{
	const struct topic_matches *t = state;

	return r->topic.p == NULL ? 0 : regex_matches(t->compiled, r->topic, err);
}

const struct smt_predicate smt_topic_name_matches = {
	.name = "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
	.doc = "True for records whose topic a regular expression matches as a whole.",
	.options = options,
	.state_size = sizeof(struct topic_matches),
	.init = topic_matches_init,
	.fini = topic_matches_fini,
	.test = topic_matches_test,
};
