/*
 * The JSON reader and writer of the data path.
 *
 * The reader makes a tree of nodes in the arena, in one pass, without recursion:
 * open containers lie on a stack that grows in the arena.  It knows no values and
 * no schemas; what a document means is the converters' matter.
 */
#include "data/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/base64.h"

/* Kinds of bytes inside a string: 0 passes as it is. */
enum { PLAIN, QUOTE, ESCAPE, CONTROL, HIGH };

static const uint8_t kinds[256] = {
	[0 ... 0x1f] = CONTROL,
	['"'] = QUOTE,
	['\\'] = ESCAPE,
	[0x80 ... 0xff] = HIGH,
};

struct frame {
	struct json *container;
	struct json **link; /* where the next child is hung up */
};

#define NODES_AT_ONCE 16

struct reader {
	struct arena *nodes, *texts;
	struct json *spare; /* nodes that are allocated and not used yet */
	size_t n_spare;
	const char *start, *p, *end;
	unsigned flags;
	struct frame *stack;
	size_t depth, cap; /* open containers, frames */
	size_t values;
	struct err *err;
};

static int
fail(const struct reader *r, const char *what)
{
	return err_set(r->err, ERR_RECORD, "not JSON: %s at offset %zu", what,
	    (size_t)(r->p - r->start));
}

static int
fail_char(const struct reader *r, const char *expected)
{
	const unsigned char c = r->p < r->end ? (unsigned char)*r->p : 0;
	const size_t at = (size_t)(r->p - r->start);

	if (r->p >= r->end)
		return err_set(r->err, ERR_RECORD,
		    "not JSON: it ends at offset %zu where %s should follow", at,
		    expected);
	if (c > ' ' && c < 0x7f)
		return err_set(r->err, ERR_RECORD,
		    "not JSON: '%c' at offset %zu where %s should be", c, at, expected);
	return err_set(r->err, ERR_RECORD,
	    "not JSON: byte 0x%02x at offset %zu where %s should be", c, at, expected);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static inline void
skip_blanks(struct reader *r)
{
	if (r->p < r->end && (unsigned char)*r->p > ' ')
		return;
	while (r->p < r->end && is_blank(*r->p))
		r->p++;
}

/* Texts. */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits of \uXXXX at s; -1: they are none. */
static int32_t
hex4(const char *s, const char *end)
{
	int32_t u = 0;

	if (end - s < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		const int digit = hex_digit(s[i]);

		if (digit < 0)
			return -1;
		u = u << 4 | digit;
	}
	return u;
}

static char *
put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		*out++ = (char)c;
		return out;
	}
	if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*out++ = (char)(0xe0 | c >> 12);
		} else {
			*out++ = (char)(0xf0 | c >> 18);
			*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*out++ = (char)(0x80 | (c & 0x3f));
	return out;
}

static bool
is_high(int32_t u)
{
	return u >= 0xd800 && u < 0xdc00;
}

static bool
is_low(int32_t u)
{
	return u >= 0xdc00 && u < 0xe000;
}

/* An escape; s is behind the backslash.  NULL: there is none like that. */
static const char *
unescape_one(const char *s, const char *end, char **out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	int32_t u, low;

	if (s == end)
		return NULL;
	if (*s != 'u') {
		at = memchr(from, *s, sizeof(from) - 1);
		if (at == NULL)
			return NULL;
		*(*out)++ = to[at - from];
		return s + 1;
	}
	u = hex4(s + 1, end);
	s += 5;
	if (u < 0 || is_low(u))
		return NULL;
	if (is_high(u)) {
		if (end - s < 6 || s[0] != '\\' || s[1] != 'u')
			return NULL;
		low = hex4(s + 2, end);
		if (!is_low(low))
			return NULL;
		u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
		s += 6;
	}
	*out = put_utf8(*out, (uint32_t)u);
	return s;
}

static int
unescape(struct reader *r, const char *s, const char *end, struct str *out)
{
	char *p = arena_alloc(r->texts, (size_t)(end - s) + 1);

	out->p = p;
	while (s < end) {
		const char *plain = memchr(s, '\\', (size_t)(end - s));
		const size_t n = (size_t)((plain != NULL ? plain : end) - s);
		const char *next;

		memcpy(p, s, n);
		p += n;
		s += n;
		if (plain == NULL)
			break;
		next = unescape_one(s + 1, end, &p);
		if (next == NULL) {
			r->p = s;
			return fail(r, "unknown escape or half of a surrogate pair");
		}
		s = next;
	}
	out->n = (size_t)(p - out->p);
	return 0;
}

/* One character as Jackson decodes it: lengths are those of the first byte, overlong
 * forms pass.  -1: ill-formed. */
