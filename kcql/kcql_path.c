/*
 * Paths: `a.b`, `_value.a`, `_.topic.2`, "`a.b`".c.  First their pieces are read as
 * they are written, then it is decided what they lead to.
 */
#include "kcql/kcql_path.h"

#include <string.h>

#include "kcql/kcql_words.h"

#define MAX_LEVEL 65535u /* an MQTT topic has at most 65,535 bytes */

KCQL_EXPECT(a_name, "a name");

static bool
digits_only(struct kcql_text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.ptr[i] < '0' || t.ptr[i] > '9')
			return false;
	return t.len > 0;
}

static bool
is_bare(const struct kcql_piece *piece, const char *text)
{
	return piece->quote == '\0' && strcmp(piece->text.ptr, text) == 0;
}

static bool
number_as_name(struct kcql_read *p, const struct kcql_piece *piece)
{
	size_t end = piece->pos + piece->text.len;

	return kcql_read_fail(p, "number_as_name", piece->pos, end,
	    "a number is no name; a field that is called so needs quotes: `%s`",
	    kcql_read_show(p, piece->pos, end));
}

bool
kcql_path_segment(
    struct kcql_read *p, struct kcql_expect expect, bool digits, struct kcql_piece *out)
{
	if (!kcql_read_word(p, ".*", expect, out) ||
	    !kcql_read_not_empty(p, out, "a name"))
		return false;
	if (!digits && out->quote == '\0' && digits_only(out->text))
		return number_as_name(p, out);
	return true;
}

/*
 * Metadata: `_` and `.` in front, bare.
 */

static const struct {
	const char *word;
	enum kcql_from from;
} metadata_words[] = {
	{ "topic", KCQL_TOPIC },
	{ "timestamp", KCQL_TIMESTAMP },
	{ "qos", KCQL_QOS },
	{ "id", KCQL_ID },
	{ "retained", KCQL_RETAINED },
	{ "dup", KCQL_DUP },
	{ "key", KCQL_KEY },
	{ "partition", KCQL_PARTITION },
	{ "offset", KCQL_OFFSET },
};

static bool
is_metadata(const struct kcql_read *p)
{
	return p->n_pieces > 0 && is_bare(&p->piece[0], "_");
}

static bool
sink_only_field(struct kcql_read *p, size_t pos, size_t end)
{
	return kcql_read_fail(p, "sink_only_field", pos, end,
	    "%s is part of a Kafka record, and this one is yet to be made; an MQTT "
	    "message has _.topic, _.timestamp, _.qos, _.id, _.retained and _.dup; a "
	    "field that is called so needs backticks",
	    kcql_read_show(p, pos, end));
}

static bool
bad_metadata(struct kcql_read *p, size_t pos, size_t end)
{
	return kcql_read_fail(p, "bad_metadata", pos, end,
	    "%s is nothing that a message has; after _. may follow topic, topic.N (its "
	    "N-th level, from 1), timestamp, qos, id, retained or dup",
	    kcql_read_show(p, pos, end));
}

static bool
topic_level(const struct kcql_piece *piece, unsigned *out)
{
	unsigned n = 0;

	if (piece->quote != '\0' || !digits_only(piece->text))
		return false;
	for (size_t i = 0; i < piece->text.len; i++) {
		n = 10 * n + (unsigned)(piece->text.ptr[i] - '0');
		if (n > MAX_LEVEL)
			return false;
	}
	*out = n;
	return n >= 1;
}

/* metadata = "_" , "." , word , [ "." , number ] ;  The pieces are read already. */
static bool
metadata(struct kcql_read *p, size_t end, struct kcql_path *out)
{
	const size_t n = sizeof(metadata_words) / sizeof(metadata_words[0]);
	size_t pos = p->piece[0].pos, i = 0;
	struct kcql_text word;

	if (p->n_pieces < 2)
		return bad_metadata(p, pos, end);
	word = p->piece[1].text;
	while (i < n && !kcql_words_equal(word.ptr, word.len, metadata_words[i].word))
		i++;
	if (i == n)
		return bad_metadata(p, pos, end);
	out->from = metadata_words[i].from;
	if (out->from >= KCQL_KEY)
		return sink_only_field(p, pos, end);
	if (out->all || p->n_pieces > 3)
		return bad_metadata(p, pos, end);
	if (p->n_pieces == 3 &&
	    (out->from != KCQL_TOPIC || !topic_level(&p->piece[2], &out->level)))
		return bad_metadata(p, pos, end);
	return true;
}

