import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.connect.json.JsonConverter;

/**
 * Random cases: data of the usual shapes with what is at the edges mixed in, and
 * configurations that mostly fit it.  Names and texts come from small pools, so that
 * options meet fields and values meet parsers.
 */
final class Cases {
	private static final String CONNECT = "org.apache.kafka.connect.";
	private static final String TRANSFORMS = CONNECT + "transforms.";
	private static final String DATA = CONNECT + "data.";

	private static final String[] NAMES = { "temp", "hum", "site", "id", "when", "raw", "m_1",
		"a", "b", "a.b", "größe", "unit", "Temp", " x", "", "ok" };
	private static final String[] TEXTS = { "", " ", "a", "Linz", "größe", "\ud83d\ude00",
		"\u0000", "q\"q", "back\\slash", "tab\tnew\nline", "\u2028", "\u007f", "12", "-7",
		"+5", "007", "1.5", "-0", "1e3", "1E400", "0x1p3", "NaN", "Infinity", "true",
		"False", "null", "128", "-32769", "2147483648", "9223372036854775807",
		"9223372036854775808", " 42 ", "2019-08-23", "2019-08-23T14:34:54.346Z",
		"14:34:54.346Z", "2019-13-45", "23/08/2019 14:34", "20190823", "AQID", "e30=",
		"[1,2]", "{\"a\":1}", "x,y" };
	private static final String[] TOPICS = { "topic", "sensors", "a.b_c", "t-20240229",
		"plant-7-temp", "site1-line2-raw", "foo", "aaa", "größe", "A-b.C" };
	private static final String[] HEADERS = { "h1", "H1", "h2", "site", "trace", "drop", "" };
	private static final String[] PRIMITIVES = { "int8", "int16", "int32", "int64", "float",
		"double", "boolean", "string", "bytes" };
	private static final String[] CASTS = { "int8", "int16", "int32", "int64", "float32",
		"float64", "boolean", "string" };
	private static final String[] LOGICAL = { "Date", "Time", "Timestamp", "Decimal" };
	private static final String[] PATTERNS = { "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
		"yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "dd/MM/yyyy HH:mm", "yyyyMMdd", "HH:mm:ss.SSS'Z'",
		"MMM d, yyyy h:mm a", "EEE, d MMM yyyy HH:mm:ss Z", "D yy", "yyyy", "S",
		"YYYY-'W'ww-u", "G y MMMM", "kk:mm 'o''clock'", "yy-M-d K:m:s a z" };
	private static final long[] LONGS = { 0, 1, -1, 7, 42, 127, 128, -128, -129, 255, 32767,
		32768, -32769, 65536, 2147483647L, 2147483648L, -2147483649L, 1566570894346L,
		1566518400000L, Long.MAX_VALUE, Long.MIN_VALUE, 86400000, 86399999 };
	private static final String[] FLOATS = { "0.0", "-0.0", "1.0", "-1.5", "0.1", "23.5", "1e7",
		"9999999", "1e-3", "9.9e-4", "1e-10", "3.4e38", "1e10", "127.9", "-128.9", "1e19",
		"NaN", "Infinity", "-Infinity", "16777216", "1.1" };

	private final Random r;

	Cases(long seed) {
		r = new Random(seed);
	}

	ObjectNode next(int i) {
		if (one(3))
			return converter(i);
		return one(4) ? chain(i) : single(i);
	}

	// ---- choosing ----

	private boolean one(int of) {
		return r.nextInt(of) == 0;
	}

	@SafeVarargs
	private final <T> T pick(T... of) {
		return of[r.nextInt(of.length)];
	}

	private static ObjectNode object() {
		return Tagged.JSON.objectNode();
	}

	private String name() {
		return one(8) ? pick(NAMES) : NAMES[r.nextInt(8)];
	}

	private Set<String> names(int most) {
		Set<String> names = new LinkedHashSet<>();
		for (int n = r.nextInt(most + 1); n > 0; n--)
			names.add(name());
		return names;
	}

