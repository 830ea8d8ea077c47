/* Chains as Kafka Connect 3.9.1 wires, validates and starts them. */
#include "smt_check.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define T "org.apache.kafka.connect.transforms."
#define P "org.apache.kafka.connect.transforms.predicates."
#define HEADER                                                  \
	"transforms.a.type=InsertHeader;transforms.a.header=x;" \
	"transforms.a.value.literal=1"
#define PREDICATE                                          \
	"predicates=p;predicates.p.type=TopicNameMatches;" \
	"predicates.p.pattern=my-.*;transforms.a.predicate=p"

static void
print_problems(const struct problems *problems, enum problem_level level, struct buf *out)
{
	const struct problem *p;

	for (size_t i = 0; (p = problems_each(problems, &i)) != NULL;)
		if (p->level == level)
			buf_printf(out, "%s: %s\n", p->key, p->text);
}

/* config, what validation says, what a start says (NULL: it starts) */
static const struct {
	const char *config, *validation, *start;
} fault_rows[] = {
	{ "name=c", "", NULL },
	{ "transforms=", "", NULL },
	{ "transforms= a ;" HEADER, "", NULL },
	{ "transforms=a,a;" HEADER,
	    "transforms: Invalid value [a, a] for configuration transforms: Duplicate "
	    "alias "
	    "provided.\n",
	    "Invalid value [a, a] for configuration transforms: Duplicate alias "
	    "provided." },
	{ "transforms=zz",
	    "transforms.zz.type: Missing required configuration \"transforms.zz.type\" "
	    "which "
	    "has no default value.\n",
	    "Invalid value null for configuration transforms.zz.type: Not a "
	    "Transformation" },
	{ "transforms=a;transforms.a.type=com.example.No",
	    "transforms.a.type: Invalid value com.example.No for configuration "
	    "transforms.a.type: Class com.example.No could not be found.\n",
	    "Invalid value com.example.No for configuration transforms.a.type: Class "
	    "com.example.No could not be found." },
	{ "transforms=a;transforms.a.type=Cast$Value",
	    "transforms.a.type: Invalid value Cast$Value for configuration "
	    "transforms.a.type: Class Cast$Value could not be found.\n",
	    "Invalid value Cast$Value for configuration transforms.a.type: Class "
	    "Cast$Value "
	    "could not be found." },
	{ "transforms=a;transforms.a.type=" T "Cast",
	    "transforms.a.type: This class is abstract and cannot be created. Did you "
	    "mean " T "Cast$Value, " T "Cast$Key?\n",
	    "This class is abstract and cannot be created. Did you mean " T
	    "Cast$Value, " T "Cast$Key?" },
	{ "transforms=a;transforms.a.type=TopicNameMatches",
	    "transforms.a.type: Class class " P "TopicNameMatches does not implement the "
	    "Transformation interface\n",
	    "Class class " P "TopicNameMatches does not implement the Transformation "
	    "interface" },
	{ "transforms=a;" HEADER ";predicates=p;predicates.p.type=" T "Cast$Key",
	    "predicates.p.type: Class class " T
	    "Cast$Key does not implement the Predicate "
	    "interface\n",
	    "Class class " T "Cast$Key does not implement the Predicate interface" },
	{ "transforms=a;transforms.a.type=JsonConverter",
	    "transforms.a.type: Class class org.apache.kafka.connect.json.JsonConverter "
	    "does "
	    "not implement the Transformation interface\n",
	    "Class class org.apache.kafka.connect.json.JsonConverter does not implement "
	    "the "
	    "Transformation interface" },
	{ "transforms=a;" HEADER ";transforms.a.negate=true",
	    "transforms.a.type: Config 'transforms.a.negate' was provided but there is "
	    "no "
	    "config 'transforms.a.predicate' defining a predicate to be negated.\n",
	    "Config 'transforms.a.negate' was provided but there is no config "
	    "'transforms.a.predicate' defining a predicate to be negated." },
	{ "transforms=a;" HEADER ";" PREDICATE ";transforms.a.negate=yes",
	    "transforms.a.negate: Invalid value yes for configuration "
	    "transforms.a.negate: "
	    "Expected value to be either true or false\n",
	    "Invalid value yes for configuration transforms.a.negate: Expected value to "
	    "be "
	    "either true or false" },
	/* the first fault of a start: required options first, then by importance */
	{ "transforms=a;transforms.a.type=" T
	  "ExtractField$Value;transforms.a.field.syntax.version=3",
	    "transforms.a.field: Missing required configuration \"transforms.a.field\" "
	    "which "
	    "has no default value.\n"
	    "transforms.a.field.syntax.version: Invalid value 3 for configuration "
	    "field.syntax.version: String must be one of (case insensitive): V1, V2\n",
	    "Missing required configuration \"transforms.a.field\" which has no default "
	    "value." },
	/* classes come before options */
	{ "transforms=a,b;transforms.a.type=RegexRouter",
	    "transforms.a.regex: Missing required configuration \"transforms.a.regex\" "
	    "which "
	    "has no default value.\n"
	    "transforms.a.regex: Invalid value null for configuration regex: Invalid "
	    "regex: "
	    "there is none\n"
	    "transforms.a.replacement: Missing required configuration "
	    "\"transforms.a.replacement\" which has no default value.\n"
	    "transforms.b.type: Missing required configuration \"transforms.b.type\" "
	    "which "
	    "has no default value.\n",
	    "Invalid value null for configuration transforms.b.type: Not a "
	    "Transformation" },
	/* no fault until the start */
	{ "transforms=a;transforms.a.type=" T "InsertField$Key", "",
	    "org.apache.kafka.common.config.ConfigException: No field insertion "
	    "configured" },
	{ "transforms=a;" HEADER ";transforms.a.predicate=nope", "",
	    "org.apache.kafka.common.config.ConfigException: Unknown configuration "
	    "'predicates.nope.type'" },
	{ "transforms=a;" HEADER ";predicates.p.type=RecordIsTombstone;"
	  "transforms.a.predicate=p",
	    "",
	    "org.apache.kafka.common.config.ConfigException: Unknown configuration "
	    "'predicates.p.type'" },
	/* a predicate that nobody uses is checked, too */
	{ "predicates=p;predicates.p.type=HasHeaderKey",
	    "predicates.p.name: Missing required configuration \"predicates.p.name\" "
	    "which "
	    "has no default value.\n",
	    "Missing required configuration \"predicates.p.name\" which has no default "
	    "value." },
};

