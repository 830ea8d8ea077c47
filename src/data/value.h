#ifndef DATA_VALUE_H
#define DATA_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "data/schema.h"

/*
 * Values of Kafka Connect's data model: 16 bytes, passed by value, immutable.
 * What they point to lies in the batch's arena (or, for texts and bytes, in the
 * read block the message came from) and is shared, never changed.
 */

enum value_kind {
	VALUE_NULL,
	VALUE_BOOLEAN,
	VALUE_INT8, /* the four integers stand together, in this order */
	VALUE_INT16,
	VALUE_INT32,
	VALUE_INT64,
	VALUE_FLOAT32,
	VALUE_FLOAT64,
	VALUE_STRING, /* UTF-8; may hold U+0000 */
	VALUE_BYTES,
	VALUE_DATE,    /* java.util.Date: ms since 1970 in i */
	VALUE_DECIMAL, /* java.math.BigDecimal */
	VALUE_ARRAY,
	VALUE_MAP,
	VALUE_STRUCT,
};

struct value {
	uint8_t kind; /* enum value_kind */
	uint32_t n;   /* bytes of a text, items of an array, entries of a map, slots */
	union {
		bool b;
		int64_t i; /* all integers (sign-extended) and dates */
		float f32;
		double f64;
		const char *p;               /* STRING, BYTES; not NULL */
		const struct decimal *dec;   /* data/decimal.h */
		const struct value *items;   /* ARRAY */
		const struct entry *entries; /* MAP: keys unique, order kept */
		const struct structure *st;  /* STRUCT */
	};
};

struct entry {
	struct value key, value;
};

struct structure {
	const struct schema *schema; /* type SCHEMA_STRUCT */
	struct value slots[];        /* one per field; null: unset */
};

/* A value with its schema; schema NULL: schemaless. */
struct datum {
	const struct schema *schema;
	struct value value;
};

static inline struct value
value_null(void)
{
	return (struct value) { .kind = VALUE_NULL };
}

static inline bool
value_is_null(struct value v)
{
	return v.kind == VALUE_NULL;
}

static inline struct value
value_boolean(bool b)
{
	return (struct value) { .kind = VALUE_BOOLEAN, .i = b };
}

/* Keeps the low bits that fit the kind, sign-extended (Java's narrowing). */
static inline struct value
value_int(enum value_kind kind, int64_t i)
{
	switch (kind) {
	case VALUE_INT8:
		i = (int8_t)i;
		break;
	case VALUE_INT16:
		i = (int16_t)i;
		break;
	case VALUE_INT32:
		i = (int32_t)i;
		break;
	default:
		break;
	}
	return (struct value) { .kind = (uint8_t)kind, .i = i };
}

static inline struct value
value_int64(int64_t i)
{
	return (struct value) { .kind = VALUE_INT64, .i = i };
}

static inline struct value
value_float32(float f)
{
	return (struct value) { .kind = VALUE_FLOAT32, .f32 = f };
}

static inline struct value
value_float64(double d)
{
	return (struct value) { .kind = VALUE_FLOAT64, .f64 = d };
}

/* Borrows s (below 4 GiB, which all limits on payloads assure). */
static inline struct value
value_string(struct str s)
{
	return (struct value) {
		.kind = VALUE_STRING, .n = (uint32_t)s.n, .p = s.p != NULL ? s.p : ""
	};
}

static inline struct value
value_bytes(struct str s)
{
	return (struct value) {
		.kind = VALUE_BYTES, .n = (uint32_t)s.n, .p = s.p != NULL ? s.p : ""
	};
}

/* Text of a STRING or the bytes of a BYTES; borrows. */
static inline struct str
value_str(struct value v)
{
	return (struct str) { v.p, v.n };
}

static inline struct value
value_date(int64_t ms)
{
	return (struct value) { .kind = VALUE_DATE, .i = ms };
}

static inline struct value
value_decimal(const struct decimal *dec)
{
	return (struct value) { .kind = VALUE_DECIMAL, .dec = dec };
}

static inline bool
value_is_int(struct value v)
{
	return v.kind >= VALUE_INT8 && v.kind <= VALUE_INT64;
}

static inline bool
value_is_float(struct value v)
{
	return v.kind == VALUE_FLOAT32 || v.kind == VALUE_FLOAT64;
}