	/** At least one. */
	private String nameList() {
		List<String> list = new ArrayList<>();
		for (int n = 1 + r.nextInt(3); n > 0; n--)
			list.add(name());
		return String.join(pick(",", ",", ", "), list);
	}

	private String text() {
		if (r.nextInt(3) == 0) {
			StringBuilder b = new StringBuilder();
			for (int n = r.nextInt(8); n > 0; n--)
				b.append((char) ('a' + r.nextInt(26)));
			return b.toString();
		}
		return one(8) ? String.valueOf(integer()) : pick(TEXTS);
	}

	private long integer() {
		switch (r.nextInt(4)) {
		case 0:
			return r.nextInt(200) - 100;
		case 1:
			return r.nextLong();
		case 2:
			return r.nextInt();
		default:
			return LONGS[r.nextInt(LONGS.length)];
		}
	}

	private String floating() {
		if (one(3))
			return pick(FLOATS);
		return (one(2) ? "" : "-") + r.nextInt(1000) + "." + r.nextInt(1000)
		    + (one(6) ? "e" + (r.nextInt(60) - 30) : "");
	}

	private long date() {
		switch (r.nextInt(5)) {
		case 0:
			return r.nextInt(50000) * 86_400_000L;
		case 1:
			return r.nextInt(86_400_000);
		case 2:
			return -r.nextInt(2_000_000_000) * 1000L;
		default:
			return 1_500_000_000_000L + r.nextInt();
		}
	}

	private String base64() {
		byte[] bytes = new byte[r.nextInt(8)];
		r.nextBytes(bytes);
		return Base64.getEncoder().encodeToString(bytes);
	}

	// ---- schemas and values ----

	private ObjectNode schema(int depth) {
		ObjectNode s = object();
		int kind = r.nextInt(depth > 0 ? 12 : 8);
		if (kind < 6)
			s.put("type", pick(PRIMITIVES));
		else if (kind < 8)
			logical(s);
		else if (kind == 8)
			s.put("type", "array").set("items", schema(depth - 1));
		else if (kind == 9) {
			s.put("type", "map");
			s.set("keys", one(4) ? schema(0) : object().put("type", "string")
			    .put("optional", one(8)));
			s.set("values", schema(depth - 1));
		} else
			struct(s, depth);
		s.put("optional", one(3));
		if (kind < 6 || kind > 7)
			labels(s);
		if (kind < 8 && one(6))
			s.set("default", value(s, false));
		return s;
	}

	private void struct(ObjectNode s, int depth) {
		ArrayNode fields = s.put("type", "struct").putArray("fields");
		for (String name : names(5))
			if (!name.isEmpty())
				fields.add(schema(depth - 1).put("field", name));
	}

	private ObjectNode structSchema() {
		ObjectNode s = object();
		struct(s, 2);
		s.put("optional", one(4));
		labels(s);
		return s;
	}

	private void logical(ObjectNode s) {
		String name = pick(LOGICAL);
		s.put("type", name.equals("Decimal") ? "bytes" : name.equals("Timestamp") ? "int64"
		    : "int32");
		s.put("name", DATA + name).put("version", 1);
		if (name.equals("Decimal"))
			s.putObject("parameters").put("scale", String.valueOf(r.nextInt(5)));
	}

	private void labels(ObjectNode s) {
		if (!one(5))
			return;
		s.put("name", pick("com.acme.Reading", "n", "a.b.C", "")).put("version",
		    one(2) ? r.nextInt(5) : null);
		if (one(2))
			s.put("doc", text());
		if (one(2))
			s.putObject("parameters").put("k", "v").put("größe", text());
	}

