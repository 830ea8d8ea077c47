/*
 * TimestampRouter: a topic per day, hour, ...: ${topic}-${timestamp}.
 */
#include "smt/smt.h"

#include <string.h>

#include "base/clock.h"
#include "data/date_pattern.h"

struct router {
	const char *topic_format;
	const char *timestamp_format;
	const struct date_pattern *pattern; /* NULL: `fault` */
	struct err fault;
};

static const struct opt options[] = {
	{ .name = "topic.format",
	    OPT_STRING(struct router, topic_format),
	    .def = "${topic}-${timestamp}",
	    .importance = OPT_HIGH,
	    .doc = "The new topic, with ${topic} for the old one and ${timestamp} for "
		   "the record's timestamp." },
	{ .name = "timestamp.format",
	    OPT_STRING(struct router, timestamp_format),
	    .def = "yyyyMMdd",
	    .importance = OPT_HIGH,
	    .doc = "Pattern of java.text.SimpleDateFormat for ${timestamp}, in UTC." },
	{ 0 }
};

static int
router_init(void *state, struct arena *mem, unsigned side, struct err *err)
{
	struct router *x = state;

	(void)side;
	(void)err;
	/* As in Java a bad pattern shows with the first record (and as a warning). */
	x->pattern = date_pattern_new(
	    mem, str_of(x->timestamp_format), clock_wall_ms(), &x->fault);
	return 0;
}

static const char *
router_warn(const void *state, struct err *why)
{
	const struct router *x = state;

	if (x->pattern == NULL) {
		err_set(why, ERR_CONFIG, "%s: every record will fail", x->fault.msg);
		return "timestamp.format";
	}
	const char *doubt = date_pattern_doubt(x->pattern);
	if (doubt == NULL)
		return NULL;
	err_set(why, ERR_CONFIG, "%s", doubt);
	return "timestamp.format";
}

/* Every `name` in text becomes `by`. */
static struct str
replace_all(struct arena *mem, struct str text, const char *name, struct str by)
{
	size_t n = strlen(name), found = 0, used = 0;

	for (size_t i = 0; i + n <= text.n; i++)
		if (memcmp(text.p + i, name, n) == 0) {
			found++;
			i += n - 1;
		}
	if (found == 0)
		return text;
	char *out = arena_alloc(mem, text.n - found * n + found * by.n + 1);
	for (size_t i = 0; i < text.n;) {
		if (i + n <= text.n && memcmp(text.p + i, name, n) == 0) {
			memcpy(out + used, by.p, by.n);
			used += by.n;
			i += n;
		} else
			out[used++] = text.p[i++];
	}
	out[used] = '\0';
	return (struct str) { out, used };
}

static int
router_apply(const void *state, struct record *r, struct datum *side, struct err *err)
{
	const struct router *x = state;
	struct arena *mem = record_mem(r);

	(void)side;
	if (!r->has_timestamp)
		return err_set(err, ERR_RECORD, "Timestamp missing on record: %.*s",
		    STR_ARG(record_text(r)));
	if (x->pattern == NULL)
		return err_set(err, ERR_RECORD, "%s", x->fault.msg);
	if (r->topic.p == NULL)
		return err_set(err, ERR_RECORD, "The record has no topic");

	struct str text = date_pattern_print(x->pattern, mem, r->timestamp_ms);
	struct str topic = replace_all(
	    mem, str_of(x->topic_format), "${topic}", r->topic);
	r->topic = replace_all(mem, topic, "${timestamp}", text);
	if (r->topic.p == NULL) /* an empty format; NULL means none */
		r->topic = STR("");
	return 0;
}

const struct smt smt_timestamp_router = {
	.name = "org.apache.kafka.connect.transforms.TimestampRouter",
	.doc = "Makes the topic of the old topic and the record's timestamp.",
	.options = options,
	.state_size = sizeof(struct router),
	.init = router_init,
	.apply = router_apply,
	.warn = router_warn,
};