/* Behind `_.` stands no name at all: say so, not that one is missing. */
static bool
metadata_without_name(struct kcql_read *p, struct kcql_path *out)
{
	return metadata(p, p->s->pos, out) && bad_metadata(p, p->piece[0].pos, p->s->pos);
}

/*
 * Pieces.
 */

static void
keep_piece(struct kcql_read *p, const struct kcql_piece *piece)
{
	if (p->n_pieces == p->most_pieces) {
		p->piece = kcql_memory_grow(
		    p->m, p->piece, p->n_pieces, sizeof(*p->piece));
		p->most_pieces++;
	}
	p->piece[p->n_pieces++] = *piece;
}

static bool
name_follows(const struct kcql_read *p)
{
	size_t bytes;
	enum scan_class c = kcql_scan_class(p->s, p->s->pos, &bytes);

	return c != SCAN_STOP && c != SCAN_END && !kcql_read_at(p, '.') &&
	       !kcql_read_at(p, '*');
}

static bool
read_pieces(struct kcql_read *p, enum kcql_path_kind kind, struct kcql_expect expect,
    struct kcql_path *out)
{
	bool star = kind == KCQL_PATH_COLUMN || kind == KCQL_PATH_IGNORED;
	struct kcql_piece piece;

	p->n_pieces = 0;
	if (!kcql_path_segment(p, expect, kind == KCQL_PATH_KEY, &piece))
		return false;
	if (kcql_read_at(p, '.') && piece.quote == '\0' && digits_only(piece.text))
		return number_as_name(p, &piece); /* a key may be 1, but not 1.a */
	keep_piece(p, &piece);
	while (kcql_read_at(p, '.')) {
		kcql_read_advance(p, p->s->pos + 1);
		if (star && kcql_read_at(p, '*')) {
			kcql_read_advance(p, p->s->pos + 1);
			out->all = true;
			return true;
		}
		if (is_metadata(p) && !name_follows(p))
			return metadata_without_name(p, out);
		if (!kcql_path_segment(p, a_name, is_metadata(p), &piece))
			return false;
		keep_piece(p, &piece);
	}
	return true;
}

static struct kcql_text
keep(struct kcql_read *p, struct kcql_buf *b)
{
	struct kcql_text t = kcql_memory_text(p->m, b->ptr, b->len);

	kcql_memory_buf_free(b);
	return t;
}

/* The path in one piece, as messages and JSON show it.  Of a key a name with dots keeps
 * its double quotes, so that it can be told from a path. */
static struct kcql_text
path_text(struct kcql_read *p, bool all, bool key)
{
	struct kcql_buf b = { 0 };

	if (p->n_pieces == 1 && !all && !key)
		return p->piece[0].text;
	for (size_t i = 0; i < p->n_pieces; i++) {
		struct kcql_text t = p->piece[i].text;
		bool dots = memchr(t.ptr, '.', t.len) != NULL;
		const char *quote = key && dots && p->piece[i].quote == '"' ? "\"" : "";

		kcql_memory_puts(&b, i > 0 ? "." : "");
		kcql_memory_puts(&b, quote);
		kcql_memory_putt(&b, t);
		kcql_memory_puts(&b, quote);
	}
	kcql_memory_puts(&b, all ? ".*" : "");
	return keep(p, &b);
}

static struct kcql_text
path_canon(struct kcql_read *p, bool all, bool key)
{
	struct kcql_buf b = { 0 };

	if (p->n_pieces == 1 && !all && p->piece[0].quote == '\0' &&
	    p->piece[0].text.ptr[0] != '-')
		return p->piece[0].text;
	for (size_t i = 0; i < p->n_pieces; i++) {
		kcql_memory_puts(&b, i > 0 ? "." : "");
		kcql_spell_segment(&b, &p->piece[i], key);
	}
	kcql_memory_puts(&b, all ? ".*" : "");
	return keep(p, &b);
}

