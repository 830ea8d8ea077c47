/* Transforms and predicates on rows of tests. */
#include "smt_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "data_check.h"
#include "smt/smt_instance.h"

/* ---- records ---- */

struct config *
smt_check_config(const char *text)
{
	struct config *cfg = config_new();
	struct str rest = str_of(text), pair;
	struct arena *mem = arena_new(256);

	while (str_next(&rest, ';', &pair)) {
		const char *eq = memchr(pair.p, '=', pair.n);
		assert_non_null(eq);
		size_t n = (size_t)(eq - pair.p);
		config_set(cfg, arena_str(mem, (struct str) { pair.p, n }).p,
		    arena_str(mem, (struct str) { eq + 1, pair.n - n - 1 }).p);
	}
	arena_free(mem);
	return cfg;
}

static void
read_part(struct record *r, struct str part)
{
	struct arena *mem = record_mem(r);
	const char *eq = memchr(part.p, '=', part.n);
	struct str name = { part.p, (size_t)(eq - part.p) };
	const char *text = arena_str(mem, (struct str) { eq + 1, part.n - name.n - 1 }).p;

	if (str_eq_c(name, "topic"))
		r->topic = str_of(text);
	else if (str_eq_c(name, "part"))
		r->partition = atoi(text), r->has_partition = true;
	else if (str_eq_c(name, "ts"))
		r->timestamp_ms = atoll(text), r->has_timestamp = true;
	else if (str_eq_c(name, "offset"))
		r->offset = atoll(text), r->is_sink = true;
	else if (str_starts(name, "h:"))
		record_add_header(r, (struct str) { name.p + 2, name.n - 2 },
		    (struct datum) { NULL, data_check_value(mem, text, NULL) });
	else if (str_eq_c(name, "key"))
		r->key.value = data_check_value(mem, text, NULL);
	else if (str_eq_c(name, "value"))
		r->value.value = data_check_value(mem, text, NULL);
	else
		fail_msg("no such part: %.*s", STR_ARG(part));
}

void
smt_check_read(struct record *r, struct arena *mem, const char *text)
{
	struct str rest = str_of(text), part;

	record_init(r, mem);
	while (str_next(&rest, ' ', &part))
		read_part(r, part);
}

/* ---- checks ---- */

static void
compare(const char *config, const char *in, const char *got, const char *want)
{
	size_t n = strlen(want);
	bool prefix = n > 3 && strcmp(want + n - 3, "...") == 0;

	if (prefix ? strncmp(got, want, n - 3) != 0 : strcmp(got, want) != 0)
		fail_msg("\n  config   %s\n  in       %s\n  expected %s\n  got      %s",
		    config, in, want, got);
}

static void
apply(const struct smt *smt, unsigned side, const char *config, struct record *r,
    void (*print)(struct buf *, const struct record *), struct buf *out)
{
	struct config *cfg = smt_check_config(config);
	struct smt_chain *chain = smt_chain_new();
	struct err err = { 0 };
	const char *name = arena_printf(
	    record_mem(r), "%s%s", smt->name, smt_side_suffix(side));

	if (smt_chain_add(chain, name, cfg, NULL, NULL, false, &err) < 0) {
		buf_printf(out, "config: %s", err.msg);
	} else {
		int rc = smt_chain_apply(chain, r, &err);
		if (rc < 0)
			buf_printf(out, "%s: %s", err_kind_name(err.kind), err.msg);
		else if (rc > 0)
			buf_add_c(out, "dropped");
		else
			print(out, r);
	}
	smt_chain_close(chain);
	config_free(cfg);
}

static void
print_value_of(struct buf *out, const struct record *r)
{
	data_check_print(out, &r->value);
}

void
smt_check(const struct smt *smt, const struct smt_row *row)
{
	struct arena *mem = arena_new(4096);
	struct buf out = { 0 };
	struct record r;

	record_init(&r, mem);
	r.topic = STR("topic");
	if (row->schema != NULL)
		r.value.schema = data_check_schema(mem, row->schema);
	r.value.value = data_check_value(mem, row->in, r.value.schema);
	apply(smt, smt->sides & SMT_VALUE, row->config, &r, print_value_of, &out);
	compare(row->config, row->in, buf_cstr(&out), row->out);
	buf_fini(&out);
	arena_free(mem);
}

void
smt_check_record(const struct smt *smt, unsigned side, const struct smt_record_row *row)
{
	struct arena *mem = arena_new(4096);
	struct buf out = { 0 };
	struct record r;

	smt_check_read(&r, mem, row->in);
	apply(smt, side, row->config, &r, data_check_print_record, &out);
	compare(row->config, row->in, buf_cstr(&out), row->out);
	buf_fini(&out);
	arena_free(mem);
}

int
smt_check_predicate(const struct smt_predicate *p, const char *config, const char *record)
{
	struct arena *mem = arena_new(4096);
	struct config *cfg = smt_check_config(config);
	struct problems *problems = problems_new();
	struct smt_instance in;
	struct err err = { 0 };
	struct record r;
	int rc = -1;

	assert_int_equal(
	    smt_instance_find(&in, SMT_PREDICATE, "type", p->name, mem, &err), 0);
	smt_instance_read_plain(&in, cfg, mem, problems);
	if (problems_count(problems, PROBLEM_ERROR) == 0 &&
	    smt_instance_begin(&in, mem, &err) == 0) {
		smt_check_read(&r, mem, record);
		rc = p->test(in.state, &r, &err);
	}
	smt_instance_end(&in);
	problems_free(problems);
	config_free(cfg);
	arena_free(mem);
	return rc;
}