static void
reports_faults_as_connect(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fault_rows); i++) {
		struct config *cfg = smt_check_config(fault_rows[i].config);
		struct problems *problems = problems_new();
		struct err err = { 0 };
		struct buf out = { 0 };
		struct smt_chain *chain = smt_chain_open(cfg, &err);

		smt_chain_validate(cfg, problems);
		print_problems(problems, PROBLEM_ERROR, &out);
		if (strcmp(buf_cstr(&out), fault_rows[i].validation) != 0)
			fail_msg("%s: validation says:\n%s", fault_rows[i].config, out.p);
		const char *start = fault_rows[i].start;
		if (chain != NULL ? start != NULL
				  : start == NULL || strcmp(err.msg, start) != 0)
			fail_msg("%s: start says: %s", fault_rows[i].config,
			    chain != NULL ? "nothing" : err.msg);
		assert_int_equal(err.kind, chain != NULL ? ERR_NONE : ERR_CONFIG);
		smt_chain_close(chain);
		buf_fini(&out);
		problems_free(problems);
		config_free(cfg);
	}
}

static const struct {
	const char *config, *warning;
} warning_rows[] = {
	{ "transforms=a;" HEADER ";" PREDICATE, "" },
	{ "transforms=a;" HEADER ";transforms.a.predicate=nope",
	    "transforms.a.predicate: the connector will fail to start: predicates does "
	    "not "
	    "list nope\n" },
	{ "transforms=a;transforms.a.type=" T "InsertField$Key",
	    "transforms.a.type: the connector will fail to start: No field insertion "
	    "configured\n" },
	{ "transforms=a;transforms.a.type=RegexRouter;transforms.a.regex=.*;"
	  "transforms.a.replacement=$1",
	    "transforms.a.replacement: every record with a matching topic will fail: No "
	    "group 1\n" },
	{ "transforms=a;transforms.a.type=TimestampRouter;transforms.a.timestamp.format="
	  "bad",
	    "transforms.a.timestamp.format: Illegal pattern character 'b': every record "
	    "will "
	    "fail\n" },
	{ "transforms=a;transforms.a.type=TimestampRouter;"
	  "transforms.a.timestamp.format=YYYYMMdd",
	    "transforms.a.timestamp.format: Y is the year of a week, which differs from "
	    "the "
	    "year in the days around New Year; y is the year\n" },
	{ "transforms=a;transforms.a.type=" T "TimestampConverter$Value;"
	  "transforms.a.target.type=unix;transforms.a.format=ss.SSSSSS",
	    "transforms.a.format: S counts milliseconds: .123456 is read as 123 seconds "
	    "and "
	    "456 ms, and .123 is written as .000123\n" },
	{ "transforms=a;transforms.a.type=" T "ReplaceField$Value;"
	  "transforms.a.blacklist=x",
	    "transforms.a.blacklist: is an old name of exclude; it still works, please "
	    "use "
	    "the new one\n" },
	{ "transforms=a;transforms.a.type=" T "ExtractField$Value;transforms.a.field=;"
	  "transforms.a.field.syntax.version=V2",
	    "transforms.a.field: is empty: every record will fail\n" },
};