/* FLOAT32 or FLOAT64 as double. */
static inline double
value_as_double(struct value v)
{
	return v.kind == VALUE_FLOAT32 ? (double)v.f32 : v.f64;
}

/* Take the array as it is (in the arena); nothing is copied. */
static inline struct value
value_array(const struct value *items, size_t n)
{
	return (struct value) { .kind = VALUE_ARRAY, .n = (uint32_t)n, .items = items };
}

/* Keys must be unique; else use struct value_map_builder. */
static inline struct value
value_map(const struct entry *entries, size_t n)
{
	return (struct value) { .kind = VALUE_MAP, .n = (uint32_t)n, .entries = entries };
}

/* {key=v}; borrows key. */
struct value value_map_of(struct arena *mem, const char *key, struct value v);

/* Copies schema->n_fields slots; unchecked (value_validate, value_put_check). */
struct value value_struct(
    struct arena *mem, const struct schema *schema, const struct value *slots);
/* The same with all slots null, to be filled through value_slots before use. */
struct value value_struct_new(struct arena *mem, const struct schema *schema);
static inline struct value *
value_slots(struct value v)
{
	return (struct value *)v.st->slots;
}

static inline const struct schema *
value_struct_schema(struct value v)
{
	return v.st->schema;
}

/* Raw read: the slot. */
static inline struct value
value_slot(struct value v, size_t i)
{
	return v.st->slots[i];
}

/* Default read (Struct.get): the field's default where the slot is null. */
struct value value_slot_or_default(struct value v, size_t i);
/* As one or the other: Connect's replace.null.with.default. */
static inline struct value
value_slot_rnwd(struct value v, size_t i, bool replace_null_with_default)
{
	return replace_null_with_default ? value_slot_or_default(v, i) : value_slot(v, i);
}

/* The value of a text key; NULL when the key is absent. */
const struct value *value_map_get(struct value map, struct str key);

/*
 * Builds a map: puts in order, a later put of an equal key replaces the value at its
 * place (HashMap semantics with the order of LinkedHashMap).
 */
struct value_map_builder {
	struct arena *mem;
	struct entry *entries;
	uint32_t n, cap;
	uint32_t *index; /* hash index of larger maps */
	uint32_t index_cap;
};
void value_map_begin(struct value_map_builder *, struct arena *mem, size_t expected);
/* Begins with the entries of another map. */
void value_map_begin_with(
    struct value_map_builder *, struct arena *mem, struct value map);
void value_map_put(struct value_map_builder *, struct value key, struct value v);
void value_map_put_text(struct value_map_builder *, struct str key, struct value v);
bool value_map_remove(struct value_map_builder *, struct str key);
struct value value_map_end(struct value_map_builder *);

/* By content: schemas of structs too, bytes by content, floats as Double.equals
 * (NaN equals NaN, 0.0 differs from -0.0), maps without order. */
bool value_equal(struct value a, struct value b);

/* "java.lang.Long", "[B", "java.util.HashMap", ...; "null" for null. */
const char *value_class(struct value v);
/* The schema type of a schemaless value (ConnectSchema.schemaType); -1 for Date,
 * BigDecimal and null, which have none. */
int value_schema_type(struct value v);
/* INT8 to INT64, FLOAT32, ... kind of the values of a primitive schema type. */
enum value_kind value_kind_of(enum schema_type type);

/*
 * ConnectSchema.validateValue: null only if optional, class by logical name, then by
 * type, elements of containers, equal schemas of structs.  field NULL: without
 * " for field".  Messages are Kafka Connect 3.9's (spec 1.4).  ERR_RECORD.
 */
int value_validate(
    const char *field, const struct schema *schema, struct value v, struct err *err);
/* The check of Struct.put: value_validate with the field's name. */
int value_put_check(const struct field *f, struct value v, struct err *err);
/* Struct.validate: every slot. */
int value_struct_check(struct value v, struct err *err);

/*
 * Java's String.valueOf: StringConverter, logs, SMTs.  Bytes have no text there (an
 * object address): they are written as "[B".
 */
void value_print(struct buf *out, struct value v);
struct str value_text(struct arena *mem, struct value v);

/* Copies a value and all below it into mem (schemas of structs are shared). */
struct value value_copy(struct arena *mem, struct value v);

#endif
