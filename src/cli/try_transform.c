/*
 * Cases of `headrace try --jsonl` for transforms: one, several in a chain, or those
 * that a connector's configuration declares.
 */
#include "cli/tagged.h"
#include "cli/try_case.h"
#include "smt/smt.h"

static void
print_record(struct buf *out, const struct record *r)
{
	buf_add_c(out, "{\"record\":{");
	tagged_print_record(out, r);
	buf_add_c(out, "}}");
}

static int
run(const struct try_case *c, struct smt_chain *chain, struct err *err)
{
	struct record r;
	struct err why;

	record_init(&r, c->mem);
	if (tagged_read_record(try_member(c, "record"), &r, err) != 0)
		return -1;
	int rc = smt_chain_apply(chain, &r, &why);
	if (rc < 0)
		try_print_error(c, "apply", why.msg);
	else if (rc > 0)
		buf_add_c(c->out, "{\"dropped\":true}");
	else
		print_record(c->out, &r);
	return 0;
}

static struct str
text_of(const struct json *object, const char *name)
{
	const struct json *m = json_member(object, str_of(name));

	return m != NULL && m->type == JSON_STRING ? json_text(m) : STR("");
}

/* {"type":..,"config":{..},"predicate":{"type":..,"config":{..}},"negate":..} */
static int
add(const struct try_case *c, struct smt_chain *chain, struct str type,
    const struct json *step, struct err *why)
{
	const struct json *predicate = json_member(step, STR("predicate"));
	const struct json *negate = json_member(step, STR("negate"));
	struct config *options = try_config(json_member(step, STR("config")));
	struct config *of_predicate = NULL;
	const char *name = NULL;

	if (predicate != NULL && predicate->type == JSON_OBJECT) {
		of_predicate = try_config(json_member(predicate, STR("config")));
		name = arena_str(c->mem, text_of(predicate, "type")).p;
	}
	int rc = smt_chain_add(chain, arena_str(c->mem, type).p, options, name,
	    of_predicate, negate != NULL && negate->type == JSON_TRUE, why);
	config_free(options);
	config_free(of_predicate);
	return rc;
}

int
try_transform(const struct try_case *c, struct err *err)
{
	struct smt_chain *chain = smt_chain_new();
	struct err why = { 0 };
	int rc = 0;

	if (add(c, chain, try_text(c, "transform", ""), c->json, &why) != 0)
		try_print_error(c, "config", why.msg);
	else
		rc = run(c, chain, err);
	smt_chain_close(chain);
	return rc;
}

int
try_transforms(const struct try_case *c, struct err *err)
{
	const struct json *list = try_member(c, "transforms");
	struct smt_chain *chain = smt_chain_new();
	struct err why = { 0 };
	int rc = list->type == JSON_ARRAY
	             ? 0
	             : err_set(err, ERR_CONFIG, "transforms: not a list");

	for (const struct json *step = rc == 0 ? json_first(list) : NULL; step != NULL;
	     step = step->next)
		if (add(c, chain, text_of(step, "type"), step, &why) != 0) {
			try_print_error(c, "config", why.msg);
			goto out;
		}
	if (rc == 0)
		rc = run(c, chain, err);
out:
	smt_chain_close(chain);
	return rc;
}

/* "validation":{"key":["text",...],...}, by key. */
static void
print_validation(struct buf *out, const struct problems *problems)
{
	const struct problem *p, *q;
	bool first = true;

	buf_add_c(out, "\"validation\":{");
	for (size_t i = 0; (p = problems_each(problems, &i)) != NULL;) {
		bool seen = false;
		for (size_t k = 0; (q = problems_each(problems, &k)) != p;)
			seen |= q->level == PROBLEM_ERROR &&
			        str_eq_c(str_of(q->key), p->key);
		if (p->level != PROBLEM_ERROR || seen)
			continue;
		buf_add_c(out, first ? "" : ",");
		json_write_string(out, str_of(p->key));
		buf_add_c(out, ":[");
		json_write_string(out, str_of(p->text));
		for (size_t k = i; (q = problems_each(problems, &k)) != NULL;)
			if (q->level == PROBLEM_ERROR &&
			    str_eq_c(str_of(q->key), p->key)) {
				buf_add_c(out, ",");
				json_write_string(out, str_of(q->text));
			}
		buf_add_c(out, "]");
		first = false;
	}
	buf_add_c(out, "}");
}

int
try_connector(const struct try_case *c, struct err *err)
{
	struct config *cfg = try_config(try_member(c, "connector"));
	struct problems *problems = problems_new();
	struct err why = { 0 };
	struct smt_chain *chain = smt_chain_open(cfg, &why);
	int rc = 0;

	smt_chain_validate(cfg, problems);
	if (chain == NULL) {
		try_print_error(c, "config", why.msg);
		c->out->n--; /* '}' */
		buf_add_c(c->out, ",");
		print_validation(c->out, problems);
		buf_add_c(c->out, "}");
	} else {
		rc = run(c, chain, err);
	}
	smt_chain_close(chain);
	problems_free(problems);
	config_free(cfg);
	return rc;
}
