/*
 * Reads headrace.conf for libconfig, which then does no I/O of its own: given a folder
 * to include, its scanner ends the process (1.5), and its places would be lost.
 * Knows comments, strings, numbers and brackets, but no setting.
 *
 * Numbers are checked here because the library changes some without a word:
 * 5000000000 is read as 705032704 (1.5), 007 as 7, 0x10 as 16, 1.10 as 1.1.
 */
#include "config/conf_text.h"

#include <errno.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"

#define TEXT_MAX ((size_t)8 << 20)
#define DEPTH_MAX 10
#define FILES_MAX 1000
#define NEST_MAX 32        /* brackets; the library's parser recurses */
#define SETTINGS_MAX 50000 /* the library compares each with all others of its group */

struct place {
	int file; /* index into files */
	int line;
};

struct conf_text {
	struct buf text;
	struct place *lines; /* of each line of text */
	size_t n_lines, cap_lines;
	char **files;
	size_t n_files;
	size_t settings;
	bool whole;
	bool full; /* a limit was met: read no more files */
	struct problems *problems;
};

/* A file while it is scanned. */
struct scan {
	struct conf_text *t;
	struct str s;
	size_t at;
	int file, line;
	int depth; /* of includes */
	char open[NEST_MAX];
	int open_line[NEST_MAX];
	int nest;
	bool line_begins; /* only blanks so far in this line */
};

static void read_file(
    struct conf_text *t, const char *path, const struct scan *from, int depth);

/* ---- places and problems ---- */

static void
begin_line(struct conf_text *t, int file, int line)
{
	if (t->n_lines == t->cap_lines) {
		t->cap_lines = t->cap_lines == 0 ? 64 : 2 * t->cap_lines;
		t->lines = mem_realloc(t->lines, t->cap_lines * sizeof(*t->lines));
	}
	t->lines[t->n_lines++] = (struct place) { file, line };
}

static void
fault_at(struct scan *sc, int line, const char *text)
{
	problems_add_at(
	    sc->t->problems, PROBLEM_ERROR, sc->t->files[sc->file], line, "%s", text);
}

static void
broken_at(struct scan *sc, int line, const char *text)
{
	sc->t->whole = false;
	fault_at(sc, line, text);
}

/* ---- the scanner ---- */

static char
peek(const struct scan *sc, size_t ahead)
{
	return sc->at + ahead < sc->s.n ? sc->s.p[sc->at + ahead] : '\0';
}

static void
copy(struct scan *sc)
{
	char c = sc->s.p[sc->at++];

	buf_add_byte(&sc->t->text, (uint8_t)c);
	if (c == '\n') {
		begin_line(sc->t, sc->file, ++sc->line);
		sc->line_begins = true;
	} else if (c != ' ' && c != '\t') {
		sc->line_begins = false;
	}
}

static void
copy_line_comment(struct scan *sc)
{
	while (sc->at < sc->s.n && peek(sc, 0) != '\n')
		copy(sc);
}

static void
copy_block_comment(struct scan *sc)
{
	int line = sc->line;

	copy(sc);
	copy(sc);
	while (sc->at < sc->s.n && !(peek(sc, 0) == '*' && peek(sc, 1) == '/'))
		copy(sc);
	if (sc->at == sc->s.n) {
		broken_at(sc, line, "this comment has no end (*/)");
		return;
	}
	copy(sc);
	copy(sc);
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* At a '\' inside a string.  Others than these stay as they are or not, depending on
 * the library's version. */
static void
copy_escape(struct scan *sc)
{
	char c = peek(sc, 1);

	if (c == 'u')
		fault_at(
		    sc, sc->line, "\\u is no escape here; write the character itself");
	else if (c == 'x' && is_hex(peek(sc, 2)) && is_hex(peek(sc, 3))) {
		if (peek(sc, 2) == '0' && peek(sc, 3) == '0')
			fault_at(sc, sc->line, "\\x00 cannot be part of a setting");
	} else if (c == '\0' || strchr("\\\"nrtf", c) == NULL)
		fault_at(sc, sc->line, "a backslash in a text is written twice (\\\\)");
	copy(sc);
	if (sc->at < sc->s.n)
		copy(sc);
}

static void
copy_string(struct scan *sc)
{
	int line = sc->line;

	copy(sc);
	while (sc->at < sc->s.n && peek(sc, 0) != '"') {
		if (peek(sc, 0) == '\\')
			copy_escape(sc);
		else
			copy(sc);
	}
	if (sc->at == sc->s.n)
		broken_at(sc, line, "this text has no closing quote (\")");
	else
		copy(sc);
}

/* Does the library read this number as the one that is written? */
static bool
reads_the_same(const char *token)
{
	char shown[32];
	size_t n = strlen(token);
	bool is_long = n > 1 && token[n - 1] == 'L';
	int64_t value;

	if (strpbrk(token, ".eE") != NULL) {
		conf_text_number(strtod(token, NULL), shown);
		return strcmp(shown, token) == 0;
	}
	n -= is_long;
	if (!str_to_i64((struct str) { token, n }, is_long ? INT64_MIN : INT32_MIN,
		is_long ? INT64_MAX : INT32_MAX, &value))
		return false;
	snprintf(shown, sizeof(shown), "%lld", (long long)value);
	return strlen(shown) == n && strncmp(shown, token, n) == 0;
}

static bool
in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c != '\0' && strchr("_*-+.", c) != NULL);
}

