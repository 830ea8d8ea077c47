/*
 * The words of KCQL: clauses, those of other connectors and of the past, units, and
 * what SQL has that KCQL has not.  A new clause begins with a row here.
 */
#include "kcql/kcql_words.h"

#include <string.h>

#include "kcql/kcql_memory.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

const char *const kcql_words_clauses[KCQL_CLAUSES] = {
	[KCQL_IGNORE] = "IGNORE",
	[KCQL_WITHSTRUCTURE] = "WITHSTRUCTURE",
	[KCQL_WITHTIMESTAMP] = "WITHTIMESTAMP",
	[KCQL_TIMESTAMPUNIT] = "TIMESTAMPUNIT",
	[KCQL_WITHTAG] = "WITHTAG",
	[KCQL_WITHCONVERTER] = "WITHCONVERTER",
	[KCQL_WITHKEY] = "WITHKEY",
	[KCQL_KEYDELIMITER] = "KEYDELIMITER",
	[KCQL_WITHREGEX] = "WITHREGEX",
	[KCQL_PROPERTIES] = "PROPERTIES",
};

const char *const kcql_words_units[KCQL_DAYS + 1] = {
	[KCQL_NANOSECONDS] = "NANOSECONDS",
	[KCQL_MICROSECONDS] = "MICROSECONDS",
	[KCQL_MILLISECONDS] = "MILLISECONDS",
	[KCQL_SECONDS] = "SECONDS",
	[KCQL_MINUTES] = "MINUTES",
	[KCQL_HOURS] = "HOURS",
	[KCQL_DAYS] = "DAYS",
};

static const char *const others[] = { "INSERT", "UPSERT", "INTO", "SELECT", "FROM",
	"AS" };

static const char key_instead[] = "name the key's fields with WITHKEY(...)";
static const char settings_instead[] = "use the connector's settings";
static const char topic_instead[] = "use the connector's topic.creation.* settings";
static const char format_instead[] = "choose the format with value.converter";
static const char producer_instead[] = "use producer.override.compression.type";

static const struct kcql_foreign_clause foreign[] = {
	{ "PK", KCQL_SINK_ONLY, key_instead },
	{ "AUTOCREATE", KCQL_SINK_ONLY, topic_instead },
	{ "AUTOEVOLVE", KCQL_SINK_ONLY, NULL },
	{ "BATCH", KCQL_SINK_ONLY, settings_instead },
	{ "PARTITIONBY", KCQL_SINK_ONLY, key_instead },
	{ "NOPARTITION", KCQL_SINK_ONLY, NULL },
	{ "STOREAS", KCQL_SINK_ONLY, format_instead },
	{ "WITHTARGET", KCQL_SINK_ONLY,
	    "write $ in the target for the MQTT topic, or use a transform" },
	{ "WITHDOCTYPE", KCQL_SINK_ONLY, NULL },
	{ "WITHINDEXSUFFIX", KCQL_SINK_ONLY, NULL },
	{ "TTL", KCQL_SINK_ONLY, "use the Kafka topic's retention.ms" },
	{ "WITHPIPELINE", KCQL_SINK_ONLY, NULL },
	{ "LIMIT", KCQL_FOREIGN, settings_instead },
	{ "WITHFORMAT", KCQL_FOREIGN, format_instead },
	{ "WITHUNWRAP", KCQL_FOREIGN, NULL },
	{ "INCREMENTALMODE", KCQL_FOREIGN, NULL },
	{ "WITHTYPE", KCQL_FOREIGN, NULL },
	{ "WITHJMSSELECTOR", KCQL_FOREIGN, "select topics with WITHREGEX" },
	{ "WITHSUBSCRIPTION", KCQL_FOREIGN, "write $share/<group>/ before the filter" },
	{ "CAPITALIZE", KCQL_RETIRED, NULL },
	{ "INITIALIZE", KCQL_RETIRED, NULL },
	{ "PROJECTTO", KCQL_RETIRED, NULL },
	{ "DISTRIBUTEBY", KCQL_RETIRED, key_instead },
	{ "CLUSTERBY", KCQL_RETIRED, key_instead },
	{ "WITHGROUP", KCQL_RETIRED, "write $share/<group>/ before the filter" },
	{ "WITHOFFSET", KCQL_RETIRED, NULL },
	{ "SAMPLE", KCQL_RETIRED, NULL },
	{ "WITHCOMPRESSION", KCQL_RETIRED, producer_instead },
	{ "WITHPARTITIONER", KCQL_RETIRED, key_instead },
	{ "WITHDELAY", KCQL_RETIRED, NULL },
	{ "WITH_FLUSH_INTERVAL", KCQL_RETIRED, settings_instead },
	{ "WITH_FLUSH_SIZE", KCQL_RETIRED, settings_instead },
	{ "WITH_FLUSH_COUNT", KCQL_RETIRED, settings_instead },
	{ "WITH_SCHEMA_EVOLUTION", KCQL_RETIRED, NULL },
	{ "WITH_TABLE_LOCATION", KCQL_RETIRED, NULL },
	{ "WITH_OVERWRITE", KCQL_RETIRED, NULL },
	{ "WITH_PARTITIONING", KCQL_RETIRED, key_instead },
	{ "WITH_SESSION", KCQL_RETIRED, NULL },
	{ "WITH_ACK", KCQL_RETIRED, NULL },
	{ "WITH_ENCODE_BASE64", KCQL_RETIRED, NULL },
	{ "WITH_LOCK_TIME", KCQL_RETIRED, NULL },
};