static int32_t
lax_char(const unsigned char **at, const unsigned char *end)
{
	const unsigned char *s = *at;
	const int more = s[0] < 0x80             ? 0
	                 : (s[0] & 0xe0) == 0xc0 ? 1
	                 : (s[0] & 0xf0) == 0xe0 ? 2
	                 : (s[0] & 0xf8) == 0xf0 ? 3
	                                         : -1;
	int32_t c;

	if (more < 0 || end - s <= more)
		return -1;
	c = more == 0 ? s[0] : s[0] & (0x3f >> more);
	for (int i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (s[i] & 0x3f);
	}
	*at = s + more + 1;
	return c;
}

/* Makes UTF-8 of what Jackson would take for it; surrogates must come in pairs. */
static bool
lax_utf8(struct arena *mem, struct str *text)
{
	const unsigned char *s = (const unsigned char *)text->p, *const end = s + text->n;
	char *p = arena_alloc(mem, text->n + 1);
	const char *const begin = p;

	while (s < end) {
		int32_t c = lax_char(&s, end), low;

		if (is_high(c)) {
			low = s < end ? lax_char(&s, end) : -1;
			if (!is_low(low))
				return false;
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		} else if (c < 0 || is_low(c) || c > 0x10ffff) {
			return false;
		}
		p = put_utf8(p, (uint32_t)c);
	}
	*text = (struct str) { begin, (size_t)(p - begin) };
	return true;
}

/* r->p is behind the opening quote. */
static int
read_string(struct reader *r, struct str *out)
{
	const char *const s = r->p;
	const char *p = s, *const end = r->end;
	unsigned seen = 0;

	for (;; p++) {
		while (p < end && kinds[(unsigned char)*p] == PLAIN)
			p++;
		if (p == end) {
			r->p = p;
			return fail_char(r, "the end of a text");
		}
		switch (kinds[(unsigned char)*p]) {
		case QUOTE:
			goto closed;
		case CONTROL:
			r->p = p;
			return fail(r, "control character in a text");
		case ESCAPE:
			seen |= 1u << ESCAPE;
			if (++p == end)
				p--; /* the end is met again, and reported */
			break;
		default:
			seen |= 1u << HIGH;
			break;
		}
	}
closed:
	*out = (struct str) { s, (size_t)(p - s) };
	if ((seen & 1u << HIGH) && !str_is_utf8(*out) &&
	    (!(r->flags & JSON_LAX_UTF8) || !lax_utf8(r->texts, out))) {
		r->p = s;
		return fail(r, "text that is not UTF-8");
	}
	if ((seen & 1u << ESCAPE) && unescape(r, out->p, out->p + out->n, out) != 0)
		return -1;
	r->p = p + 1;
	return 0;
}

/* Numbers and literals. */

static size_t
skip_digits(struct reader *r)
{
	const char *const s = r->p;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return (size_t)(r->p - s);
}

static int
read_number(struct reader *r, struct json *j)
{
	const char *const s = r->p;
	size_t digits, n;

	if (*r->p == '-')
		r->p++;
	if (r->flags & JSON_LEADING_ZEROS) {
		while (r->end - r->p > 1 && r->p[0] == '0' && r->p[1] >= '0' &&
		       r->p[1] <= '9')
			r->p++;
	}
	digits = skip_digits(r);
	if (digits == 0)
		return fail_char(r, "a digit");
	if (digits > 1 && r->p[-(ptrdiff_t)digits] == '0') {
		r->p -= digits;
		return fail(r, "number with a leading zero");
	}
	j->type = JSON_INTEGER;
	if (r->p < r->end && *r->p == '.') {
		r->p++;
		j->type = JSON_DECIMAL;
		digits += n = skip_digits(r);
		if (n == 0)
			return fail_char(r, "a digit");
	}
	if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
		r->p++;
		if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
			r->p++;
		j->type = JSON_DECIMAL;
		digits += n = skip_digits(r);
		if (n == 0)
			return fail_char(r, "a digit");
	}
	if (digits > JSON_MAX_NUMBER)
		return fail(r, "number of more than 1000 digits");
	j->text = s;
	j->n = (uint32_t)(r->p - s);
	if (r->depth == 0 && r->p < r->end && !is_blank(*r->p))
		return fail_char(r, "a blank");
	return 0;
}

static int
read_literal(struct reader *r, struct json *j)
{
	static const struct {
		char word[6];
		uint8_t n, type;
	} words[] = { { "true", 4, JSON_TRUE }, { "false", 5, JSON_FALSE },
		{ "null", 4, JSON_NULL } };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if ((size_t)(r->end - r->p) < words[i].n ||
		    memcmp(r->p, words[i].word, words[i].n) != 0)
			continue;
		r->p += words[i].n;
		/* "truex": nothing that a word could go on with may follow */
		if (r->p < r->end && (unsigned char)*r->p >= '0' &&
		    strchr(":;<=>?@[\\]^`{|}~\177", *r->p) == NULL)
			return fail_char(r, "the end of a word");
		j->type = words[i].type;
		return 0;
	}
	return fail_char(r, "a value");
}