/* A name, true or false, or a number: which may be a secret and is not shown. */
static void
copy_word(struct scan *sc)
{
	size_t begin = sc->at, n = 0;
	char first = peek(sc, 0), second = peek(sc, 1), token[64];

	while (in_word(peek(sc, n)))
		n++;
	bool sign = first == '-' || first == '+' || first == '.';
	bool is_number = (first >= '0' && first <= '9') ||
	                 (sign && ((second >= '0' && second <= '9') || second == '.'));
	if (is_number) {
		snprintf(token, sizeof(token), "%.*s", (int)(n < 63 ? n : 63),
		    sc->s.p + begin);
		if (n > 40 || !reads_the_same(token))
			fault_at(sc, sc->line,
			    "this number would be read as another one; "
			    "write it in quotes");
	}
	while (n-- > 0)
		copy(sc);
}

static void
copy_bracket(struct scan *sc)
{
	static const char opening[] = "({[", closing[] = ")}]";
	char c = peek(sc, 0);

	if (strchr(opening, c) != NULL) {
		if (sc->nest == NEST_MAX) {
			broken_at(sc, sc->line, "brackets are nested more than 32 deep");
			sc->at = sc->s.n;
			return;
		}
		sc->open_line[sc->nest] = sc->line;
		sc->open[sc->nest++] = closing[strchr(opening, c) - opening];
	} else if (sc->nest > 0 && sc->open[sc->nest - 1] == c) {
		sc->nest--;
	} else {
		char text[64];
		snprintf(text, sizeof(text), "this '%c' closes nothing that is open", c);
		broken_at(sc, sc->line, text);
		sc->at = sc->s.n;
		return;
	}
	copy(sc);
}

/* ---- includes ---- */

static void
include_pattern(struct scan *sc, const char *path)
{
	glob_t found = { 0 };
	int rc = glob(path, GLOB_ERR, NULL, &found);

	if (rc != 0 && rc != GLOB_NOMATCH)
		broken_at(sc, sc->line, "the folder of this @include cannot be read");
	for (size_t i = 0; rc == 0 && i < found.gl_pathc; i++)
		read_file(sc->t, found.gl_pathv[i], sc, sc->depth + 1);
	globfree(&found);
}

static void
include(struct scan *sc, struct str name)
{
	const char *file = sc->t->files[sc->file], *slash = strrchr(file, '/');
	struct buf path = { 0 };

	if (memchr(name.p, '\n', name.n) != NULL || name.n == 0) {
		broken_at(sc, sc->line, "@include needs the name of a file in quotes");
		return;
	}
	if (name.p[0] != '/' && slash != NULL)
		buf_add(&path, file, (size_t)(slash - file) + 1);
	buf_add_str(&path, name);
	bool is_pattern = strpbrk(buf_cstr(&path) + path.n - name.n, "*?[") != NULL;
	if (is_pattern)
		include_pattern(sc, path.p);
	else
		read_file(sc->t, path.p, sc, sc->depth + 1);
	buf_fini(&path);
}

/* At an '@': the library must never see one outside of texts. */
static void
take_include(struct scan *sc)
{
	static const char word[] = "@include";
	size_t n = sizeof(word) - 1, blanks = 0;
	struct str rest = { sc->s.p + sc->at, sc->s.n - sc->at };

	while (peek(sc, n + blanks) == ' ' || peek(sc, n + blanks) == '\t')
		blanks++;
	const char *name = rest.p + n + blanks + 1, *end = NULL;
	if (str_starts(rest, word) && blanks > 0 && peek(sc, n + blanks) == '"')
		end = memchr(name, '"', rest.n - (n + blanks + 1));
	if (!sc->line_begins || end == NULL) {
		broken_at(sc, sc->line,
		    "write @include \"file\" at the beginning of a line of its own");
		sc->at++;
		return;
	}
	sc->at += (size_t)(end + 1 - rest.p);
	include(sc, (struct str) { name, (size_t)(end - name) });
	buf_add_byte(&sc->t->text, '\n');
	begin_line(sc->t, sc->file, sc->line);
	sc->line_begins = true;
}