	/** Of this schema; null only where one may stand. */
	private JsonNode value(JsonNode s, boolean mayBeNull) {
		if (mayBeNull && s.path("optional").asBoolean() && one(4))
			return Tagged.JSON.nullNode();
		ObjectNode v = object();
		String name = s.path("name").asText("");
		if (name.startsWith(DATA))
			return logicalValue(v, name.substring(DATA.length()), s);
		switch (s.get("type").asText()) {
		case "array":
			ArrayNode list = v.putArray("array");
			for (int n = r.nextInt(4); n > 0; n--)
				list.add(value(s.get("items"), true));
			return v;
		case "map":
			return map(v, s);
		case "struct":
			ObjectNode fields = v.putObject("struct");
			for (JsonNode f : s.get("fields"))
				fields.set(f.get("field").asText(), f.has("default") && one(3)
				    ? Tagged.JSON.nullNode() : value(f, true));
			return v;
		default:
			return primitive(v, s.get("type").asText());
		}
	}

	/** Not the key "null": JsonConverter writes the key null like it. */
	private JsonNode map(ObjectNode v, JsonNode s) {
		ArrayNode map = v.putArray("map");
		Set<JsonNode> seen = new LinkedHashSet<>();
		for (int n = r.nextInt(4); n > 0; n--) {
			JsonNode key = value(s.get("keys"), true);
			boolean fit = !key.has("bytes") && !key.path("string").asText().equals("null");
			if (fit && seen.add(key))
				map.addArray().add(key).add(value(s.get("values"), true));
		}
		return v;
	}

	private JsonNode logicalValue(ObjectNode v, String name, JsonNode s) {
		long ms = date();
		switch (name) {
		case "Decimal":
			v.putArray("decimal").add(String.valueOf(integer()))
			    .add(s.get("parameters").get("scale").asInt());
			return v;
		case "Date":
			return v.put("date", String.valueOf(ms - Math.floorMod(ms, 86_400_000L)));
		case "Time":
			return v.put("date", String.valueOf(Math.floorMod(ms, 86_400_000L)));
		default:
			return v.put("date", String.valueOf(ms));
		}
	}

	private JsonNode primitive(ObjectNode v, String type) {
		switch (type) {
		case "int8":
			return v.put(type, (byte) integer());
		case "int16":
			return v.put(type, (short) integer());
		case "int32":
			return v.put(type, (int) integer());
		case "int64":
			return v.put(type, String.valueOf(integer()));
		case "float":
			return v.put("float32", Float.toString(Float.parseFloat(floating())));
		case "double":
			return v.put("float64", Double.toString(Double.parseDouble(floating())));
		case "boolean":
			return v.put(type, one(2));
		case "string":
			return v.put(type, text());
		default:
			return v.put("bytes", base64());
		}
	}

	private JsonNode schemaless(int depth) {
		ObjectNode v = object();
		int kind = r.nextInt(depth > 0 ? 14 : 10);
		if (kind == 0)
			return Tagged.JSON.nullNode();
		if (kind < 8)
			return primitive(v, one(2) ? pick("string", "int64", "double", "boolean")
			    : pick(PRIMITIVES));
		if (kind == 8)
			return v.put("date", String.valueOf(date()));
		if (kind == 9) {
			v.putArray("decimal").add(String.valueOf(integer())).add(r.nextInt(4));
			return v;
		}
		if (kind == 10) {
			ArrayNode list = v.putArray("array");
			for (int n = r.nextInt(4); n > 0; n--)
				list.add(schemaless(depth - 1));
			return v;
		}
		return mapOfNames(depth);
	}

	private ObjectNode mapOfNames(int depth) {
		ObjectNode v = object();
		ArrayNode map = v.putArray("map");
		for (String name : names(5))
			map.addArray().add(object().put("string", name)).add(schemaless(depth - 1));
		return v;
	}

	// ---- records ----

	private ObjectNode record() {
		ObjectNode j = object();
		j.put("topic", pick(TOPICS));
		if (one(4))
			j.put("partition", r.nextInt(10));
		side(j, "key", one(2));
		side(j, "value", one(12));
		j.put("timestamp", one(4) ? null : String.valueOf(date()));
		ArrayNode headers = j.putArray("headers");
		for (int n = r.nextInt(3); n > 0; n--) {
			ObjectNode h = headers.addObject().put("key", pick(HEADERS));
			JsonNode schema = one(2) ? Tagged.JSON.nullNode() : schema(0);
			h.set("schema", schema);
			h.set("value", schema.isNull() ? schemaless(1) : value(schema, true));
		}
		return j;
	}

