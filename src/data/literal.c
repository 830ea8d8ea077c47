/*
 * org.apache.kafka.connect.data.Values: the text form of a value, and what value a
 * text is (spec/converters 8).
 *
 * A text is cut into tokens: the delimiters : , { } [ ] " unless escaped, and what is
 * between them.  An array or map that cannot be read to its end makes the whole
 * text a STRING, at the top; inside another one it is that one's failure.
 */
#include "data/literal.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "data/base64.h"
#include "data/date.h"
#include "data/decimal.h"
#include "data/number.h"

#define MAX_DEPTH 1000     /* ours; deeper ones are text */
#define MAX_EXPONENT 10000 /* ours; what Java does depends on its version and memory */

struct parser {
	struct arena *mem;
	struct str text;
	size_t at;        /* behind the token that was cut last */
	struct str token; /* cut and not taken yet; p NULL: none */
	int depth;
};

enum result { FAILED, PARSED };

static enum result parse(struct parser *p, bool embedded, struct datum *out);

/* Tokens. */

static bool
is_delimiter(char c)
{
	return memchr(":,{}[]\"", c, 7) != NULL;
}

static struct str
cut(struct parser *p)
{
	const size_t start = p->at;
	bool escaped = false;

	for (; p->at < p->text.n; p->at++) {
		const char c = p->text.p[p->at];

		if (is_delimiter(c) && !escaped) {
			if (p->at == start)
				p->at++;
			break;
		}
		escaped = c == '\\' && !escaped;
	}
	return (struct str) { p->text.p + start, p->at - start };
}

static size_t
mark(const struct parser *p)
{
	return p->at - (p->token.p != NULL ? p->token.n : 0);
}

static void
rewind_to(struct parser *p, size_t at)
{
	p->at = at;
	p->token.p = NULL;
}

static bool
has_next(const struct parser *p)
{
	return p->token.p != NULL || p->at < p->text.n;
}

static struct str
next(struct parser *p)
{
	struct str token = p->token;

	if (token.p == NULL)
		return cut(p);
	p->token.p = NULL;
	return token;
}

/* String.trim: all up to U+0020 on both ends. */
static struct str
trim(struct str s)
{
	while (s.n > 0 && (unsigned char)s.p[0] <= ' ') {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

/* Takes the next token if it is that, blanks around it; blank tokens in front of what
 * is looked at are lost. */
static bool
take(struct parser *p, const char *expected)
{
	if (p->token.p == NULL) {
		if (!has_next(p))
			return false;
		p->token = cut(p);
	}
	while (trim(p->token).n == 0 && p->at < p->text.n)
		p->token = cut(p);
	if (!str_eq_c(trim(p->token), expected))
		return false;
	p->token.p = NULL;
	return true;
}

/* Dates and numbers. */

static size_t
utf16_length(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.p[i];

		n += (c & 0xc0) == 0x80 ? 0 : c >= 0xf0 ? 2 : 1;
	}
	return n;
}

static bool
parse_temporal(struct str token, struct datum *out)
{
	static const struct {
		size_t length;
		enum schema_logical logical;
	} forms[] = { { 10, SCHEMA_DATE }, { 13, SCHEMA_TIME },
		{ 24, SCHEMA_TIMESTAMP } };
	char plain[3 * 24];
	struct str s = { plain, 0 };
	size_t length;
	int64_t ms;

	for (size_t i = 0; i < token.n; i++) {
		if (token.p[i] == '\\' && i + 1 < token.n && token.p[i + 1] == ':')
			continue;
		if (s.n == sizeof(plain))
			return false;
		plain[s.n++] = token.p[i];
	}
	length = utf16_length(s);
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		if (length != forms[i].length ||
		    !date_parse_iso(forms[i].logical, s, &ms))
			continue;
		out->schema = schema_temporal(forms[i].logical, false);
		out->value = value_date(ms);
		return true;
	}
	return false;
}

/* A time or timestamp is five tokens, because of its colons. */
static bool
parse_temporal_tokens(struct parser *p, struct str token, struct datum *out)
{
	const size_t start = mark(p);
	char joined[2 * 3 * 24];
	struct str s = { joined, token.n };
	int n = 0;

	if (token.n > sizeof(joined))
		return false;
	memcpy(joined, token.p, token.n);
	for (; n < 4 && has_next(p); n++) {
		const struct str more = next(p);

		if (s.n + more.n > sizeof(joined))
			break;
		memcpy(joined + s.n, more.p, more.n);
		s.n += more.n;
	}
	if (n == 4 && parse_temporal(s, out))
		return true;
	rewind_to(p, start);
	return parse_temporal(token, out);
}

