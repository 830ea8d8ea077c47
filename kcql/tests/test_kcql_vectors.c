/* Every row of tests/vectors/kcql.jsonl, in both modes. */
#include "kcql/tests/world.h"

#include <jansson.h>

#define VECTORS "tests/vectors/kcql.jsonl"

static bool
refuses(json_t *reading)
{
	json_t *statement;
	size_t i;

	if (json_object_get(reading, "error") != NULL)
		return true;
	json_array_foreach(json_object_get(reading, "statements"), i,
	    statement) if (json_object_get(statement, "error") != NULL) return true;
	return false;
}

/* The statements of "lenses" or "headrace"; NULL: the text is refused. */
static json_t *
statements_of(json_t *reading)
{
	json_t *list, *statement, *one = json_object_get(reading, "statement");
	size_t i;

	if (refuses(reading))
		return NULL;
	list = json_deep_copy(json_object_get(reading, "statements"));
	if (list == NULL)
		list = json_pack("[o]", json_deep_copy(one != NULL ? one : reading));
	json_array_foreach(list, i, statement)
	{
		json_object_del(statement, "lexer_dropped");
		json_object_del(statement, "unread");
	}
	return list;
}

static json_t *
wanted(json_t *row, bool strict)
{
	json_t *lenses = json_object_get(row, "lenses"),
	       *own = json_object_get(row, "headrace");

	if (strict)
		return statements_of(lenses);
	if (json_object_get(row, "error") != NULL)
		return NULL;
	return statements_of(json_is_string(own) ? lenses : own);
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Lists of codes are sets: printed in the order of letters. */
static void
sorted(json_t *list, char *out, size_t size)
{
	const char *code[64];
	size_t n = json_array_size(list);

	assert_true(n <= LEN(code));
	for (size_t i = 0; i < n; i++)
		code[i] = json_string_value(json_array_get(list, i));
	qsort(code, n, sizeof(code[0]), compare_texts);
	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		strncat(out, code[i], size - strlen(out) - 1);
		strncat(out, " ", size - strlen(out) - 1);
	}
}

static bool
same_codes(json_t *want, json_t *got)
{
	char a[1024], b[1024];

	sorted(want, a, sizeof(a));
	sorted(got, b, sizeof(b));
	return strcmp(a, b) == 0;
}

static bool
same_error(json_t *want, json_t *got)
{
	const char *keys[] = { "code", "line", "column", "expected" };

	for (size_t i = 0; i < LEN(keys); i++) {
		json_t *w = json_object_get(want, keys[i]),
		       *g = json_object_get(got, keys[i]);

		if (w != NULL ? !json_equal(w, g) : g != NULL)
			return false;
	}
	return true;
}

static bool
agrees(json_t *row, json_t *got, bool strict)
{
	json_t *want = wanted(row, strict), *error = json_object_get(got, "error");
	bool same;

	if (want == NULL)
		return error != NULL &&
		       (strict || same_error(json_object_get(row, "error"), error));
	same = json_equal(want, json_object_get(got, "statements"));
	json_decref(want);
	return same && (strict || (same_codes(json_object_get(row, "warn"),
				       json_object_get(got, "warnings")) &&
				      same_codes(json_object_get(row, "bind"),
					  json_object_get(got, "bind"))));
}

static void
check_row(json_t *row, bool strict)
{
	json_t *in = json_object_get(row, "in"), *got;
	struct kcql *k = kcql_parse(json_string_value(in), json_string_length(in),
	    strict ? KCQL_STRICT_LENSES : 0);

	kcql_bind(k, &world);
	got = json_loads(kcql_json(k), JSON_ALLOW_NUL, NULL);
	if (got == NULL || !agrees(row, got, strict))
		fail_msg("%s%s\n%s\nwant %s\ngot  %s",
		    json_string_value(json_object_get(row, "id")),
		    strict ? " (strict)" : "", json_string_value(in), json_dumps(row, 0),
		    kcql_json(k));
	json_decref(got);
	kcql_free(k);
}

static void
check_rows(bool strict)
{
	FILE *f = fopen(VECTORS, "r");
	char *line = NULL;
	size_t room = 0, rows = 0;

	if (f == NULL)
		fail_msg("cannot read %s; run from the top of the tree", VECTORS);
	for (; getline(&line, &room, f) > 0; rows++) {
		json_t *row = json_loads(line, JSON_ALLOW_NUL, NULL);

		assert_non_null(row);
		check_row(row, strict);
		json_decref(row);
	}
	free(line);
	fclose(f);
	assert_true(rows >= 456);
}

static void
reads_as_headrace_does(void **state)
{
	(void)state;
	check_rows(false);
}

static void
reads_as_lenses_does(void **state)
{
	(void)state;
	check_rows(true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_as_headrace_does),
		cmocka_unit_test(reads_as_lenses_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
