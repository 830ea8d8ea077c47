import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.connect.data.ConnectSchema;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;

/** Schemas, values and records in the JSON of tests/vectors/README.md, both ways. */
final class Tagged {
	static final JsonNodeFactory JSON = JsonNodeFactory.instance;

	private Tagged() {
	}

	// ---- reading ----

	static Schema schema(JsonNode j) {
		if (j == null || j.isNull())
			return null;
		SchemaBuilder b = builder(j);
		if (j.path("optional").asBoolean())
			b.optional();
		if (j.hasNonNull("name"))
			b.name(j.get("name").asText());
		if (j.hasNonNull("version"))
			b.version(j.get("version").asInt());
		if (j.hasNonNull("doc"))
			b.doc(j.get("doc").asText());
		j.path("parameters").fields().forEachRemaining(
		    e -> b.parameter(e.getKey(), e.getValue().asText()));
		Schema s = b.build();
		return j.hasNonNull("default") ? withDefault(s, value(j.get("default"), s)) : s;
	}

	/** SchemaBuilder refuses all structs as default: theirs is the schema without it. */
	private static Schema withDefault(Schema s, Object def) {
		boolean isMap = s.type() == Schema.Type.MAP;
		return new ConnectSchema(s.type(), s.isOptional(), def, s.name(), s.version(), s.doc(),
		    s.parameters(), s.type() == Schema.Type.STRUCT ? s.fields() : null,
		    isMap ? s.keySchema() : null,
		    isMap || s.type() == Schema.Type.ARRAY ? s.valueSchema() : null);
	}

	private static SchemaBuilder builder(JsonNode j) {
		switch (j.get("type").asText()) {
		case "array":
			return SchemaBuilder.array(schema(j.get("items")));
		case "map":
			return SchemaBuilder.map(schema(j.get("keys")), schema(j.get("values")));
		case "struct":
			SchemaBuilder b = SchemaBuilder.struct();
			for (JsonNode f : j.get("fields"))
				b.field(f.get("field").asText(), schema(f));
			return b;
		case "float":
			return SchemaBuilder.float32();
		case "double":
			return SchemaBuilder.float64();
		default:
			return SchemaBuilder.type(
			    Schema.Type.valueOf(j.get("type").asText().toUpperCase()));
		}
	}

	/** schema: what the value is expected to have, for structs and what holds them. */
	static Object value(JsonNode j, Schema schema) {
		if (j == null || j.isNull())
			return null;
		String tag = j.fieldNames().next();
		JsonNode x = j.get(tag);
		switch (tag) {
		case "boolean":
			return x.asBoolean();
		case "int8":
			return (byte) x.asInt();
		case "int16":
			return (short) x.asInt();
		case "int32":
			return x.asInt();
		case "int64":
			return Long.parseLong(x.asText());
		case "float32":
			return Float.parseFloat(x.asText());
		case "float64":
			return Double.parseDouble(x.asText());
		case "float32bits":
			return Float.intBitsToFloat(Integer.parseUnsignedInt(x.asText(), 16));
		case "float64bits":
			return Double.longBitsToDouble(Long.parseUnsignedLong(x.asText(), 16));
		case "string":
			return x.asText();
		case "bytes":
			return Base64.getDecoder().decode(x.asText());
		case "date":
			return new Date(Long.parseLong(x.asText()));
		case "decimal":
			return new BigDecimal(new BigInteger(x.get(0).asText()), x.get(1).asInt());
		case "array":
			List<Object> list = new ArrayList<>();
			Schema items = schema != null && schema.type() == Schema.Type.ARRAY
			    ? schema.valueSchema() : null;
			for (JsonNode e : x)
				list.add(value(e, items));
			return list;
		case "map":
			return map(x, schema != null && schema.type() == Schema.Type.MAP ? schema : null);
		case "struct":
			Struct s = new Struct(j.has("schema") ? schema(j.get("schema")) : schema);
			x.fields().forEachRemaining(e -> {
				Field f = s.schema().field(e.getKey());
				if (!e.getValue().isNull()) // unset, also where null would be refused
					s.put(f, value(e.getValue(), f.schema()));
			});
			return s;
		default:
			throw new IllegalArgumentException("unknown tag " + tag);
		}
	}

	/** In the order of the input: what Connect makes of it, headrace does. */
	private static Map<Object, Object> map(JsonNode pairs, Schema schema) {
		Map<Object, Object> map = new LinkedHashMap<>();
		for (JsonNode pair : pairs)
			map.put(value(pair.get(0), schema == null ? null : schema.keySchema()),
			    value(pair.get(1), schema == null ? null : schema.valueSchema()));
		return map;
	}

	static SourceRecord record(JsonNode j) {
		Schema keySchema = schema(j.get("keySchema"));
		Schema valueSchema = schema(j.get("valueSchema"));
		SourceRecord r = new SourceRecord(null, null,
		    j.has("topic") ? j.get("topic").textValue() : "topic",
		    j.hasNonNull("partition") ? j.get("partition").asInt() : null,
		    keySchema, value(j.get("key"), keySchema),
		    valueSchema, value(j.get("value"), valueSchema),
		    j.hasNonNull("timestamp") ? Long.parseLong(j.get("timestamp").asText()) : null);
		for (JsonNode h : j.path("headers")) {
			Schema schema = schema(h.get("schema"));
			r.headers().add(h.get("key").asText(), value(h.get("value"), schema), schema);
		}
		return r;
	}

	// ---- writing ----