static bool
exponent_is_moderate(struct str token)
{
	const char *e = memchr(token.p, 'e', token.n);
	int64_t exponent;
	bool fits;

	if (e == NULL)
		e = memchr(token.p, 'E', token.n);
	if (e == NULL)
		return true;
	exponent = number_low_i64(
	    (struct str) { e + 1, (size_t)(token.p + token.n - e - 1) }, &fits);
	return fits && exponent >= -MAX_EXPONENT && exponent <= MAX_EXPONENT;
}

static void
exact_integer(int64_t i, struct datum *out)
{
	const enum schema_type type = i == (int8_t)i    ? SCHEMA_INT8
	                              : i == (int16_t)i ? SCHEMA_INT16
	                              : i == (int32_t)i ? SCHEMA_INT32
	                                                : SCHEMA_INT64;

	out->schema = schema_primitive(type, false);
	out->value = value_int(value_kind_of(type), i);
}

static bool
parse_number(struct parser *p, struct str token, struct datum *out)
{
	const struct decimal *d;
	int64_t i;

	if (!number_is_decimal(token) || !exponent_is_moderate(token))
		return false;
	d = decimal_parse(p->mem, token);
	if (d == NULL)
		return false;
	if (decimal_exact_i64(d, &i)) {
		exact_integer(i, out);
	} else if (d->scale != 0 && isfinite(number_to_float(token))) {
		out->schema = schema_primitive(SCHEMA_FLOAT32, false);
		out->value = value_float32(number_to_float(token));
	} else if (d->scale != 0 && isfinite(number_to_double(token))) {
		out->schema = schema_primitive(SCHEMA_FLOAT64, false);
		out->value = value_float64(number_to_double(token));
	} else {
		out->schema = schema_decimal(p->mem, d->scale);
		out->value = value_decimal(d);
	}
	return true;
}

/* Arrays and maps. */

/* The schema that all elements have in common so far. */
struct common {
	const struct schema *schema; /* NULL: no element yet, or nothing in common */
	bool none;                   /* nothing in common */
};

/* INT8 to FLOAT64 in order; 0: no number. */
static int
width(const struct schema *s)
{
	return s->type <= SCHEMA_FLOAT64 ? (int)s->type + 1 : 0;
}

static void
common_add(struct common *c, const struct datum *d)
{
	const struct schema *s = d->schema;

	if (s == NULL || c->none)
		return;
	if (c->schema == NULL || c->schema->type == s->type) {
		c->schema = s; /* the later one, also when the names differ */
		return;
	}
	if (width(c->schema) == 0 || width(s) == 0)
		*c = (struct common) { NULL, true };
	else if (width(s) > width(c->schema))
		c->schema = s;
}

/* Values.convertTo between what common_add lets meet; false: it fails. */
static bool
align(const struct schema *to, struct value *v)
{
	struct err why;
	int64_t ms;

	if (value_is_null(*v))
		return false;
	if (v->kind == VALUE_DATE)
		return to->logical != SCHEMA_PLAIN && to->logical != SCHEMA_DECIMAL;
	if (!value_is_int(*v) && !value_is_float(*v))
		return true;
	if (to->type == SCHEMA_FLOAT32 || to->type == SCHEMA_FLOAT64) {
		const double d = value_is_int(*v) ? (double)v->i : value_as_double(*v);

		if (v->kind != value_kind_of((enum schema_type)to->type))
			*v = to->type == SCHEMA_FLOAT64 ? value_float64(d)
			                                : value_float32((float)d);
		return true;
	}
	if (to->logical != SCHEMA_PLAIN) {
		if (date_to_logical((enum schema_logical)to->logical,
			to->logical == SCHEMA_TIMESTAMP ? v->i : (int32_t)v->i, &ms,
			&why) != 0)
			return false;
		*v = value_date(ms);
		return true;
	}
	*v = value_int(value_kind_of((enum schema_type)to->type), v->i);
	return true;
}

struct items {
	struct value *items;
	uint32_t n, cap;
};

