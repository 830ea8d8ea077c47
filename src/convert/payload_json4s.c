/*
 * The JSON that json4s accepts (headrace.strict.lenses).  It is a state machine of its
 * own, not a lenient mode of data/json.c: nearly nothing of it is JSON's grammar.
 */
#include "convert/payload_json4s.h"

#include <string.h>

#include "base/mem.h"
#include "data/number.h"

enum kind { OBJECT, ARRAY, FIELD };

struct frame {
	enum kind kind;
	struct json *node;  /* OBJECT, ARRAY */
	struct json **link; /* where its next child is hung up */
	struct str name;    /* FIELD: waits for its value */
};

struct machine {
	struct arena *mem;
	const char *start, *p, *end;
	struct frame *stack; /* values being built */
	uint8_t *blocks;     /* brackets being open: OBJECT or ARRAY */
	size_t depth, n_blocks, cap;
	bool names; /* a text in an object is a member's name */
	struct json *root;
	size_t values;
	struct err *err;
};

static int
fail(const struct machine *m, const char *what)
{
	return err_set(
	    m->err, ERR_RECORD, "%s at offset %zu", what, (size_t)(m->p - m->start));
}

static struct json *
new_node(struct machine *m, enum json_type type)
{
	struct json *j = arena_alloc(m->mem, sizeof(*j));

	*j = (struct json) { .type = (uint8_t)type };
	m->values++;
	return j;
}

static int
push(struct machine *m, enum kind kind, struct json *node, struct str name)
{
	if (m->depth == m->cap || m->values > JSON_MAX_VALUES)
		return fail(m, "too many levels or values");
	m->stack[m->depth++] = (struct frame) { .kind = kind,
		.node = node,
		.link = node != NULL ? &node->child : NULL,
		.name = name };
	return 0;
}

static struct frame *
top(const struct machine *m)
{
	return m->depth > 0 ? &m->stack[m->depth - 1] : NULL;
}

static void
hang(struct frame *f, struct json *child)
{
	*f->link = child;
	f->link = &child->next;
	f->node->n++;
}

/* A value is complete: into the field or array that waits for it. */
static int
put(struct machine *m, struct json *v)
{
	struct frame *f = top(m);

	if (f == NULL || f->kind == OBJECT)
		return fail(m, "expected field or array");
	if (f->kind == FIELD) {
		v->name = f->name.p;
		v->name_n = (uint32_t)f->name.n;
		m->depth--;
		f = top(m);
		if (f == NULL || f->kind != OBJECT)
			return fail(m, "expected object");
	}
	hang(f, v);
	return 0;
}

/* '}' takes whatever is open, ']' an array only. */
static int
close_block(struct machine *m, char bracket)
{
	struct frame *f = top(m);

	if (m->n_blocks > 0)
		m->n_blocks--;
	if (f == NULL || f->kind == FIELD || (bracket == ']' && f->kind != ARRAY))
		return fail(m, "unexpected bracket");
	m->depth--;
	if (m->depth > 0)
		return put(m, f->node);
	m->root = f->node;
	return 0;
}

static int
open_block(struct machine *m, enum kind kind)
{
	if (m->n_blocks == m->cap)
		return fail(m, "too many levels");
	m->blocks[m->n_blocks++] = (uint8_t)kind;
	return push(
	    m, kind, new_node(m, kind == OBJECT ? JSON_OBJECT : JSON_ARRAY), STR(""));
}

static char *
put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	} else {
		*out++ = (char)(0xf0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	}
	return out;
}

/* Integer.parseInt(four characters, 16) of what is behind \u; -1: none. */
static int32_t
parse_unit(const char *p, const char *end)
{
	int32_t u = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		const char c = p[i];
		const char lower = (char)(c | 0x20);

		if (i == 0 && c == '+')
			continue;
		if (c >= '0' && c <= '9')
			u = u << 4 | (c - '0');
		else if (lower >= 'a' && lower <= 'f')
			u = u << 4 | (lower - 'a' + 10);
		else
			return -1;
	}
	return u;
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