	private void side(ObjectNode j, String side, boolean plain) {
		JsonNode schema = Tagged.JSON.nullNode(), value;
		if (plain)
			value = one(2) ? Tagged.JSON.nullNode() : schemaless(1);
		else if (one(3))
			value = one(5) ? schemaless(3) : mapOfNames(3);
		else {
			schema = one(4) ? schema(3) : structSchema();
			value = value(schema, true);
		}
		j.set(side + "Schema", schema);
		j.set(side, value);
	}

	// ---- transforms ----

	private ObjectNode single(int i) {
		ObjectNode c = object();
		ObjectNode step = transform();
		String type = step.get("type").asText();
		String group = type.substring(type.lastIndexOf('.') + 1).replaceAll("\\$.*", "");
		c.put("id", group.toLowerCase() + "-" + i);
		c.put("transform", type);
		c.set("config", step.get("config"));
		c.set("record", record());
		return c;
	}

	private ObjectNode chain(int i) {
		ObjectNode c = object().put("id", "chain-" + i);
		ArrayNode list = c.putArray("transforms");
		for (int n = 1 + r.nextInt(3); n > 0; n--) {
			ObjectNode step = transform();
			if (one(3)) {
				step.set("predicate", predicate());
				step.put("negate", one(2));
			}
			list.add(step);
		}
		c.set("record", record());
		return c;
	}

	private ObjectNode predicate() {
		ObjectNode config = object();
		String name = pick("HasHeaderKey", "RecordIsTombstone", "TopicNameMatches");
		if (name.equals("HasHeaderKey"))
			config.put("name", pick(HEADERS));
		if (name.equals("TopicNameMatches"))
			config.put("pattern", regex());
		return object().put("type", TRANSFORMS + "predicates." + name).set("config", config);
	}

	private ObjectNode transform() {
		ObjectNode config = object();
		List<Supplier<String>> all = List.of(() -> cast(config), () -> cast(config),
		    () -> dropHeaders(config), () -> extractField(config), () -> flatten(config),
		    () -> headerFrom(config), () -> hoistField(config), () -> insertField(config),
		    () -> insertHeader(config), () -> maskField(config), () -> maskField(config),
		    () -> regexRouter(config), () -> replaceField(config), () -> replaceField(config),
		    () -> setSchemaMetadata(config), () -> timestampConverter(config),
		    () -> timestampConverter(config), () -> timestampRouter(config),
		    () -> valueToKey(config));
		String type = one(100) ? "Filter" : all.get(r.nextInt(all.size())).get();
		return object().put("type", TRANSFORMS + type).set("config", config);
	}

	private String sided(String name, ObjectNode config) {
		if (one(3))
			config.put("replace.null.with.default", pick("true", "false", " FALSE "));
		return name + (one(4) ? "$Key" : "$Value");
	}

	private String castType() {
		String type = one(40) ? pick("bytes", "struct", "foo", "") : pick(CASTS);
		return one(8) ? type.toUpperCase() : type;
	}

	private String cast(ObjectNode config) {
		List<String> spec = new ArrayList<>();
		if (one(5))
			spec.add(castType());
		else
			for (int n = 1 + r.nextInt(3); n > 0; n--)
				spec.add(name() + ":" + castType());
		config.put("spec", String.join(pick(",", " , "), spec));
		return sided("Cast", config);
	}

	private String dropHeaders(ObjectNode config) {
		config.put("headers", one(3) ? pick(HEADERS) : "drop,h1");
		return "DropHeaders";
	}