static void
items_add(struct parser *p, struct items *l, struct value v)
{
	struct value *bigger;

	if (l->n == l->cap) {
		l->cap = l->cap > 0 ? 2 * l->cap : 8;
		bigger = arena_alloc(p->mem, l->cap * sizeof(*bigger));
		if (l->n > 0)
			memcpy(bigger, l->items, l->n * sizeof(*bigger));
		l->items = bigger;
	}
	l->items[l->n++] = v;
}

static enum result
array_end(
    struct parser *p, const struct common *common, struct items *l, struct datum *out)
{
	for (uint32_t i = 0; common->schema != NULL && i < l->n; i++) {
		if (!align(common->schema, &l->items[i]))
			return FAILED;
	}
	out->schema = schema_array(p->mem, common->schema);
	out->value = value_array(l->items, l->n);
	return PARSED;
}

/* Behind '['. */
static enum result
parse_array(struct parser *p, struct datum *out)
{
	struct common common = { NULL, false };
	struct items l = { 0 };
	struct datum element;
	size_t at;

	while (has_next(p)) {
		if (take(p, "]"))
			return array_end(p, &common, &l, out);
		if (take(p, ","))
			return FAILED;
		if (parse(p, true, &element) == FAILED)
			return FAILED;
		common_add(&common, &element);
		items_add(p, &l, element.value);
		at = mark(p);
		if (take(p, "]"))
			rewind_to(p, at);
		else if (!take(p, ","))
			return FAILED;
	}
	return FAILED;
}

static enum result
map_end(struct parser *p, const struct common *keys, const struct common *values,
    struct value map, struct datum *out)
{
	struct value_map_builder b;

	value_map_begin(&b, p->mem, map.n);
	for (uint32_t i = 0; i < map.n; i++) {
		struct entry e = map.entries[i];

		if (keys->schema != NULL && !align(keys->schema, &e.key))
			return FAILED;
		if (keys->schema != NULL && values->schema != NULL &&
		    !align(values->schema, &e.value))
			return FAILED;
		value_map_put(&b, e.key, e.value);
	}
	out->schema = schema_map(
	    p->mem, keys->schema, keys->schema != NULL ? values->schema : NULL);
	out->value = value_map_end(&b);
	return PARSED;
}

/* Behind '{'. */
static enum result
parse_map(struct parser *p, struct datum *out)
{
	struct common keys = { NULL, false }, values = { NULL, false };
	struct value_map_builder b;
	struct datum key, v;

	value_map_begin(&b, p->mem, 0);
	while (has_next(p)) {
		if (take(p, "}"))
			return map_end(p, &keys, &values, value_map_end(&b), out);
		if (take(p, ","))
			return FAILED;
		if (parse(p, true, &key) == FAILED || value_is_null(key.value))
			return FAILED;
		if (!take(p, ":") || parse(p, true, &v) == FAILED)
			return FAILED;
		value_map_put(&b, key.value, v.value);
		take(p, ",");
		common_add(&keys, &key);
		common_add(&values, &v);
	}
	return FAILED;
}

/* Behind the opening quote: the tokens up to the closing one, or all.  Blank tokens
 * before another are lost, as in Java.  content NULL: only their length. */
static size_t
join_quoted(struct parser *p, char *content)
{
	size_t n = 0;

	while (has_next(p) && !take(p, "\"")) {
		const struct str token = next(p);

		if (content != NULL)
			memcpy(content + n, token.p, token.n);
		n += token.n;
	}
	return n;
}

static void
parse_quoted(struct parser *p, struct datum *out)
{
	struct parser ahead = *p, inner = { .mem = p->mem };
	const size_t n = join_quoted(&ahead, NULL);
	char *content = arena_alloc(p->mem, n + 1);

	join_quoted(p, content);
	inner.text = (struct str) { content, n };
	/* Only dates are looked for, so what can be none need not be read */
	if (n > 0 && content[0] >= '0' && content[0] <= '9' &&
	    parse(&inner, false, out) == PARSED && out->value.kind == VALUE_DATE)
		return;
	out->schema = schema_primitive(SCHEMA_STRING, false);
	out->value = value_string(inner.text);
}

/* null, true, false; at the top only when nothing follows. */
static bool
take_literal(struct parser *p, bool embedded, const char *word)
{
	const size_t start = mark(p);

	if (take(p, word) && (embedded || !has_next(p)))
		return true;
	rewind_to(p, start);
	return false;
}

