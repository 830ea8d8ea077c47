#ifndef DATA_SCHEMA_H
#define DATA_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Kafka Connect's schemas (org.apache.kafka.connect.data.ConnectSchema 3.9).  A
 * schema is immutable once something else points to it; what a builder or
 * schema_copy returns may be changed until then.  It lives in the arena it was
 * made in and borrows names and sub-schemas, which must live as long.
 */

enum schema_type { /* Java's order of Schema.Type */
	SCHEMA_INT8,
	SCHEMA_INT16,
	SCHEMA_INT32,
	SCHEMA_INT64,
	SCHEMA_FLOAT32,
	SCHEMA_FLOAT64,
	SCHEMA_BOOLEAN,
	SCHEMA_STRING,
	SCHEMA_BYTES,
	SCHEMA_ARRAY,
	SCHEMA_MAP,
	SCHEMA_STRUCT,
};

/* Recognised by the name alone, whatever type and version (spec 1.2). */
enum schema_logical {
	SCHEMA_PLAIN,
	SCHEMA_DATE,
	SCHEMA_TIME,
	SCHEMA_TIMESTAMP,
	SCHEMA_DECIMAL,
};

#define SCHEMA_DATE_NAME "org.apache.kafka.connect.data.Date"
#define SCHEMA_TIME_NAME "org.apache.kafka.connect.data.Time"
#define SCHEMA_TIMESTAMP_NAME "org.apache.kafka.connect.data.Timestamp"
#define SCHEMA_DECIMAL_NAME "org.apache.kafka.connect.data.Decimal"

struct value;

struct schema_param {
	struct str name, value;
};

struct field {
	struct str name;
	const struct schema *schema;
};

struct schema {
	uint8_t type;    /* enum schema_type */
	uint8_t logical; /* enum schema_logical, follows name: schema_set_name */
	bool optional;
	bool has_version;
	/*
	 * The schema lives as long as the task that uses it: its address may stand
	 * for it in caches.  False for what lies in a batch's arena.
	 */
	bool shared;
	int32_t version;
	struct str name; /* p NULL: none */
	struct str doc;  /* p NULL: none */
	const struct schema_param *params;
	uint32_t n_params;
	uint32_t n_fields;
	const struct field *fields; /* STRUCT, in order */
	const struct schema *key;   /* MAP; NULL: unknown (headers only) */
	const struct schema *value; /* ARRAY, MAP; NULL: unknown (headers only) */
	const struct value *def;    /* default, never null; NULL: none */
	const uint32_t *index;      /* by name, of large structs; NULL: none */
};

/* A primitive schema without name; static, shared.  type <= SCHEMA_BYTES. */
const struct schema *schema_primitive(enum schema_type type, bool optional);
/* Date, Time or Timestamp, version 1; static, shared. */
const struct schema *schema_temporal(enum schema_logical logical, bool optional);

/* Required, unnamed; change the result as you like before it is used. */
struct schema *schema_new(struct arena *mem, enum schema_type type);
struct schema *schema_array(struct arena *mem, const struct schema *elements);
struct schema *schema_map(
    struct arena *mem, const struct schema *key, const struct schema *value);
/* Copies the n fields (not what they point to); check names first where they come
 * from outside (schema_check_fields). */
struct schema *schema_struct(struct arena *mem, const struct field *fields, size_t n);
/* BYTES, name Decimal, version 1, parameter scale. */
struct schema *schema_decimal(struct arena *mem, int32_t scale);

/* A changeable copy that shares names, fields and sub-schemas; never `shared`. */
struct schema *schema_copy(struct arena *mem, const struct schema *s);
/* The same schema with optional set so; s itself when it is so already. */
const struct schema *schema_as_optional(
    struct arena *mem, const struct schema *s, bool optional);
/* A copy of s and all below it, names too, into mem. */
struct schema *schema_deep_copy(struct arena *mem, const struct schema *s);

void schema_set_name(struct schema *s, struct str name); /* p NULL: none */
void schema_set_version(struct schema *s, int32_t version);
/* Name, version, doc and parameters of `from` (SchemaUtil.copySchemaBasics). */
void schema_copy_basics(struct schema *to, const struct schema *from);
/* Adds or replaces one parameter. */
void schema_set_param(
    struct arena *mem, struct schema *s, struct str name, struct str value);
/* SchemaBuilderException "Invalid default value" unless v fits; a null v removes it. */
int schema_set_default(
    struct arena *mem, struct schema *s, struct value v, struct err *err);

/* Java's builder errors: "fieldName cannot be null." for an empty name, "Cannot create
 * field because of field name duplication F". */
int schema_check_fields(const struct field *fields, size_t n, struct err *err);

/* Index of a field, -1 when absent (or s is no struct). */
int schema_field_index(const struct schema *s, struct str name);
const struct schema *schema_field(const struct schema *s, struct str name); /* or NULL */
const struct schema_param *schema_param(const struct schema *s, const char *name);

/* Everything counts; parameters without order.  NULL equals NULL only. */
bool schema_equal(const struct schema *a, const struct schema *b);

/* "INT32", ...; "int32", "double" as in JSON schemas. */
const char *schema_type_name(const struct schema *s);
const char *schema_type_upper(enum schema_type type);
const char *schema_type_json(enum schema_type type);
/* Java's toString: "Schema{NAME:TYPE}", "Schema{TYPE}". */
void schema_print(struct buf *out, const struct schema *s);
struct str schema_text(struct arena *mem, const struct schema *s);

#endif