	private String extractField(ObjectNode config) {
		StringBuilder path = new StringBuilder(name());
		for (int n = r.nextInt(3); n > 0; n--)
			path.append('.').append(one(4) ? "`" + name() + "`" : name());
		config.put("field", path.toString());
		if (one(2))
			config.put("field.syntax.version", pick("V1", "V2", "v2", "V2", "V3"));
		return sided("ExtractField", config);
	}

	private String flatten(ObjectNode config) {
		if (one(2))
			config.put("delimiter", pick("_", "", ".", "--"));
		return one(4) ? "Flatten$Key" : "Flatten$Value";
	}

	private String headerFrom(ObjectNode config) {
		List<String> headers = new ArrayList<>();
		String fields = nameList();
		for (int n = fields.split(",", -1).length; n > 0; n--)
			headers.add(pick(HEADERS));
		config.put("fields", fields).put("headers", one(20) ? "h1" : String.join(",", headers));
		config.put("operation", pick("move", "copy", "move", one(10) ? "MOVE" : "copy"));
		return sided("HeaderFrom", config);
	}

	private String hoistField(ObjectNode config) {
		config.put("field", name());
		return one(4) ? "HoistField$Key" : "HoistField$Value";
	}

	private String insertField(ObjectNode config) {
		for (String source : List.of("topic", "partition", "timestamp", "static", "offset"))
			if (one(source.equals("offset") ? 30 : 3))
				config.put(source + ".field", name() + pick("", "", "!", "?"));
		if (config.has("static.field") && !one(20))
			config.put("static.value", text());
		return sided("InsertField", config);
	}

	private String insertHeader(ObjectNode config) {
		config.put("header", pick(HEADERS)).put("value.literal", literal(3).replace("\0", ""));
		return "InsertHeader";
	}

	/** What Values.parseString may take for something. */
	private String literal(int depth) {
		StringBuilder b = new StringBuilder();
		int kind = r.nextInt(depth > 0 ? 8 : 4);
		if (kind == 0)
			return text();
		if (kind == 1)
			return "\"" + text() + "\"";
		if (kind < 4)
			return one(2) ? String.valueOf(integer()) : floating();
		if (kind == 4)
			return pick("true", "false", "null", " true", "null ", "1,2", "[1] x", "1.0");
		b.append(kind == 5 ? '[' : kind == 6 ? '{' : ' ');
		for (int n = r.nextInt(4), i = 0; i < n; i++) {
			b.append(i > 0 ? one(20) ? " " : pick(",", ", ") : "");
			if (kind == 6)
				b.append(literal(0)).append(one(20) ? "," : ":");
			b.append(literal(depth - 1));
		}
		return b.append(one(20) ? "," : "").append(kind == 5 ? "]" : kind == 6 ? "}" : "")
		    .toString();
	}

	private String maskField(ObjectNode config) {
		config.put("fields", nameList());
		if (one(2))
			config.put("replacement", pick("0", "42", "-7.5", "1e3", "x", "", " ", "300",
			    "9223372036854775808", "1E+400", ".5", "5.", text()));
		return sided("MaskField", config);
	}

	private String regexRouter(ObjectNode config) {
		config.put("regex", regex());
		config.put("replacement", pick("x", "$0", "$1", "<$1>", "a-$1-b", "$2$1", "", "$10",
		    "\\$1", "${n}", "$", "größe"));
		return "RegexRouter";
	}

	private String regex() {
		if (one(3))
			return pick("(.*)", "topic", "(.*?)-(.*)", "[a-z]+", "(?<n>\\w+)[.-].*", "a.*",
			    "(a|b|sensors).*", "(?i)[a-c.]+_?.*", "foo|fo+?", "[", "(", "*", "a{2", "");
		StringBuilder b = new StringBuilder();
		for (int n = 1 + r.nextInt(5), groups = 0; n > 0; n--) {
			if (one(3)) {
				b.append(pick("(", "(", "(?:")).append(atom()).append(pick("", "|"))
				    .append(atom()).append(')');
			} else
				b.append(atom());
			b.append(pick("", "", "", "*", "+", "?", "*?", "+?", "++", "{1,3}", "{2}"));
		}
		return b.append(one(2) ? ".*" : "").toString();
	}

