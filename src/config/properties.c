/*
 * The door for .properties files, read as java.util.Properties reads them, but as
 * UTF-8, as Kafka's FileConfigProvider does.  Knows the format only, no option.
 *
 * As in Java a logical line is put together from natural lines first (an odd number
 * of '\' at the end goes on in the next line), then cut into key and value, then
 * the escapes are resolved.
 */
#include <string.h>

#include "base/io.h"
#include "config/doors.h"

#define FILE_MAX ((size_t)8 << 20)
#define ENTRIES_MAX 10000

struct reader {
	struct str text;
	size_t at;
	int line;       /* of the byte at `at`, from 1 */
	int begin_line; /* where the logical line began */
	const char *file;
	struct config *into;
	struct problems *problems;
	size_t entries;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\f';
}

static bool
is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

static void
skip_blanks(struct reader *r)
{
	while (r->at < r->text.n && is_blank(r->text.p[r->at]))
		r->at++;
}

static bool
at_comment(const struct reader *r)
{
	return r->at < r->text.n && (r->text.p[r->at] == '#' || r->text.p[r->at] == '!');
}

static void
skip_line_end(struct reader *r)
{
	if (r->at == r->text.n)
		return;
	if (r->text.p[r->at] == '\r' && r->at + 1 < r->text.n &&
	    r->text.p[r->at + 1] == '\n')
		r->at++;
	r->at++;
	r->line++;
}

/* The rest of the natural line, without its end. */
static struct str
natural_line(struct reader *r)
{
	size_t begin = r->at;

	while (r->at < r->text.n && !is_line_end(r->text.p[r->at]))
		r->at++;
	struct str piece = { r->text.p + begin, r->at - begin };
	skip_line_end(r);
	return piece;
}

static bool
goes_on(struct str piece)
{
	size_t n = 0;

	while (n < piece.n && piece.p[piece.n - 1 - n] == '\\')
		n++;
	return n % 2 == 1;
}

/*
 * The next logical line that is neither blank nor a comment; false at the end.  A
 * line that so far is empty can still become a comment: "\" LF "# x" is one.  A '\'
 * alone at the end of the text is an empty setting, unless CR LF follow it.
 */
static bool
logical_line(struct reader *r, struct buf *line)
{
	bool more = false;

	buf_reset(line);
	while (r->at < r->text.n) {
		skip_blanks(r);
		if (line->n == 0) {
			if (!more)
				r->begin_line = r->line;
			if (at_comment(r)) {
				natural_line(r);
				more = false;
				continue;
			}
		}
		struct str piece = natural_line(r);
		more = goes_on(piece);
		if (more)
			piece.n--;
		buf_add_str(line, piece);
		if (!more && line->n > 0)
			return true;
	}
	/* As in Java, whose reader looks no further than a CR. */
	return line->n > 0 || (more && !str_ends(r->text, "\r\n"));
}