bool
kcql_path_read(struct kcql_read *p, enum kcql_path_kind kind, struct kcql_expect expect,
    struct kcql_path *out)
{
	*out = (struct kcql_path) { .at = kcql_read_here(p) };
	if (!read_pieces(p, kind, expect, out))
		return false;
	out->text = path_text(p, out->all, kind == KCQL_PATH_KEY);
	out->canon = path_canon(p, out->all, kind == KCQL_PATH_KEY);
	return true;
}

/*
 * Meaning.
 */

/* Where the pieces lead in the converted value. */
static void
set_segments(struct kcql_read *p, struct kcql_path *out)
{
	size_t skip = is_bare(&p->piece[0], "_value");
	struct kcql_text *t = kcql_memory_alloc(p->m, p->n_pieces * sizeof(*t));

	out->of_value = skip > 0;
	out->n_segments = p->n_pieces - skip;
	for (size_t i = 0; i < out->n_segments; i++)
		t[i] = p->piece[i + skip].text;
	out->segment = t;
}

bool
kcql_path_meaning(struct kcql_read *p, enum kcql_path_kind kind, struct kcql_path *out)
{
	const struct kcql_piece *first = &p->piece[0];
	bool longer = p->n_pieces > 1 || out->all;

	if (is_metadata(p) && longer)
		return metadata(p, p->last_end, out);
	if (kind == KCQL_PATH_COLUMN &&
	    (is_bare(first, "_key") || (is_bare(first, "_header") && longer)))
		return sink_only_field(p, first->pos, first->pos + first->text.len);
	set_segments(p, out);
	return true;
}

/*
 * Names in a piece of a key: in ` or ' it is split at its dots, trailing empty parts
 * dropped, as Lenses does when it runs; in " it is not.
 */
static bool
split_piece(struct kcql_read *p, const struct kcql_piece *piece, struct kcql_text **list,
    size_t *n)
{
	const char *s = piece->text.ptr, *end = s + piece->text.len, *dot;
	bool split = piece->quote == '`' || piece->quote == '\'';

	while (split && end > s && end[-1] == '.')
		end--;
	if (end == s)
		return kcql_read_fail(p, "empty_name", piece->pos,
		    piece->pos + piece->text.len + 2,
		    "there is no name between the dots; write a field");
	for (; s <= end; s = dot + 1) {
		dot = split ? memchr(s, '.', (size_t)(end - s)) : NULL;
		if (dot == NULL)
			dot = end;
		*list = kcql_memory_grow(p->m, *list, *n, sizeof(**list));
		(*list)[(*n)++] = kcql_memory_text(p->m, s, (size_t)(dot - s));
	}
	return true;
}

bool
kcql_path_key(struct kcql_read *p, struct kcql_expect expect, struct kcql_path *out)
{
	struct kcql_text *list = NULL;

	if (!kcql_path_read(p, KCQL_PATH_KEY, expect, out))
		return false;
	if (is_metadata(p) && p->n_pieces > 1)
		return metadata(p, p->last_end, out);
	out->of_value = is_bare(&p->piece[0], "_value");
	for (size_t i = out->of_value; i < p->n_pieces; i++)
		if (!split_piece(p, &p->piece[i], &list, &out->n_segments))
			return false;
	out->segment = list;
	return true;
}

struct kcql_text
kcql_path_output(struct kcql_memory *m, const struct kcql_path *path)
{
	const char *word;

	if (path->all)
		return (struct kcql_text) { "*", 1 };
	if (path->from == KCQL_VALUE && path->n_segments == 0)
		return (struct kcql_text) { "_value", 6 };
	if (path->from == KCQL_VALUE)
		return path->segment[path->n_segments - 1];
	word = metadata_words[path->from - KCQL_TOPIC].word;
	if (path->level > 0)
		word = kcql_memory_printf(m, "topic_%u", path->level);
	return (struct kcql_text) { word, strlen(word) };
}