static bool
parse_literal(struct parser *p, bool embedded, struct datum *out)
{
	*out = (struct datum) { NULL, value_null() };
	if (take_literal(p, embedded, "null"))
		return true;
	out->schema = schema_primitive(SCHEMA_BOOLEAN, false);
	out->value = value_boolean(true);
	if (take_literal(p, embedded, "true"))
		return true;
	out->value = value_boolean(false);
	return take_literal(p, embedded, "false");
}

static enum result
parse_container(struct parser *p, struct datum *out)
{
	enum result result = FAILED;
	size_t start;

	/* What is no container stays where it is */
	if (p->depth == MAX_DEPTH)
		return FAILED;
	start = mark(p);
	p->depth++;
	if (take(p, "["))
		result = parse_array(p, out);
	else if (take(p, "{"))
		result = parse_map(p, out);
	else {
		p->depth--;
		return FAILED;
	}
	p->depth--;
	if (result == FAILED)
		rewind_to(p, start);
	return result;
}

static enum result
parse(struct parser *p, bool embedded, struct datum *out)
{
	struct str token;

	*out = (struct datum) { NULL, value_null() };
	if (!has_next(p))
		return PARSED;
	if (embedded && take(p, "\"")) {
		parse_quoted(p, out);
		return PARSED;
	}
	if (parse_literal(p, embedded, out) || parse_container(p, out) == PARSED)
		return PARSED;
	token = next(p);
	out->schema = schema_primitive(SCHEMA_STRING, false);
	out->value = value_string(token);
	if (trim(token).n == 0)
		return PARSED;
	token = trim(token);
	if (token.p[0] >= '0' && token.p[0] <= '9' &&
	    parse_temporal_tokens(p, token, out))
		return PARSED;
	if (((token.p[0] >= '0' && token.p[0] <= '9') || token.p[0] == '+' ||
		token.p[0] == '-') &&
	    parse_number(p, token, out))
		return PARSED;
	if (embedded)
		return FAILED;
	out->schema = schema_primitive(SCHEMA_STRING, false);
	out->value = value_string(p->text);
	return PARSED;
}

struct datum
literal_parse(struct arena *mem, struct str text)
{
	struct parser p = { .mem = mem, .text = text };
	struct datum out;

	if (text.n == 0)
		return (struct datum) { schema_primitive(SCHEMA_STRING, false),
			value_string(text) };
	parse(&p, false, &out);
	return out;
}

/* Printing. */

static void
print_quoted(struct buf *out, struct str s)
{
	buf_add_byte(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_add_byte(out, '\\');
		buf_add_byte(out, (uint8_t)s.p[i]);
	}
	buf_add_byte(out, '"');
}

static void print(struct buf *out, struct value v, bool embedded);

static void
print_map(struct buf *out, struct value v)
{
	for (uint32_t i = 0; i < v.n; i++) {
		if (i > 0)
			buf_add_byte(out, ',');
		print(out, v.entries[i].key, true);
		buf_add_byte(out, ':');
		print(out, v.entries[i].value, true);
	}
}

static void
print_struct(struct buf *out, struct value v)
{
	for (uint32_t i = 0; i < v.n; i++) {
		if (i > 0)
			buf_add_byte(out, ',');
		print_quoted(out, value_struct_schema(v)->fields[i].name);
		buf_add_byte(out, ':');
		print(out, value_slot_or_default(v, i), true);
	}
}

static void
print(struct buf *out, struct value v, bool embedded)
{
	switch ((enum value_kind)v.kind) {
	case VALUE_STRING:
		if (embedded)
			print_quoted(out, value_str(v));
		else
			buf_add_str(out, value_str(v));
		break;
	case VALUE_BYTES:
		buf_add_c(out, embedded ? "\"" : "");
		base64_encode(out, value_str(v));
		buf_add_c(out, embedded ? "\"" : "");
		break;
	case VALUE_DATE:
		date_print_iso(out, v.i);
		break;
	case VALUE_ARRAY:
		buf_add_byte(out, '[');
		for (uint32_t i = 0; i < v.n; i++) {
			if (i > 0)
				buf_add_byte(out, ',');
			print(out, v.items[i], true);
		}
		buf_add_byte(out, ']');
		break;
	case VALUE_MAP:
	case VALUE_STRUCT:
		buf_add_byte(out, '{');
		if (v.kind == VALUE_MAP)
			print_map(out, v);
		else
			print_struct(out, v);
		buf_add_byte(out, '}');
		break;
	default:
		value_print(out, v);
		break;
	}
}

void
literal_print(struct buf *out, struct value v)
{
	print(out, v, false);
}