static const char comment[] = "a comment begins with -- after a blank";
static const char aggregate[] = "KCQL does not aggregate";
static const char separate[] = "put ';' between statements";

static const struct {
	const char *word, *advice;
} sql[] = {
	{ "WHERE",
	    "KCQL has no conditions; WITHREGEX selects topics, a Filter transform with a "
	    "predicate selects records" },
	{ "GROUP", aggregate },
	{ "HAVING", aggregate },
	{ "ORDER", "KCQL does not sort" },
	{ "JOIN", "KCQL does not join; write one statement for each source" },
	{ "UNION", "write one statement for each source, with ';' between them" },
	{ "INSERT", separate },
	{ "UPSERT", separate },
	{ "SELECT", separate },
	{ "AS", "a topic has no alias" },
	{ "VALUES", "KCQL copies messages; write SELECT * FROM <MQTT topic filter>" },
	{ "//", comment },
	{ "/", comment },
	{ "#", comment },
};

bool
kcql_words_equal(const char *ptr, size_t len, const char *word)
{
	for (size_t i = 0; i < len; i++)
		if (word[i] == '\0' || kcql_lower(ptr[i]) != kcql_lower(word[i]))
			return false;
	return word[len] == '\0';
}

static int
index_in(const char *const *list, size_t n, const char *ptr, size_t len)
{
	const char first = len > 0 ? kcql_lower(ptr[0]) : '\0';

	for (size_t i = 0; i < n; i++)
		if (kcql_lower(list[i][0]) == first &&
		    kcql_words_equal(ptr, len, list[i]))
			return (int)i;
	return -1;
}

int
kcql_words_clause(const char *ptr, size_t len)
{
	return index_in(kcql_words_clauses, LEN(kcql_words_clauses), ptr, len);
}

int
kcql_words_unit(const char *ptr, size_t len)
{
	return index_in(kcql_words_units, LEN(kcql_words_units), ptr, len);
}

const struct kcql_foreign_clause *
kcql_words_foreign(const char *ptr, size_t len)
{
	for (size_t i = 0; i < LEN(foreign); i++)
		if (kcql_words_equal(ptr, len, foreign[i].word))
			return &foreign[i];
	return NULL;
}

bool
kcql_words_keyword(const char *ptr, size_t len)
{
	return kcql_words_clause(ptr, len) >= 0 || kcql_words_foreign(ptr, len) != NULL ||
	       index_in(others, LEN(others), ptr, len) >= 0;
}

const char *
kcql_words_sql(const char *ptr, size_t len)
{
	for (size_t i = 0; i < LEN(sql); i++)
		if (kcql_words_equal(ptr, len, sql[i].word))
			return sql[i].advice;
	return NULL;
}