	private String atom() {
		return pick("a", "o", "t", "-", "\\.", ".", "[a-z]", "[^-]", "\\w", "\\d", "\\W",
		    "[\\d.]", "foo", "\\p{Alpha}", "\\S", "ö", "\\x61", "[a-f-]", "\\Q.\\E", "(?=.)",
		    "plant", "\\-");
	}

	private String replaceField(ObjectNode config) {
		if (one(2))
			config.put(one(8) ? "blacklist" : "exclude", nameList());
		if (one(3))
			config.put(one(8) ? "whitelist" : "include", nameList());
		if (one(2)) {
			List<String> renames = new ArrayList<>();
			for (int n = 1 + r.nextInt(3); n > 0; n--)
				renames.add(name() + ":" + pick(NAMES));
			config.put("renames", String.join(",", renames));
		}
		return sided("ReplaceField", config);
	}

	private String setSchemaMetadata(ObjectNode config) {
		if (!one(4))
			config.put("schema.name", pick("com.acme.Reading", "n", "", "größe"));
		if (one(2))
			config.put("schema.version", pick("1", "42", " 7 ", "-1", "x", "2147483648"));
		return sided("SetSchemaMetadata", config);
	}

	private String timestampConverter(ObjectNode config) {
		if (!one(3))
			config.put("field", one(2) ? "when" : name());
		config.put("target.type", one(30) ? "date" : pick("string", "unix", "Date", "Time",
		    "Timestamp"));
		if (!one(5))
			config.put("format", pick(PATTERNS));
		if (one(3))
			config.put("unix.precision", pick("nanoseconds", "microseconds", "milliseconds",
			    "seconds"));
		return sided("TimestampConverter", config);
	}

	private String timestampRouter(ObjectNode config) {
		if (!one(3))
			config.put("topic.format", pick("${topic}-${timestamp}", "${timestamp}", "x",
			    "${topic}${topic}", "$topic-${timestamp}", "a.${timestamp}.${topic}"));
		if (!one(3))
			config.put("timestamp.format", pick(PATTERNS));
		return "TimestampRouter";
	}

	private String valueToKey(ObjectNode config) {
		config.put("fields", nameList());
		if (one(3))
			config.put("replace.null.with.default", pick("true", "false"));
		return "ValueToKey";
	}

	// ---- converters ----

	private ObjectNode converter(int i) {
		ObjectNode c = object();
		switch (r.nextInt(8)) {
		case 0:
			return stringConverter(c, i);
		case 1:
			return plainConverter(c, i);
		case 2:
		case 3:
			return headerConverter(c, i);
		case 4:
			return jsonText(c, i);
		case 5:
			return jsonRead(c, i);
		default:
			return jsonWrite(c, i);
		}
	}

	private ObjectNode begin(ObjectNode c, String id, String name, ObjectNode config, String op) {
		c.put("id", id).put("converter", CONNECT + name).set("config", config);
		return c.put("op", op);
	}

	/** A little of it does not fit its schema. */
	private ObjectNode datum(ObjectNode c, int depth) {
		JsonNode schema = one(3) ? Tagged.JSON.nullNode() : schema(depth);
		JsonNode value = schema.isNull() || one(20) ? schemaless(depth) : value(schema, true);
		c.set("schema", schema);
		return c.set("value", value);
	}

	private ObjectNode stringConverter(ObjectNode c, int i) {
		ObjectNode config = object();
		if (one(3))
			config.put("converter.encoding", pick("UTF-8", "UTF-16", "UTF-16LE", "ISO-8859-1",
			    "US-ASCII", "utf8", "UTF-99"));
		if (one(2)) {
			begin(c, "string-to-" + i, "storage.StringConverter", config, "toConnectData");
			return one(2) ? c.put("text", text()) : c.put("bytes", base64());
		}
		return datum(begin(c, "string-from-" + i, "storage.StringConverter", config,
		    "fromConnectData"), 2);
	}