/* Containers. */

static int
push(struct reader *r, struct json *container)
{
	struct frame *stack;

	if (r->depth == JSON_MAX_DEPTH)
		return fail(r, "more than 1000 levels");
	if (r->depth == r->cap) {
		stack = arena_alloc(r->nodes, 2 * r->cap * sizeof(*stack));
		memcpy(stack, r->stack, r->cap * sizeof(*stack));
		r->stack = stack;
		r->cap *= 2;
	}
	r->stack[r->depth++] = (struct frame) { container, &container->child };
	return 0;
}

/* Repeated names: a few members are compared, many are sorted. */

static int
compare_names(const void *a, const void *b)
{
	const struct json *x = *(struct json *const *)a, *y = *(struct json *const *)b;
	const size_t n = x->name_n < y->name_n ? x->name_n : y->name_n;
	const int c = memcmp(x->name, y->name, n);

	if (c != 0)
		return c;
	if (x->name_n != y->name_n)
		return x->name_n < y->name_n ? -1 : 1;
	return 0;
}

static void
replace_value(struct json *to, const struct json *from)
{
	to->type = from->type;
	to->n = from->n;
	to->child = from->child;
}

static bool
has_repeats(const struct json *object)
{
	struct json **all;
	size_t n = 0;
	bool found = false;

	if (object->n <= 16) {
		for (const struct json *a = object->child; a != NULL; a = a->next) {
			for (const struct json *b = object->child; b != a; b = b->next) {
				if (a->name_n == b->name_n &&
				    memcmp(a->name, b->name, a->name_n) == 0)
					return true;
			}
		}
		return false;
	}
	all = mem_alloc(object->n * sizeof(struct json *));
	for (struct json *a = object->child; a != NULL; a = a->next)
		all[n++] = a;
	qsort(all, n, sizeof(struct json *), compare_names);
	for (size_t i = 1; i < n && !found; i++)
		found = compare_names(&all[i - 1], &all[i]) == 0;
	free(all);
	return found;
}

/* Rare: objects with repeated names. */
static void
keep_last(struct json *object)
{
	uint32_t cap = 64, *table;
	struct json **nodes, **link = &object->child;
	uint32_t n = 0;

	while (cap < 2 * object->n)
		cap *= 2;
	table = mem_zalloc(cap * sizeof(*table));
	nodes = mem_alloc(object->n * sizeof(struct json *));
	for (struct json *a = object->child; a != NULL; a = a->next) {
		uint32_t at = (uint32_t)str_hash(json_name(a)) & (cap - 1);

		while (table[at] != 0 && compare_names(&nodes[table[at] - 1], &a) != 0)
			at = (at + 1) & (cap - 1);
		if (table[at] != 0) {
			replace_value(nodes[table[at] - 1], a);
			continue;
		}
		nodes[n++] = a;
		table[at] = n;
		*link = a;
		link = &a->next;
	}
	*link = NULL;
	object->n = n;
	free(nodes);
	free(table);
}

static void
pop(struct reader *r)
{
	struct frame *f = &r->stack[--r->depth];

	*f->link = NULL;
	if (f->container->n > 1 && f->container->type == JSON_OBJECT &&
	    (r->flags & JSON_UNIQUE) && has_repeats(f->container))
		keep_last(f->container);
}

/* The name of a member and its colon. */
static int
read_name(struct reader *r, struct json *j)
{
	struct str name;

	if (r->p >= r->end || *r->p != '"')
		return fail_char(r, "a member's name in double quotes");
	r->p++;
	if (read_string(r, &name) != 0)
		return -1;
	j->name = name.p;
	j->name_n = (uint32_t)name.n;
	skip_blanks(r);
	if (r->p >= r->end || *r->p != ':')
		return fail_char(r, "':'");
	r->p++;
	skip_blanks(r);
	return 0;
}

/* A value, or the beginning of a container, which is pushed. */
static int
read_value(struct reader *r, struct json *j)
{
	struct str text;

	if (r->p >= r->end)
		return fail_char(r, "a value");
	switch (*r->p) {
	case '"':
		r->p++;
		if (read_string(r, &text) != 0)
			return -1;
		j->type = JSON_STRING;
		j->text = text.p;
		j->n = (uint32_t)text.n;
		return 0;
	case '{':
	case '[':
		j->type = *r->p == '{' ? JSON_OBJECT : JSON_ARRAY;
		j->child = NULL;
		r->p++;
		return push(r, j);
	case '-':
	case '0' ... '9':
		return read_number(r, j);
	default:
		return read_literal(r, j);
	}
}

