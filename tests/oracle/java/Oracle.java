import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.ConverterConfig;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;

/**
 * What Kafka Connect's own classes make of a case; the case in the JSON of
 * tests/vectors/README.md.
 *
 * <pre>
 * Oracle cases SEED COUNT   random cases with what is expected of them
 * Oracle expect             the same for the cases on standard input
 * </pre>
 */
public final class Oracle {
	private static final ObjectMapper MAPPER = new ObjectMapper()
	    .configure(JsonGenerator.Feature.ESCAPE_NON_ASCII, true);

	/** A case that says nothing: its outcome depends on the Java version or its memory. */
	static final class Unfit extends RuntimeException {
		Unfit(String why) {
			super(why);
		}
	}

	private Oracle() {
	}

	public static void main(String[] args) throws Exception {
		PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
		if (args.length == 3 && args[0].equals("cases")) {
			long seed = Long.parseLong(args[1]);
			for (int i = 1, n = Integer.parseInt(args[2]); i <= n; i++)
				out.println(MAPPER.writeValueAsString(fitting(seed, i)));
		} else if (args.length == 1 && args[0].equals("expect")) {
			BufferedReader in = new BufferedReader(
			    new InputStreamReader(System.in, StandardCharsets.UTF_8));
			for (String line; (line = in.readLine()) != null; ) {
				ObjectNode c = (ObjectNode) MAPPER.readTree(line);
				try {
					c.set("expect", expect(c));
					out.println(MAPPER.writeValueAsString(c));
				} catch (Unfit e) {
					System.err.println(c.get("id").asText() + ": left out, " + e.getMessage());
				}
			}
		} else {
			System.err.println("usage: Oracle cases SEED COUNT | Oracle expect");
			System.exit(2);
		}
		out.flush();
	}

	/** Case i of a seed does not depend on the others. */
	private static ObjectNode fitting(long seed, int i) {
		for (int attempt = 0;; attempt++) {
			ObjectNode c = new Cases((seed * 1_000_003 + i) * 101 + attempt).next(i);
			try {
				c.set("expect", expect(c));
				return c;
			} catch (Unfit e) {
				// the next one
			}
		}
	}

	static ObjectNode expect(JsonNode c) {
		check(c);
		if (c.has("converter"))
			return converter(c);
		if (c.has("transform"))
			return chain(List.of(c), c);
		List<JsonNode> steps = new ArrayList<>();
		c.get("transforms").forEach(steps::add);
		return chain(steps, c);
	}

	// ---- transforms ----

	private static final class Step {
		Transformation<SourceRecord> transform;
		Predicate<SourceRecord> predicate;
		boolean negate;

		SourceRecord apply(SourceRecord r) {
			if (predicate != null && predicate.test(r) == negate)
				return r;
			return transform.apply(r);
		}
	}

	@SuppressWarnings("unchecked")
	private static Step step(JsonNode j) throws ReflectiveOperationException {
		Step s = new Step();
		s.transform = (Transformation<SourceRecord>) make(
		    j.has("transform") ? j.get("transform") : j.get("type"));
		s.transform.configure(config(j.get("config")));
		if (j.has("predicate")) {
			s.predicate = (Predicate<SourceRecord>) make(j.get("predicate").get("type"));
			s.predicate.configure(config(j.get("predicate").get("config")));
		}
		s.negate = j.path("negate").asBoolean();
		return s;
	}

	/** Where the order of HashMaps shows between steps, there is nothing to compare. */
	private static ObjectNode chain(List<JsonNode> list, JsonNode c) {
		ObjectNode result = chain(list, c, false);
		if (list.size() > 1 && !result.equals(chain(list, c, true)))
			throw new Unfit("the order of a map counts");
		return result;
	}

	private static ObjectNode chain(List<JsonNode> list, JsonNode c, boolean reversed) {
		List<Step> steps = new ArrayList<>();
		SourceRecord r = Tagged.record(c.get("record"));
		try {
			for (JsonNode j : list)
				steps.add(step(j));
		} catch (Exception e) {
			return error(e, "config");
		}
		try {
			for (Step s : steps) {
				r = s.apply(reversed && s != steps.get(0) ? reversed(r) : r);
				if (r == null)
					return Tagged.JSON.objectNode().put("dropped", true);
				check(Tagged.write(r));
			}
		} catch (Unfit e) {
			throw e;
		} catch (Exception e) {
			return error(e, "apply");
		}
		return Tagged.JSON.objectNode().set("record", Tagged.write(r));
	}

	private static SourceRecord reversed(SourceRecord r) {
		return r.newRecord(r.topic(), r.kafkaPartition(), r.keySchema(), reversed(r.key()),
		    r.valueSchema(), reversed(r.value()), r.timestamp(), r.headers());
	}

	/** With its maps the other way round. */
	private static Object reversed(Object v) {
		if (v instanceof List)
			return ((List<?>) v).stream().map(Oracle::reversed)
			    .collect(Collectors.toCollection(ArrayList::new));
		if (!(v instanceof Map))
			return v;
		List<Map.Entry<?, ?>> entries = new ArrayList<>(((Map<?, ?>) v).entrySet());
		Collections.reverse(entries);
		Map<Object, Object> map = new LinkedHashMap<>();
		entries.forEach(e -> map.put(e.getKey(), reversed(e.getValue())));
		return map;
	}

	// ---- converters ----