	private ObjectNode plainConverter(ObjectNode c, int i) {
		String name = "converters." + pick("ByteArray", "Boolean", "Double", "Float", "Integer",
		    "Long", "Short") + "Converter";
		if (one(2))
			return begin(c, "plain-to-" + i, name, object(), "toConnectData")
			    .put("bytes", base64());
		return datum(begin(c, "plain-from-" + i, name, object(), "fromConnectData"), 1);
	}

	private ObjectNode headerConverter(ObjectNode c, int i) {
		if (one(2))
			return begin(c, "header-to-" + i, "storage.SimpleHeaderConverter", object(),
			    "toConnectHeader").put("text", literal(3));
		return datum(begin(c, "header-from-" + i, "storage.SimpleHeaderConverter", object(),
		    "fromConnectHeader"), 3);
	}

	private ObjectNode jsonConfig(boolean schemas) {
		ObjectNode config = object().put("schemas.enable", schemas ? "true" : "false");
		if (one(3))
			config.put("decimal.format", pick("NUMERIC", "numeric", "BASE64"));
		if (one(3))
			config.put("replace.null.with.default", pick("true", "false"));
		return config;
	}

	private ObjectNode jsonWrite(ObjectNode c, int i) {
		return datum(begin(c, "json-from-" + i, "json.JsonConverter", jsonConfig(one(2)),
		    "fromConnectData"), 3);
	}

	/** What the converter has written, sometimes with a character changed. */
	private ObjectNode jsonRead(ObjectNode c, int i) {
		ObjectNode config = jsonConfig(!one(4));
		JsonNode schema = schema(3);
		begin(c, "json-env-" + i, "json.JsonConverter", config, "toConnectData");
		try (JsonConverter writer = new JsonConverter()) {
			writer.configure(java.util.Map.of("schemas.enable", "true", "decimal.format",
			    one(2) ? "NUMERIC" : "BASE64"), false);
			var s = Tagged.schema(schema);
			byte[] text = writer.fromConnectData("topic", s, Tagged.value(value(schema, true), s));
			return c.put("text", changed(new String(text, StandardCharsets.UTF_8)));
		}
	}

	private String changed(String text) {
		if (!one(3))
			return text;
		int at = r.nextInt(text.length() + 1);
		String with = pick("", "0", "1", "-", "\"", "{", "]", ",", " ", "null", "e", ".", "x");
		return text.substring(0, at) + with + text.substring(Math.min(text.length(),
		    at + r.nextInt(2)));
	}

	private ObjectNode jsonText(ObjectNode c, int i) {
		begin(c, "json-to-" + i, "json.JsonConverter", jsonConfig(one(10)), "toConnectData");
		return c.put("text", changed(json(4)));
	}

	private String json(int depth) {
		StringBuilder b = new StringBuilder();
		int kind = r.nextInt(depth > 0 ? 8 : 5);
		if (kind == 0)
			return pick("true", "false", "null");
		if (kind == 1)
			return "\"" + text().replace("\\", "\\\\").replace("\"", "\\\"")
			    .replace("\n", "\\n").replace("\t", "\\t").replace("\u0000", "\\u0000") + "\"";
		if (kind == 2)
			return String.valueOf(integer());
		if (kind == 3)
			return floating();
		if (kind == 4)
			return pick("\"\\u00e9\\ud83d\\ude00\"", "1e5", "-0", "12345678901234567890",
			    "\"\\/\"", "1E-400", "0.1e1", "007");
		String blank = pick("", "", " ", "\n\t");
		for (int n = r.nextInt(4); n > 0; n--) {
			b.append(b.length() > 0 ? "," : "").append(blank);
			if (kind > 5)
				b.append('"').append(name()).append("\":");
			b.append(json(depth - 1)).append(blank);
		}
		return kind > 5 ? "{" + b + "}" : "[" + b + "]";
	}
}