static struct json *
new_value(struct reader *r)
{
	struct json *j;

	if (r->n_spare == 0) {
		r->spare = arena_alloc(r->nodes, NODES_AT_ONCE * sizeof(*j));
		r->n_spare = NODES_AT_ONCE;
	}
	r->n_spare--;
	j = r->spare++;
	j->n = 0;
	j->name = NULL;
	j->name_n = 0;
	j->next = NULL;
	return j;
}

/*
 * Goes on in the innermost container: closes it (possibly several), or makes its next
 * child.  *child NULL: all is closed.
 */
static int
next_child(struct reader *r, struct json **child)
{
	*child = NULL;
	while (r->depth > 0) {
		struct frame *f = &r->stack[r->depth - 1];
		const bool object = f->container->type == JSON_OBJECT;

		skip_blanks(r);
		if (r->p < r->end && *r->p == (object ? '}' : ']')) {
			r->p++;
			pop(r);
			continue;
		}
		if (f->container->n > 0) {
			if (r->p >= r->end || *r->p != ',')
				return fail_char(r, object ? "',' or '}'" : "',' or ']'");
			r->p++;
			skip_blanks(r);
		}
		if (++r->values > JSON_MAX_VALUES)
			return fail(r, "more than 1048576 values");
		*child = new_value(r);
		f->container->n++;
		*f->link = *child;
		f->link = &(*child)->next;
		return object ? read_name(r, *child) : 0;
	}
	return 0;
}

int
json_parse(struct arena *nodes, struct arena *texts, struct str text, unsigned flags,
    struct json **root, struct err *err)
{
	struct frame frames[8];
	struct reader r = { .nodes = nodes,
		.texts = texts,
		.start = text.p,
		.p = text.p,
		.end = text.p + text.n,
		.flags = flags,
		.stack = frames,
		.cap = ARRAY_LEN(frames),
		.err = err };
	struct json *j;

	*root = NULL;
	if ((flags & JSON_BOM) && text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
		r.p += 3;
	skip_blanks(&r);
	if (r.p == r.end)
		return 0;
	for (j = *root = new_value(&r); j != NULL;) {
		if (read_value(&r, j) != 0 || next_child(&r, &j) != 0)
			return -1;
	}
	skip_blanks(&r);
	if (r.p < r.end && !(flags & JSON_TRAILING))
		return fail_char(&r, "the end");
	return 0;
}

const struct json *
json_member(const struct json *object, struct str name)
{
	const struct json *found = NULL;

	if (object->type != JSON_OBJECT)
		return NULL;
	for (const struct json *j = json_first(object); j != NULL; j = j->next) {
		if (str_eq(json_name(j), name))
			found = j;
	}
	return found;
}

/* The writer. */

static char *
put_unicode(char *p, uint32_t unit)
{
	static const char digits[] = "0123456789ABCDEF";

	*p++ = '\\';
	*p++ = 'u';
	for (int shift = 12; shift >= 0; shift -= 4)
		*p++ = digits[unit >> shift & 0xf];
	return p;
}

static char *
put_escape(char *p, unsigned char c)
{
	static const char from[] = "\"\\\b\t\n\f\r", to[] = "\"\\btnfr";
	const char *at = memchr(from, c, sizeof(from) - 1);

	if (at == NULL)
		return put_unicode(p, c);
	*p++ = '\\';
	*p++ = to[at - from];
	return p;
}

void
json_write_string(struct buf *out, struct str s)
{
	const unsigned char *in = (const unsigned char *)s.p, *const end = in + s.n;
	char *p;

	/* 6 bytes for each of 1, and 12 for each of 4 */
	if (out->cap - out->n < 6 * s.n + 2)
		buf_reserve(out, 6 * s.n + 2);
	p = out->p + out->n;
	*p++ = '"';
	while (in < end) {
		const unsigned char c = *in;

		if (kinds[c] == PLAIN || (c >= 0x80 && c < 0xf0)) {
			*p++ = (char)c;
			in++;
		} else if (c < 0xf0) {
			p = put_escape(p, c);
			in++;
		} else {
			const uint32_t u = ((c & 7u) << 18 | (in[1] & 0x3fu) << 12 |
					       (in[2] & 0x3fu) << 6 | (in[3] & 0x3fu)) -
			                   0x10000;

			p = put_unicode(p, 0xd800 + (u >> 10));
			p = put_unicode(p, 0xdc00 + (u & 0x3ff));
			in += 4;
		}
	}
	*p++ = '"';
	out->n = (size_t)(p - out->p);
}

void
json_write_base64(struct buf *out, struct str bytes)
{
	buf_add_byte(out, '"');
	base64_encode(out, bytes);
	buf_add_byte(out, '"');
}