	static JsonNode write(Schema s) {
		if (s == null)
			return JSON.nullNode();
		ObjectNode j = JSON.objectNode();
		j.put("type", typeName(s.type()));
		if (s.type() == Schema.Type.MAP)
			j.set("keys", write(s.keySchema()));
		if (s.type() == Schema.Type.MAP)
			j.set("values", write(s.valueSchema()));
		if (s.type() == Schema.Type.ARRAY)
			j.set("items", write(s.valueSchema()));
		if (s.type() == Schema.Type.STRUCT) {
			ArrayNode fields = j.putArray("fields");
			for (Field f : s.fields())
				fields.add(((ObjectNode) write(f.schema())).put("field", f.name()));
		}
		j.put("optional", s.isOptional());
		if (s.name() != null)
			j.put("name", s.name());
		if (s.version() != null)
			j.put("version", s.version());
		if (s.doc() != null)
			j.put("doc", s.doc());
		if (s.parameters() != null && !s.parameters().isEmpty()) {
			ObjectNode parameters = j.putObject("parameters");
			new TreeMap<>(s.parameters()).forEach(parameters::put);
		}
		if (s.defaultValue() != null)
			j.set("default", write(s.defaultValue(), withDefault(s, null)));
		return j;
	}

	static String typeName(Schema.Type type) {
		switch (type) {
		case FLOAT32:
			return "float";
		case FLOAT64:
			return "double";
		default:
			return type.name().toLowerCase();
		}
	}

	/** expected: the schema of the place where the value stands. */
	static JsonNode write(Object v, Schema expected) {
		ObjectNode j = JSON.objectNode();
		if (v == null)
			return JSON.nullNode();
		if (v instanceof Boolean)
			return j.put("boolean", (Boolean) v);
		if (v instanceof Byte)
			return j.put("int8", (Byte) v);
		if (v instanceof Short)
			return j.put("int16", (Short) v);
		if (v instanceof Integer)
			return j.put("int32", (Integer) v);
		if (v instanceof Long)
			return j.put("int64", v.toString());
		if (v instanceof Float)
			return writeFloat(j, (Float) v);
		if (v instanceof Double)
			return writeDouble(j, (Double) v);
		if (v instanceof String)
			return j.put("string", (String) v);
		if (v instanceof byte[])
			return j.put("bytes", Base64.getEncoder().encodeToString((byte[]) v));
		if (v instanceof ByteBuffer)
			return j.put("bytes", Base64.getEncoder().encodeToString(
			    ((ByteBuffer) v).array()));
		if (v instanceof Date)
			return j.put("date", String.valueOf(((Date) v).getTime()));
		if (v instanceof BigDecimal)
			j.putArray("decimal").add(((BigDecimal) v).unscaledValue().toString())
			    .add(((BigDecimal) v).scale());
		else if (v instanceof List)
			writeList(j.putArray("array"), (List<?>) v, expected);
		else if (v instanceof Map)
			writeMap(j, (Map<?, ?>) v, expected);
		else if (v instanceof Struct)
			writeStruct(j, (Struct) v, expected);
		else
			throw new IllegalArgumentException("no tag for " + v.getClass());
		return j;
	}

	private static void writeList(ArrayNode j, List<?> list, Schema expected) {
		list.forEach(e -> j.add(write(e, items(expected))));
	}

	/** Its order is free: by the texts of keys. */
	private static void writeMap(ObjectNode j, Map<?, ?> map, Schema expected) {
		Map<String, ArrayNode> sorted = new TreeMap<>();
		map.forEach((key, value) -> {
			JsonNode k = write(key, keys(expected));
			sorted.put(k.toString(),
			    JSON.arrayNode().add(k).add(write(value, values(expected))));
		});
		j.putArray("map").addAll(sorted.values());
	}

	private static void writeStruct(ObjectNode j, Struct s, Schema expected) {
		ObjectNode fields = j.putObject("struct");
		for (Field f : s.schema().fields())
			fields.set(f.name(), write(s.getWithoutDefault(f.name()), f.schema()));
		if (!s.schema().equals(expected))
			j.set("schema", write(s.schema()));
	}

	private static JsonNode writeFloat(ObjectNode j, float f) {
		if (Float.isNaN(f) && Float.floatToRawIntBits(f) != 0x7fc00000)
			return j.put("float32bits", Integer.toHexString(Float.floatToRawIntBits(f)));
		return j.put("float32", Float.toString(f));
	}

	private static JsonNode writeDouble(ObjectNode j, double d) {
		if (Double.isNaN(d) && Double.doubleToRawLongBits(d) != 0x7ff8000000000000L)
			return j.put("float64bits", Long.toHexString(Double.doubleToRawLongBits(d)));
		return j.put("float64", Double.toString(d));
	}

	private static Schema items(Schema s) {
		return s != null && s.type() == Schema.Type.ARRAY ? s.valueSchema() : null;
	}

	private static Schema keys(Schema s) {
		return s != null && s.type() == Schema.Type.MAP ? s.keySchema() : null;
	}

	private static Schema values(Schema s) {
		return s != null && s.type() == Schema.Type.MAP ? s.valueSchema() : null;
	}

	static ObjectNode write(SourceRecord r) {
		ObjectNode j = JSON.objectNode();
		j.put("topic", r.topic());
		j.put("partition", r.kafkaPartition());
		j.set("keySchema", write(r.keySchema()));
		j.set("key", write(r.key(), r.keySchema()));
		j.set("valueSchema", write(r.valueSchema()));
		j.set("value", write(r.value(), r.valueSchema()));
		j.put("timestamp", r.timestamp() == null ? null : r.timestamp().toString());
		ArrayNode headers = j.putArray("headers");
		for (Header h : r.headers())
			headers.addObject().put("key", h.key()).<ObjectNode>set("schema", write(h.schema()))
			    .set("value", write(h.value(), h.schema()));
		return j;
	}
}