	private static ObjectNode converter(JsonNode c) {
		String op = c.get("op").asText();
		try {
			Object converter = make(c.get("converter"));
			Map<String, Object> config = new HashMap<>(config(c.get("config")));
			if (converter instanceof Converter)
				((Converter) converter).configure(config, c.path("isKey").asBoolean());
			else {
				config.put(ConverterConfig.TYPE_CONFIG, "header");
				((HeaderConverter) converter).configure(config);
			}
			try {
				return op.startsWith("from") ? write(converter, op, c) : read(converter, op, c);
			} catch (Unfit e) {
				throw e;
			} catch (Exception e) {
				return error(e, "convert");
			}
		} catch (Unfit e) {
			throw e;
		} catch (Exception e) {
			return error(e, "config");
		}
	}

	private static ObjectNode write(Object converter, String op, JsonNode c) {
		Schema schema = Tagged.schema(c.get("schema"));
		Object value = Tagged.value(c.get("value"), schema);
		byte[] bytes = op.equals("fromConnectHeader")
		    ? ((HeaderConverter) converter).fromConnectHeader("topic", "name", schema, value)
		    : ((Converter) converter).fromConnectData("topic", schema, value);
		if (bytes != null && new String(bytes, StandardCharsets.ISO_8859_1)
		    .replace("\0", "").contains("[B@"))
			throw new Unfit("the text is an address");
		return Tagged.JSON.objectNode().put("bytes",
		    bytes == null ? null : Base64.getEncoder().encodeToString(bytes));
	}

	private static ObjectNode read(Object converter, String op, JsonNode c) {
		byte[] bytes = null;
		if (c.hasNonNull("text"))
			bytes = c.get("text").asText().getBytes(StandardCharsets.UTF_8);
		else if (c.hasNonNull("bytes"))
			bytes = Base64.getDecoder().decode(c.get("bytes").asText());
		SchemaAndValue r = op.equals("toConnectHeader")
		    ? ((HeaderConverter) converter).toConnectHeader("topic", "name", bytes)
		    : ((Converter) converter).toConnectData("topic", bytes);
		if (r == null) // SimpleHeaderConverter, of "null"
			r = SchemaAndValue.NULL;
		ObjectNode j = Tagged.JSON.objectNode();
		j.set("schema", Tagged.write(r.schema()));
		j.set("value", Tagged.write(r.value(), r.schema()));
		check(j);
		return j;
	}

	// ---- what they share ----

	private static Object make(JsonNode name) throws ReflectiveOperationException {
		return Class.forName(name.asText()).getDeclaredConstructor().newInstance();
	}

	private static Map<String, String> config(JsonNode j) {
		Map<String, String> map = new HashMap<>();
		if (j != null)
			j.fields().forEachRemaining(e -> map.put(
			    e.getKey(), e.getValue().isNull() ? null : e.getValue().asText()));
		return map;
	}

	/** Errors that Java made by accident have no text that anybody should copy. */
	private static ObjectNode error(Exception e, String phase) {
		String message = canonical(String.valueOf(e.getMessage()));
		String match = "any";
		if (e instanceof ConnectException || e instanceof ConfigException
		    || e instanceof SerializationException
		    || message.startsWith("Unknown field: "))
			match = "exact";
		if (message.contains("java.lang.IllegalArgumentException"))
			match = "any";
		for (String open : List.of("Invalid regex: ", "for static field: ",
		    "Timestamp missing on record: ")) {
			int at = message.indexOf(open);
			if (at >= 0) {
				match = "prefix";
				message = message.substring(0, at + open.length());
			}
		}
		return Tagged.JSON.objectNode().put("error", e.getClass().getName())
		    .put("phase", phase).put("match", match).put("message", message);
	}

	/** Every map counts as a HashMap, every list as an ArrayList. */
	private static String canonical(String message) {
		return message
		    .replaceAll("java\\.util\\.(LinkedHashMap|Collections\\$\\w+Map)",
		        "java.util.HashMap")
		    .replaceAll("java\\.util\\.Collections\\$\\w+List", "java.util.ArrayList");
	}

	/** Texts that are no Unicode, and numbers that have longer texts before JDK 19. */
	private static void check(JsonNode j) {
		if (j.isTextual() && j.asText().codePoints().anyMatch(c -> c >= 0xd800 && c < 0xe000))
			throw new Unfit("half of a surrogate pair");
		if (Runtime.version().feature() < 19)
			checkFloat(j);
		j.forEach(Oracle::check);
	}

	private static void checkFloat(JsonNode j) {
		if (j.path("float64").isTextual())
			checkShortest(Double.parseDouble(j.get("float64").asText()), false);
		else if (j.path("float32").isTextual())
			checkShortest(Float.parseFloat(j.get("float32").asText()), true);
	}

	private static void checkShortest(double d, boolean isFloat) {
		if (d == 0 || Double.isNaN(d) || Double.isInfinite(d))
			return;
		BigDecimal exact = new BigDecimal(d);
		BigDecimal java = new BigDecimal(
		    isFloat ? Float.toString((float) d) : Double.toString(d));
		for (int n = 2; n <= 17; n++) {
			BigDecimal best = null;
			for (RoundingMode mode : List.of(RoundingMode.DOWN, RoundingMode.UP)) {
				BigDecimal x = exact.round(new MathContext(n, mode));
				boolean same = isFloat ? x.floatValue() == (float) d : x.doubleValue() == d;
				if (same && (best == null || x.subtract(exact).abs().compareTo(
				    best.subtract(exact).abs()) < 0))
					best = x;
			}
			if (best != null && best.compareTo(java) != 0)
				throw new Unfit("a number's text depends on the JDK");
			if (best != null)
				return;
		}
	}
}
