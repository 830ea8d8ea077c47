/*
 * Clauses of Lenses' other connectors, which its MQTT source reads and ignores.  They
 * count all the same: what is wrong in them makes Lenses refuse the statement, and
 * where one of them ends decides what is read next.
 */
#include "kcql/kcql_ignored.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kcql/kcql_print.h"
#include "kcql/kcql_words.h"

bool
kcql_ignored_autocreate(struct kcql_antlr *r)
{
	kcql_antlr_extra_true(r, "autocreate");
	return true;
}

bool
kcql_ignored_autoevolve(struct kcql_antlr *r)
{
	kcql_antlr_extra_true(r, "autoevolve");
	return true;
}

bool
kcql_ignored_unwrap(struct kcql_antlr *r)
{
	kcql_antlr_extra_true(r, "unwrap");
	return true;
}

bool
kcql_ignored_nopartition(struct kcql_antlr *r)
{
	kcql_antlr_extra_string(r, "partitions", (struct kcql_text) { "none", 4 });
	return true;
}

bool
kcql_ignored_with_target(struct kcql_antlr *r)
{
	struct kcql_text t;

	if (!kcql_antlr_take(r, TOKEN_EQUAL) || !kcql_antlr_path(r, &t))
		return false;
	kcql_antlr_extra_string(r, "with_target", t);
	return true;
}

bool
kcql_ignored_batch(struct kcql_antlr *r)
{
	return kcql_antlr_take(r, TOKEN_EQUAL) &&
	       kcql_antlr_extra_number(r, "batch", INT32_MAX);
}

bool
kcql_ignored_ttl(struct kcql_antlr *r)
{
	return kcql_antlr_take(r, TOKEN_EQUAL) &&
	       kcql_antlr_extra_number(r, "ttl", INT64_MAX);
}

bool
kcql_ignored_limit(struct kcql_antlr *r)
{
	return kcql_antlr_extra_number(r, "limit", INT32_MAX);
}

/* A list of pairs or names, sorted to find equal ones. */
struct pair {
	struct kcql_text name, value;
	size_t index;
};

static int
compare_folded(struct kcql_text a, struct kcql_text b)
{
	size_t len = a.len < b.len ? a.len : b.len;

	for (size_t i = 0; i < len; i++) {
		char x = kcql_lower(a.ptr[i]), y = kcql_lower(b.ptr[i]);

		if (x != y)
			return (unsigned char)x < (unsigned char)y ? -1 : 1;
	}
	return (a.len > b.len) - (a.len < b.len);
}

static int
compare_pairs_folded(const void *a, const void *b)
{
	return compare_folded(
	    ((const struct pair *)a)->name, ((const struct pair *)b)->name);
}

static bool
names_differ(struct kcql_antlr *r, const struct pair *list, size_t n)
{
	struct pair *sorted = kcql_memory_alloc(r->m, (n + 1) * sizeof(*sorted));

	if (n == 0)
		return true;
	memcpy(sorted, list, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), compare_pairs_folded);
	for (size_t i = 1; i < n; i++)
		if (compare_pairs_folded(&sorted[i - 1], &sorted[i]) == 0)
			return kcql_antlr_refuse(
			    r, "syntax", r->now, "a name that stands twice, before");
	return true;
}

/* One name: any row of fields, quoted fields and dots, `.*` at its end; or a string. */
static bool
partition_name(struct kcql_antlr *r, struct kcql_text *out)
{
	struct kcql_buf b = { 0 };

	if (kcql_antlr_at(r, TOKEN_STRING))
		return kcql_antlr_one(r, ANTLR(STRING), out);
	if (!kcql_antlr_glued(r, ANTLR(ESCAPED_FIELD) | ANTLR(FIELD) | ANTLR(DOT), out))
		return false;
	if (!kcql_antlr_at(r, TOKEN_STAR) || out->ptr[out->len - 1] != '.')
		return true;
	kcql_memory_putt(&b, *out);
	kcql_memory_puts(&b, "*");
	*out = kcql_memory_text(r->m, b.ptr, b.len);
	kcql_memory_buf_free(&b);
	kcql_antlr_step(r);
	return true;
}