static void
warns_of_what_connect_says_too_late(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(warning_rows); i++) {
		struct config *cfg = smt_check_config(warning_rows[i].config);
		struct problems *problems = problems_new();
		struct buf out = { 0 };

		smt_chain_validate(cfg, problems);
		assert_int_equal(problems_count(problems, PROBLEM_ERROR), 0);
		print_problems(problems, PROBLEM_WARNING, &out);
		if (strcmp(buf_cstr(&out), warning_rows[i].warning) != 0)
			fail_msg("%s:\n%s", warning_rows[i].config, out.p);
		buf_fini(&out);
		problems_free(problems);
		config_free(cfg);
	}
}

/* Headers tell which transforms were applied. */
static const struct {
	const char *config, *topic, *headers;
	int rc;
} run_rows[] = {
	{ "", "t", "", 0 },
	{ "transforms=b,a;" HEADER ";transforms.b.type=InsertHeader;"
	  "transforms.b.header=y;transforms.b.value.literal=2",
	    "t", "yx", 0 },
	{ "transforms=a;" HEADER ";" PREDICATE, "my-t", "x", 0 },
	{ "transforms=a;" HEADER ";" PREDICATE, "t", "", 0 },
	{ "transforms=a;" HEADER ";" PREDICATE ";transforms.a.negate=true", "my-t", "",
	    0 },
	{ "transforms=a;" HEADER ";" PREDICATE ";transforms.a.negate=TRUE", "t", "x", 0 },
	/* validated trimmed, evaluated untrimmed */
	{ "transforms=a;" HEADER ";" PREDICATE ";transforms.a.negate= TRUE ", "my-t", "x",
	    0 },
	/* what is dropped is not transformed further */
	{ "transforms=f,a;transforms.f.type=Filter;" HEADER, "t", "", 1 },
	/* a predicate sees what the transforms before it did */
	{ "transforms=r,a;transforms.r.type=RegexRouter;transforms.r.regex=t;"
	  "transforms.r.replacement=my-t;" HEADER ";" PREDICATE,
	    "t", "x", 0 },
};