static void
scan(struct scan *sc)
{
	while (sc->at < sc->s.n) {
		char c = peek(sc, 0);

		if (c == '#' || (c == '/' && peek(sc, 1) == '/'))
			copy_line_comment(sc);
		else if (c == '/' && peek(sc, 1) == '*')
			copy_block_comment(sc);
		else if (c == '"')
			copy_string(sc);
		else if (c == '@')
			take_include(sc);
		else if (in_word(c))
			copy_word(sc);
		else if (c != '\0' && strchr("(){}[]", c) != NULL)
			copy_bracket(sc);
		else {
			sc->t->settings += c == '=' || c == ':' || c == ',';
			copy(sc);
		}
	}
	if (sc->nest > 0 && sc->t->whole) {
		char text[64];
		snprintf(text, sizeof(text),
		    "the bracket opened here is not closed with '%c'",
		    sc->open[sc->nest - 1]);
		broken_at(sc, sc->open_line[sc->nest - 1], text);
	}
}

/* ---- files ---- */

/* The first line that is not plain UTF-8 text; the others are not worth a message. */
static bool
check_bytes(struct scan *sc)
{
	struct str rest = sc->s, line;

	for (int n = 1; str_next(&rest, '\n', &line); n++) {
		if (line.n > 0 && memchr(line.p, '\0', line.n) != NULL) {
			broken_at(sc, n, "the line holds a zero byte");
			return false;
		}
		if (!str_is_utf8(line)) {
			broken_at(sc, n,
			    "the line is not UTF-8; convert the file "
			    "(iconv -f latin1 -t utf8)");
			return false;
		}
	}
	return true;
}

static void
scan_file(struct conf_text *t, struct str text, int depth)
{
	struct scan sc = {
		.t = t,
		.s = text,
		.file = (int)t->n_files - 1,
		.line = 1,
		.depth = depth,
		.line_begins = true,
	};

	if (str_starts(text, "\xef\xbb\xbf"))
		sc.s.p += 3, sc.s.n -= 3;
	if (t->n_lines == 0)
		begin_line(t, sc.file, 1);
	else /* the line that begins with the @include begins with the file now */
		t->lines[t->n_lines - 1] = (struct place) { sc.file, 1 };
	if (check_bytes(&sc))
		scan(&sc);
}

static const char *
limit_met(const struct conf_text *t, int depth)
{
	if (depth > DEPTH_MAX)
		return "@include is nested more than 10 deep; does a file include "
		       "itself?";
	if (t->n_files == FILES_MAX)
		return "more than 1,000 files are included";
	if (t->text.n >= TEXT_MAX)
		return "the files have more than 8 MiB together";
	return NULL;
}

static void
read_file(struct conf_text *t, const char *path, const struct scan *from, int depth)
{
	const char *file = from == NULL ? NULL : t->files[from->file];
	int line = from == NULL ? 0 : from->line;
	struct buf text = { 0 };
	struct err err = { 0 };

	if (t->full)
		return;
	const char *limit = limit_met(t, depth);
	if (limit != NULL || io_read_file(path, TEXT_MAX - t->text.n, &text, &err) != 0) {
		problems_add_at(t->problems, PROBLEM_ERROR, file, line, "%s",
		    limit != NULL ? limit : err.msg);
		t->whole = false;
		t->full = limit != NULL;
	} else {
		t->files = mem_realloc(t->files, (t->n_files + 1) * sizeof(*t->files));
		t->files[t->n_files++] = mem_strdup(path);
		scan_file(t, buf_str(&text), depth);
	}
	if (text.n > 0)
		explicit_bzero(text.p, text.n); /* passwords */
	buf_fini(&text);
}

struct conf_text *
conf_text_load(const char *path, struct problems *problems)
{
	struct conf_text *t = mem_zalloc(sizeof(*t));

	t->problems = problems;
	t->whole = true;
	read_file(t, path, NULL, 0);
	if (t->whole && t->settings > SETTINGS_MAX) {
		problems_add_at(
		    problems, PROBLEM_ERROR, path, 0, "more than 50,000 settings");
		t->whole = false;
	}
	return t;
}

void
conf_text_free(struct conf_text *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->n_files; i++)
		free(t->files[i]);
	free(t->files);
	free(t->lines);
	if (t->text.n > 0)
		explicit_bzero(t->text.p, t->text.n); /* passwords */
	buf_fini(&t->text);
	free(t);
}

const char *
conf_text_cstr(struct conf_text *t)
{
	return buf_cstr(&t->text);
}

bool
conf_text_is_whole(const struct conf_text *t)
{
	return t->whole;
}

void
conf_text_place(const struct conf_text *t, int line, const char **file, int *file_line)
{
	*file = NULL;
	*file_line = 0;
	if (t->n_lines == 0)
		return;

	size_t i = line < 1 ? 0 : (size_t)line - 1;
	const struct place *p = &t->lines[i < t->n_lines ? i : t->n_lines - 1];
	*file = t->files[p->file];
	*file_line = p->line;
}

void
conf_text_number(double number, char out[32])
{
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(out, 32, "%.*g", digits, number);
		if (strtod(out, NULL) == number)
			break;
	}
	if (strpbrk(out, ".eE") == NULL && isfinite(number))
		strcat(out, ".0");
}