/* \uXXXX, m->p behind the u; with its other half when it is one. */
static int
unescape_unit(struct machine *m, char **out)
{
	int32_t u = parse_unit(m->p, m->end), low;

	if (u < 0)
		return fail(m, "unexpected string end");
	m->p += 4;
	if (is_high(u) && m->end - m->p >= 6 && m->p[0] == '\\' && m->p[1] == 'u') {
		low = parse_unit(m->p + 2, m->end);
		if (is_low(low)) {
			m->p += 6;
			u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	if (is_high(u) || is_low(u))
		return fail(m, "half of a surrogate pair");
	*out = put_utf8(*out, (uint32_t)u);
	return 0;
}

/* An unknown escape is a backslash, and what follows it is lost. */
static int
unescape(struct machine *m, char **out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if (m->p == m->end)
		return fail(m, "unexpected eof");
	if (*m->p == 'u') {
		m->p++;
		return unescape_unit(m, out);
	}
	at = memchr(from, *m->p, sizeof(from) - 1);
	*(*out)++ = at != NULL ? to[at - from] : '\\';
	m->p++;
	while (at == NULL && m->p < m->end && (*m->p & 0xc0) == 0x80)
		m->p++; /* it is lost as a whole */
	return 0;
}

/* m->p is behind the opening quote. */
static int
read_text(struct machine *m, struct str *out)
{
	const char *const begin = m->p;
	char *p;

	while (m->p < m->end && *m->p != '"' && *m->p != '\\')
		m->p++;
	if (m->p < m->end && *m->p == '"') {
		*out = (struct str) { begin, (size_t)(m->p++ - begin) };
		return 0;
	}
	out->p = p = arena_alloc(m->mem, (size_t)(m->end - begin) + 1);
	memcpy(p, begin, (size_t)(m->p - begin));
	p += m->p - begin;
	while (m->p < m->end) {
		const char c = *m->p++;

		if (c == '"') {
			out->n = (size_t)(p - out->p);
			return 0;
		}
		if (c != '\\')
			*p++ = c;
		else if (unescape(m, &p) != 0)
			return -1;
	}
	return fail(m, "unexpected eof");
}

static int
take_text(struct machine *m)
{
	struct str text = { NULL, 0 };
	struct json *j;

	m->p++;
	if (read_text(m, &text) != 0)
		return -1;
	if (m->names && m->n_blocks > 0 && m->blocks[m->n_blocks - 1] == OBJECT)
		return push(m, FIELD, NULL, text);
	m->names = true;
	j = new_node(m, JSON_STRING);
	j->text = text.p;
	j->n = (uint32_t)text.n;
	return put(m, j);
}

static int
take_word(struct machine *m, const char *word, enum json_type type)
{
	const size_t n = strlen(word);

	m->names = true;
	if ((size_t)(m->end - m->p) < n || memcmp(m->p, word, n) != 0)
		return fail(m, type == JSON_NULL ? "expected null" : "expected boolean");
	m->p += n;
	return put(m, new_node(m, type));
}

/* A digit or sign and all that looks like a number; it must be one of Java's. */
static int
take_number(struct machine *m)
{
	const char *const begin = m->p;
	struct json *j;
	struct str text, digits;

	m->names = true;
	while (m->p < m->end && *m->p != '\0' && strchr("0123456789.eE+-", *m->p) != NULL)
		m->p++;
	text = digits = (struct str) { begin, (size_t)(m->p - begin) };
	if (*begin == '+' || *begin == '-') {
		digits.p++;
		digits.n--;
	}
	j = new_node(m, JSON_INTEGER);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '.' || text.p[i] == 'e' || text.p[i] == 'E')
			j->type = JSON_DECIMAL;
	}
	if (digits.n == 0 || !number_is_decimal(text) ||
	    (j->type == JSON_INTEGER && (digits.p[0] == '+' || digits.p[0] == '-')))
		return fail(m, "parsing failed");
	j->text = text.p;
	j->n = (uint32_t)text.n;
	return put(m, j);
}

static int
step(struct machine *m)
{
	switch (*m->p) {
	case '{':
		m->p++;
		m->names = true;
		return open_block(m, OBJECT);
	case '[':
		m->p++;
		return open_block(m, ARRAY);
	case '}':
		m->p++;
		return close_block(m, '}');
	case ']':
		m->p++;
		m->names = true;
		return close_block(m, ']');
	case '"':
		return take_text(m);
	case 't':
		return take_word(m, "true", JSON_TRUE);
	case 'f':
		return take_word(m, "false", JSON_FALSE);
	case 'n':
		return take_word(m, "null", JSON_NULL);
	case ':':
		if (m->n_blocks > 0 && m->blocks[m->n_blocks - 1] == ARRAY)
			return fail(m, "Colon in an invalid position");
		m->names = false;
		m->p++;
		return 0;
	case ' ':
	case '\n':
	case ',':
	case '\r':
	case '\t':
		m->p++;
		return 0;
	case '+':
	case '-':
	case '0' ... '9':
		return take_number(m);
	default:
		return fail(m, "unknown token");
	}
}

int
payload_json4s_parse(
    struct arena *mem, struct str text, struct json **root, struct err *err)
{
	struct machine m = { .mem = mem,
		.start = text.p,
		.p = text.p,
		.end = text.p + text.n,
		.cap = 2 * JSON_MAX_DEPTH,
		.names = true,
		.err = err };

	if (m.cap > text.n)
		m.cap = text.n; /* each level needs a byte */
	m.stack = arena_alloc(mem, m.cap * sizeof(*m.stack));
	m.blocks = arena_alloc(mem, m.cap);
	while (m.p < m.end) {
		/* U+FFFF is what its reader takes for the end */
		if (m.end - m.p >= 3 && memcmp(m.p, "\xef\xbf\xbf", 3) == 0)
			break;
		if (step(&m) != 0)
			return -1;
	}
	*root = m.root;
	return 0;
}