bool
kcql_ignored_partition_by(struct kcql_antlr *r)
{
	struct pair p = { 0 }, *list = NULL;
	struct kcql_buf b = { 0 };
	size_t n = 0;

	for (;; kcql_antlr_step(r)) {
		if (!partition_name(r, &p.name))
			return false;
		list = kcql_memory_grow(r->m, list, n, sizeof(*list));
		list[n++] = p;
		if (!kcql_antlr_at(r, TOKEN_COMMA))
			break;
	}
	if (!names_differ(r, list, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		kcql_memory_puts(&b, i > 0 ? "," : "[");
		kcql_print_string(&b, list[i].name);
	}
	kcql_memory_puts(&b, "]");
	kcql_antlr_extra(r, "partition_by", &b);
	return true;
}

bool
kcql_ignored_format(struct kcql_antlr *r)
{
	static const char *const names[] = { "AVRO", "PROTOBUF", "TEXT", "BINARY", "JSON",
		"OBJECT", "MAP" };
	struct token t = r->now;
	struct kcql_text text;

	if (!kcql_antlr_one(r, ANTLR(FIELD), &text))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (kcql_words_equal(text.ptr, text.len, names[i])) {
			kcql_antlr_extra_string(r, "format",
			    (struct kcql_text) { names[i], strlen(names[i]) });
			return true;
		}
	return kcql_antlr_refuse(r, "syntax", t, "no format:");
}

static void
put_pairs(struct kcql_buf *out, const struct pair *list, size_t n)
{
	kcql_memory_puts(out, "{");
	for (size_t i = 0; i < n; i++) {
		kcql_memory_puts(out, i > 0 ? "," : "");
		kcql_print_string(out, list[i].name);
		kcql_memory_puts(out, ":");
		kcql_print_string(out, list[i].value);
	}
	kcql_memory_puts(out, "}");
}

/* LEFT_PARAN tuple ( COMMA tuple )* RIGHT_PARAN */
static bool
store_parameters(struct kcql_antlr *r, struct pair **list, size_t *n)
{
	struct pair p = { 0 };

	do {
		kcql_antlr_step(r);
		if (!kcql_antlr_value(r, 0, &p.name) ||
		    !kcql_antlr_take(r, TOKEN_EQUAL) ||
		    !kcql_antlr_value(r, ANTLR(INT), &p.value))
			return false;
		*list = kcql_memory_grow(r->m, *list, *n, sizeof(**list));
		(*list)[(*n)++] = p;
	} while (kcql_antlr_at(r, TOKEN_COMMA));
	return kcql_antlr_take(r, TOKEN_CLOSE);
}

static void
delete_backticks(struct kcql_text *t, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < t->len; i++)
		if (t->ptr[i] != '`')
			to[n++] = t->ptr[i];
	*t = (struct kcql_text) { to, n };
}

bool
kcql_ignored_store_as(struct kcql_antlr *r)
{
	struct kcql_text type;
	struct pair *list = NULL;
	struct kcql_buf b = { 0 };
	size_t n = 0;

	if (!kcql_antlr_value(r, 0, &type))
		return false;
	delete_backticks(&type, kcql_memory_alloc(r->m, type.len + 1));
	kcql_antlr_extra_string(r, "store_as", type);
	while (kcql_antlr_at(r, TOKEN_OPEN))
		if (!store_parameters(r, &list, &n))
			return false;
	if (!names_differ(r, list, n))
		return false;
	if (n > 0) {
		put_pairs(&b, list, n);
		kcql_antlr_extra(r, "store_as_parameters", &b);
	}
	return true;
}

bool
kcql_ignored_incremental_mode(struct kcql_antlr *r)
{
	struct kcql_text t;

	if (!kcql_antlr_take(r, TOKEN_EQUAL) || !kcql_antlr_one(r, ANTLR_NAME, &t))
		return false;
	kcql_antlr_extra_string(r, "incremental_mode", t);
	return true;
}