static void
problem(struct reader *r, enum problem_level level, const char *text)
{
	problems_add_at(r->problems, level, r->file, r->begin_line, "%s", text);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The number of "uXXXX" at the beginning of s, -1 if there is none. */
static int
utf16_unit(struct str s)
{
	int unit = 0;

	if (s.n < 5 || s.p[0] != 'u')
		return -1;
	for (int i = 1; i <= 4; i++) {
		int digit = hex_digit(s.p[i]);
		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

static void
add_utf8(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_add_byte(out, (uint8_t)c);
		return;
	}
	if (c < 0x800) {
		buf_add_byte(out, (uint8_t)(0xc0 | c >> 6));
	} else if (c < 0x10000) {
		buf_add_byte(out, (uint8_t)(0xe0 | c >> 12));
		buf_add_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
	} else {
		buf_add_byte(out, (uint8_t)(0xf0 | c >> 18));
		buf_add_byte(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		buf_add_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
	}
	buf_add_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
}

/* *s begins behind the '\' of "\uXXXX"; two of them can be one character. */
static const char *
unescape_unicode(struct str *s, struct buf *out)
{
	int high = utf16_unit(*s);
	uint32_t c = (uint32_t)high;

	if (high < 0)
		return "Malformed \\uxxxx encoding: four hexadecimal digits must follow";
	if (high == 0)
		return "\\u0000 cannot be part of a setting";
	s->p += 5, s->n -= 5;
	if (high >= 0xd800 && high <= 0xdfff) {
		int low = s->n > 0 && s->p[0] == '\\'
		              ? utf16_unit((struct str) { s->p + 1, s->n - 1 })
		              : -1;
		if (high > 0xdbff || low < 0xdc00 || low > 0xdfff)
			return "\\uD800 to \\uDFFF are characters only in pairs, high "
			       "one first";
		s->p += 6, s->n -= 6;
		c = 0x10000 + (((uint32_t)high - 0xd800) << 10) +
		    ((uint32_t)low - 0xdc00);
	}
	add_utf8(out, c);
	return NULL;
}

static uint8_t
escaped(char c)
{
	switch (c) {
	case 't':
		return '\t';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 'f':
		return '\f';
	default:
		return (uint8_t)c;
	}
}

/* Returns what is wrong, or NULL. */
static const char *
unescape(struct str s, struct buf *out)
{
	const char *fault;

	buf_reset(out);
	while (s.n > 0) {
		char c = *s.p;
		s.p++, s.n--;
		if (c != '\\') {
			buf_add_byte(out, (uint8_t)c);
			continue;
		}
		if (s.n == 0)
			break;
		c = *s.p;
		if (c == 'u') {
			if ((fault = unescape_unicode(&s, out)) != NULL)
				return fault;
			continue;
		}
		s.p++, s.n--;
		buf_add_byte(out, escaped(c));
	}
	return NULL;
}

static bool
ends_key(char c)
{
	return c == '=' || c == ':' || is_blank(c);
}

/* The first '=', ':' or blank without '\' ends the key; blanks, then one '=' or ':',
 * then blanks again lie between key and value. */
static void
cut(struct str line, struct str *key, struct str *value)
{
	size_t i = 0;

	while (i < line.n && !ends_key(line.p[i]))
		i += line.p[i] == '\\' ? 2 : 1;
	i = i < line.n ? i : line.n;
	*key = (struct str) { line.p, i };
	while (i < line.n && is_blank(line.p[i]))
		i++;
	if (i < line.n && (line.p[i] == '=' || line.p[i] == ':'))
		i++;
	while (i < line.n && is_blank(line.p[i]))
		i++;
	*value = (struct str) { line.p + i, line.n - i };
}

static const char *
fault_of(struct str line)
{
	if (line.n > 0 && memchr(line.p, '\0', line.n) != NULL)
		return "the line holds a zero byte";
	if (!str_is_utf8(line))
		return "the line is not UTF-8; convert the file (iconv -f latin1 -t "
		       "utf8), or "
		       "write \\u00e9 for \xc3\xa9";
	return NULL;
}

static void
put(struct reader *r, const char *key, const char *value)
{
	const struct config_entry *old = config_find(r->into, key);
	const struct config_entry e = {
		.key = key, .value = value, .file = r->file, .line = r->begin_line
	};

	if (key[0] == '\0')
		problem(r, PROBLEM_WARNING, "the line has no name in front of its value");
	if (old != NULL && old->file != NULL && r->file != NULL &&
	    strcmp(old->file, r->file) == 0)
		problems_add(r->problems, PROBLEM_WARNING, &e,
		    "is set in line %d already; this line wins", old->line);
	config_put(r->into, &e);
}

static void
take(struct reader *r, struct str line, struct buf *key, struct buf *value)
{
	struct str raw_key, raw_value;
	const char *fault = fault_of(line);

	cut(line, &raw_key, &raw_value);
	if (fault == NULL)
		fault = unescape(raw_key, key);
	if (fault == NULL)
		fault = unescape(raw_value, value);
	if (fault == NULL && key->n > CONFIG_KEY_MAX)
		fault = "the name is longer than 255 bytes";
	if (fault == NULL && value->n > CONFIG_VALUE_MAX)
		fault = "the value is longer than 1 MiB";
	if (fault != NULL)
		problem(r, PROBLEM_ERROR, fault);
	else
		put(r, buf_cstr(key), buf_cstr(value));
}

void
properties_parse(
    struct str text, const char *file, struct config *into, struct problems *problems)
{
	struct reader r = {
		.text = text, .line = 1, .file = file, .into = into, .problems = problems
	};
	struct buf line = { 0 }, key = { 0 }, value = { 0 };

	config_set_place(into, file, 0);
	if (str_starts(text, "\xef\xbb\xbf")) {
		r.at = 3;
		r.begin_line = 1;
		problem(&r, PROBLEM_WARNING,
		    "the file begins with a byte order mark; Java "
		    "would take it for a part of the first name");
	}
	while (logical_line(&r, &line)) {
		if (++r.entries > ENTRIES_MAX) {
			problem(&r, PROBLEM_ERROR, "more than 10,000 settings");
			break;
		}
		take(&r, buf_str(&line), &key, &value);
	}
	if (value.n > 0)
		explicit_bzero(value.p, value.n);
	buf_fini(&line);
	buf_fini(&key);
	buf_fini(&value);
}

int
properties_load(const char *path, struct config *into, struct problems *problems)
{
	struct buf text = { 0 };
	struct err err = { 0 };
	int rc = io_read_file(path, FILE_MAX, &text, &err);

	if (rc != 0)
		problems_add_at(problems, PROBLEM_ERROR, NULL, 0, "%s", err.msg);
	else
		properties_parse(buf_str(&text), path, into, problems);
	buf_fini(&text);
	return rc;
}