static void
applies_in_order_where_predicates_are_true(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(run_rows); i++) {
		struct config *cfg = smt_check_config(run_rows[i].config);
		struct arena *mem = arena_new(1024);
		struct err err = { 0 };
		struct record r;
		char headers[8] = "";

		struct smt_chain *chain = smt_chain_open(cfg, &err);
		if (chain == NULL)
			fail_msg("%s: %s", run_rows[i].config, err.msg);
		record_init(&r, mem);
		r.topic = str_of(run_rows[i].topic);
		int rc = smt_chain_apply(chain, &r, &err);
		for (uint32_t k = 0; k < r.n_headers; k++)
			headers[k] = r.headers[k].key.p[0];
		if (rc != run_rows[i].rc || strcmp(headers, run_rows[i].headers) != 0)
			fail_msg("%s: %d %s", run_rows[i].config, rc, headers);
		smt_chain_close(chain);
		arena_free(mem);
		config_free(cfg);
	}
}

static void
tells_where_it_failed(void **state)
{
	struct config *cfg = smt_check_config(
	    "transforms=a,h;" HEADER ";transforms.h.type=" T "HoistField$Value;"
	    "transforms.h.field=f");
	struct arena *mem = arena_new(1024);
	struct err err = { 0 };
	struct record r;

	(void)state;
	struct smt_chain *chain = smt_chain_open(cfg, &err);
	assert_int_equal(smt_chain_count(chain), 2);
	record_init(&r, mem);
	r.value.schema = schema_primitive(SCHEMA_INT8, false);
	assert_int_equal(smt_chain_apply(chain, &r, &err), -1);
	assert_int_equal(err.kind, ERR_RECORD);
	assert_string_equal(smt_chain_place(chain)->alias, "h");
	assert_string_equal(smt_chain_place(chain)->class_name, T "HoistField$Value");
	assert_false(smt_chain_place(chain)->predicate);
	smt_chain_close(chain);
	arena_free(mem);
	config_free(cfg);
}

static void
tells_which_predicate_failed(void **state)
{
	struct config *cfg = smt_check_config(
	    "transforms=a;" HEADER ";predicates=p;predicates.p.type=TopicNameMatches;"
	    "predicates.p.pattern=(x+x+)+[yz];transforms.a.predicate=p");
	struct arena *mem = arena_new(1024);
	struct err err = { 0 };
	struct record r;

	(void)state;
	struct smt_chain *chain = smt_chain_open(cfg, &err);
	record_init(&r, mem);
	r.topic = STR("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	assert_int_equal(smt_chain_apply(chain, &r, &err), -1);
	assert_string_equal(smt_chain_place(chain)->alias, "p");
	assert_string_equal(smt_chain_place(chain)->class_name, P "TopicNameMatches");
	assert_true(smt_chain_place(chain)->predicate);
	smt_chain_close(chain);
	arena_free(mem);
	config_free(cfg);
}

static void
registers_every_class_once(void **state)
{
	unsigned side;

	(void)state;
	for (const struct smt *const *t = smt_table; *t != NULL; t++) {
		assert_true(t == smt_table || strcmp(t[-1]->name, t[0]->name) != 0);
		assert_non_null((*t)->doc);
		assert_non_null((*t)->apply);
		if ((*t)->sides == 0)
			assert_ptr_equal(smt_find(str_of((*t)->name), &side), *t);
		else
			assert_null(smt_find(str_of((*t)->name), &side));
	}
	assert_non_null(smt_find(STR(T "Cast$Key"), &side));
	assert_int_equal(side, SMT_KEY);
	assert_non_null(
	    smt_find(STR("io.confluent.connect.transforms.ExtractTopic$Header"), &side));
	assert_int_equal(side, SMT_HEADER);
	assert_null(smt_find(STR(T "Cast$Header"), &side));
	assert_null(smt_find(STR("Value"), &side));
	assert_non_null(smt_predicate_find(STR("RecordIsTombstone")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_faults_as_connect),
		cmocka_unit_test(warns_of_what_connect_says_too_late),
		cmocka_unit_test(applies_in_order_where_predicates_are_true),
		cmocka_unit_test(tells_where_it_failed),
		cmocka_unit_test(tells_which_predicate_failed),
		cmocka_unit_test(registers_every_class_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