bool
kcql_ignored_with_type(struct kcql_antlr *r)
{
	struct kcql_text t;

	if (!kcql_antlr_one(r, ANTLR(FIELD), &t))
		return false;
	kcql_antlr_extra_string(r, "type", t);
	return true;
}

/* '=' kinds, unescaped */
static bool
equal_name(struct kcql_antlr *r, unsigned kinds, const char *name)
{
	struct kcql_text t;

	if (!kcql_antlr_take(r, TOKEN_EQUAL) || !kcql_antlr_one(r, kinds, &t) ||
	    !kcql_antlr_unescape(r, &t))
		return false;
	kcql_antlr_extra_string(r, name, t);
	return true;
}

bool
kcql_ignored_doc_type(struct kcql_antlr *r)
{
	return equal_name(r, ANTLR_NAME | ANTLR(INT), "doc_type");
}

bool
kcql_ignored_index_suffix(struct kcql_antlr *r)
{
	return equal_name(r, ANTLR_NAME | ANTLR(INT), "index_suffix");
}

bool
kcql_ignored_jms_selector(struct kcql_antlr *r)
{
	return equal_name(r, ANTLR(TOPICNAME), "jms_selector");
}

bool
kcql_ignored_subscription(struct kcql_antlr *r)
{
	return equal_name(r, ANTLR(FIELD), "subscription");
}

bool
kcql_ignored_pipeline(struct kcql_antlr *r)
{
	struct kcql_text t;

	if (!kcql_antlr_take(r, TOKEN_EQUAL) ||
	    !kcql_antlr_glued(
		r, ANTLR(FIELD) | ANTLR(DOT) | ANTLR(TOPICNAME) | ANTLR(INT), &t) ||
	    !kcql_antlr_unescape(r, &t))
		return false;
	kcql_antlr_extra_string(r, "pipeline", t);
	return true;
}

static int
compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	size_t len = x->name.len < y->name.len ? x->name.len : y->name.len;
	int d = memcmp(x->name.ptr, y->name.ptr, len);

	if (d == 0)
		d = (x->name.len > y->name.len) - (x->name.len < y->name.len);
	return d != 0 ? d : (x->index > y->index) - (x->index < y->index);
}

/* A map: of equal names the last one counts. */
static void
put_map(struct kcql_antlr *r, struct pair *list, size_t n)
{
	struct kcql_buf b = { 0 };
	size_t kept = 0;

	if (n == 0)
		return;
	qsort(list, n, sizeof(*list), compare_pairs);
	for (size_t i = 0; i < n; i++)
		if (i + 1 == n || !kcql_text_equal(list[i].name, list[i + 1].name))
			list[kept++] = list[i];
	put_pairs(&b, list, kept);
	kcql_antlr_extra(r, "properties", &b);
}

/* property : property_name EQUAL property_value ; */
static bool
property(struct kcql_antlr *r, struct pair *out)
{
	if (!kcql_antlr_value(r, ANTLR(STRING), &out->name) ||
	    !kcql_antlr_unescape(r, &out->name) || !kcql_antlr_take(r, TOKEN_EQUAL) ||
	    !kcql_antlr_value(r, ANTLR(INT) | ANTLR(STRING), &out->value) ||
	    !kcql_antlr_unescape(r, &out->value))
		return false;
	return kcql_antlr_strip(&out->value, '\'') ||
	       kcql_antlr_refuse(r, "syntax", r->now, "a value of one quote, before");
}

bool
kcql_ignored_properties(struct kcql_antlr *r)
{
	struct pair p, *list = NULL;
	size_t n = 0;

	if (!kcql_antlr_take(r, TOKEN_OPEN))
		return false;
	for (; !kcql_antlr_at(r, TOKEN_CLOSE) || n > 0; kcql_antlr_step(r)) {
		p = (struct pair) { .index = n };
		if (!property(r, &p))
			return false;
		list = kcql_memory_grow(r->m, list, n, sizeof(*list));
		list[n++] = p;
		if (!kcql_antlr_at(r, TOKEN_COMMA))
			break;
	}
	put_map(r, list, n);
	return kcql_antlr_take(r, TOKEN_CLOSE);
}
