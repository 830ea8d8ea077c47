"""`headrace standalone` with the files that a Kafka Connect user has."""
from harness import last, note, rows

BYTES = ("com.datamountaineer.streamreactor.connect.converters.source.BytesConverter")


def telemetry(topic, filters="telemetry/+/+"):
    return "INSERT INTO %s SELECT * FROM %s WITHCONVERTER=`%s`" % (topic, filters, BYTES)


def test_a_connect_users_file_moves_all_messages(t):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic("smap_telemetry_data")
    file = t.file("mqtt.properties", "\n".join([
        "name=mqtt-source",
        "connector.class=com.datamountaineer.streamreactor.connect.mqtt.source"
        ".MqttSourceConnector",
        "tasks.max=1",
        "connect.mqtt.hosts=tcp://127.0.0.1:%d" % mosquitto.port,
        "connect.mqtt.service.quality=1",
        "connect.mqtt.clean=false",
        "connect.mqtt.client.id=site-bridge",
        "connect.mqtt.kcql=" + telemetry(topic), ""]))
    t.standalone(t.worker(kafka), file)
    mosquitto.wait_subscribed("site-bridge")
    loaded = t.publish_all(mosquitto, count=10000, topic="telemetry/a/b")
    assert loaded["confirmed"] == 10000, loaded
    got = t.drain_all(kafka, topic, 10000)
    assert (got["distinct"], got["corrupt"], got["foreign"]) == (10000, 0, 0), got
    assert (got["duplicates"], got["out_of_order"]) == (0, 0), got


@rows(("qos 0", 0), ("qos 1", 1), ("qos 2", 2))
def test_each_qos_arrives_once(t, qos):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    t.standalone(t.worker(kafka), t.connector(mosquitto, telemetry(topic), qos=qos))
    mosquitto.wait_subscribed("site")
    t.publish_all(mosquitto, count=2000, topic="telemetry/a/s%d", topics=10, qos=qos,
                  rate=4000)
    got = t.drain_all(kafka, topic, 2000)
    assert (got["distinct"], got["duplicates"], got["corrupt"]) == (2000, 0, 0), got


@rows(("3.1.1", "3.1.1"), ("auto", "auto"))
def test_each_mqtt_version_works(t, version):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    t.standalone(t.worker(kafka), t.connector(
        mosquitto, telemetry(topic), headrace_mqtt_version=version))
    mosquitto.wait_subscribed("site")
    assert "as site (p2," in mosquitto.output()
    t.publish_all(mosquitto, count=3000)
    got = t.drain_all(kafka, topic, 3000)
    assert (got["distinct"], got["duplicates"], got["out_of_order"]) == (3000, 0, 0), got


def test_what_is_published_while_it_is_stopped_arrives_later(t):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    worker, site = t.worker(kafka), t.connector(mosquitto, telemetry(topic))
    first = t.standalone(worker, site)
    mosquitto.wait_subscribed("site")
    t.publish_all(mosquitto, count=100)
    t.drain_all(kafka, topic, 100)
    assert first.stop() == 0, first.describe()
    t.publish_all(mosquitto, count=500, first=100)
    t.standalone(worker, site)
    got = t.drain_all(kafka, topic, 600)
    assert (got["distinct"], got["duplicates"], got["missing"]) == (600, 0, 0), got


def test_a_stop_under_load_loses_and_repeats_nothing(t):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    worker, site = t.worker(kafka), t.connector(mosquitto, telemetry(topic))
    load = None
    for i in range(3):
        bridge = t.standalone(worker, site)
        mosquitto.wait_connected("site", i + 1)
        load = load or t.load(mosquitto, count=10000, rate=4000)
        before = kafka.count(topic)
        kafka.wait_count(topic, before + 300)
        assert bridge.stop() == 0, bridge.describe()
    t.standalone(worker, site)
    assert load.wait(20) == 0
    got = t.drain_all(kafka, topic, 10000)
    assert (got["missing"], got["duplicates"], got["corrupt"]) == (0, 0, 0), got


CLASS = "org.apache.kafka.connect."


@rows(
    ("string", "storage.StringConverter", {}, b"Struct{topic=telemetry/a/b,id=1}"),
    ("json", "json.JsonConverter", {},
     b'{"schema":{"type":"struct","fields":[{"type":"string","optional":false,"field":'
     b'"topic"},{"type":"string","optional":false,"field":"id"}],"optional":false,"name":'
     b'"com.datamountaineer.streamreactor.common.converters.MsgKey"},'
     b'"payload":{"topic":"telemetry/a/b","id":"1"}}'),
    ("json without schemas", "json.JsonConverter", {"key_converter_schemas_enable": "false"},
     b'{"topic":"telemetry/a/b","id":"1"}'),
)
def test_keys_are_those_of_lenses(t, converter, settings, key):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    t.standalone(t.worker(kafka), t.connector(
        mosquitto, telemetry(topic), key_converter=CLASS + converter, **settings))
    mosquitto.wait_subscribed("site")
    mosquitto.publish("telemetry/a/b", b"message1")
    kafka.wait_count(topic, 1)
    (record,) = kafka.read(topic)
    assert (record.key, record.value) == (key, b"message1"), record
    assert record.headers == [], record.headers


@rows(
    ("byte array", "converters.ByteArrayConverter", {}, b"message1", b"message1"),
    ("empty payload", "converters.ByteArrayConverter", {}, b"", b""),
    ("json", "json.JsonConverter", {}, b"message1",
     b'{"schema":{"type":"bytes","optional":false},"payload":"bWVzc2FnZTE="}'),
    ("json without schemas", "json.JsonConverter",
     {"value_converter_schemas_enable": "false"}, b"message1", b'"bWVzc2FnZTE="'),
)
def test_values_are_those_of_connect(t, converter, settings, payload, value):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    t.standalone(t.worker(kafka), t.connector(
        mosquitto, telemetry(topic), value_converter=CLASS + converter, **settings))
    mosquitto.wait_subscribed("site")
    mosquitto.publish("telemetry/a/b", payload)
    kafka.wait_count(topic, 1)
    assert kafka.read(topic)[0].value == value


def test_a_json_payload_becomes_a_struct(t):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    t.standalone(t.worker(kafka), t.connector(
        mosquitto, "INSERT INTO %s SELECT * FROM /m/a WITHCONVERTER=`json` WITHKEY(name)"
        % topic, value_converter=CLASS + "json.JsonConverter",
        value_converter_schemas_enable="false"))
    mosquitto.wait_subscribed("site")
    mosquitto.publish(
        "/m/a", '{"name":"x","age":19,"note":9.3,"tags":["p","q"],"pos":{"x":0.0001}}')
    kafka.wait_count(topic, 1)
    (record,) = kafka.read(topic)
    assert record.key == b"x", record
    assert record.value == (b'{"name":"x","age":19,"note":9.3,"tags":["p","q"],'
                            b'"pos":{"x":1.0E-4}}'), record


def test_transforms_run_in_their_order(t):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    t.standalone(t.worker(kafka), t.connector(
        mosquitto, "INSERT INTO %s SELECT * FROM site/+ WITHCONVERTER=`json`" % topic,
        value_converter=CLASS + "json.JsonConverter",
        value_converter_schemas_enable="false",
        transforms="source,names", transforms_source_type=CLASS + "transforms.InsertField$Value",
        transforms_source_static_field="plant", transforms_source_static_value="north",
        transforms_names_type=CLASS + "transforms.ReplaceField$Value",
        transforms_names_renames="plant:works"))
    mosquitto.wait_subscribed("site")
    mosquitto.publish("site/1", '{"t":21.5}')
    kafka.wait_count(topic, 1)
    assert kafka.read(topic)[0].value == b'{"t":21.5,"works":"north"}'


def test_each_statement_gets_what_it_asks_for(t):
    kafka, mosquitto = t.kafka(), t.mosquitto()
    all_, alarms = t.topic("all"), t.topic("alarms")
    t.standalone(t.worker(kafka), t.connector(
        mosquitto, "%s;%s" % (telemetry(all_, "site/#"), telemetry(alarms, "site/+/alarm"))))
    mosquitto.wait_subscribed("site")
    # One subscription is enough: site/# covers the other.
    for topic in "site/1/alarm", "site/1/temperature", "site/2/alarm", "elsewhere/alarm":
        mosquitto.publish(topic, topic)
    kafka.wait_count(all_, 3)
    kafka.wait_count(alarms, 2)
    assert [r.value for r in kafka.read(alarms)] == [b"site/1/alarm", b"site/2/alarm"]
    assert len(kafka.read(all_)) == 3


def test_two_connectors_run_side_by_side(t):
    kafka, mosquitto = t.kafka(), t.mosquitto()
    topics = t.topic("one"), t.topic("two")
    t.standalone(t.worker(kafka), *(
        t.connector(mosquitto, telemetry(topic, "%s/#" % name), name=name)
        for name, topic in zip(("one", "two"), topics)))
    for name, topic in zip(("one", "two"), topics):
        mosquitto.wait_subscribed(name)
        t.publish_all(mosquitto, count=500, topic=name + "/x")
        got = t.drain_all(kafka, topic, 500)
        assert (got["distinct"], got["duplicates"]) == (500, 0), got


def test_retained_messages_arrive_at_the_first_subscription(t):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    mosquitto.publish("telemetry/a/b", b"kept", retain=True)
    t.standalone(t.worker(kafka), t.connector(mosquitto, telemetry(topic)))
    kafka.wait_count(topic, 1)
    assert kafka.read(topic)[0].value == b"kept"


def test_messages_of_every_size_arrive_whole(t):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    sizes = [16, 100, 127, 128, 16383, 16384, 65535, 262144, 300000, 1000000]
    t.standalone(t.worker(kafka), t.connector(mosquitto, telemetry(topic)))
    mosquitto.wait_subscribed("site")
    for i, size in enumerate(sizes):
        t.publish_all(mosquitto, count=3, first=3 * i, size=size)
    got = t.drain_all(kafka, topic, 3 * len(sizes))
    assert (got["distinct"], got["corrupt"], got["out_of_order"]) == (30, 0, 0), got


def test_the_offsets_file_counts_over_a_restart(t):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    worker, site = t.worker(kafka), t.connector(mosquitto, telemetry(topic))
    for i in range(2):
        bridge = t.standalone(worker, site)
        mosquitto.wait_connected("site", i + 1)
        mosquitto.wait_subscribed("site")
        t.publish_all(mosquitto, count=100, first=100 * i)
        kafka.wait_count(topic, 100 * (i + 1))
        assert bridge.stop() == 0, bridge.describe()
        with open(t.dir + "/connect.offsets", "rb") as f:
            data = f.read()
        assert data.startswith(b"\xac\xed\x00\x05"), data[:20]  # Java's serialization
        assert b'["site",{' in data, data
        assert b'"messages":%d' % (100 * (i + 1)) in data, data


def test_an_idle_bridge_is_small_and_quiet(t):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    bridge = t.standalone(t.worker(kafka), t.connector(mosquitto, telemetry(topic)))
    mosquitto.wait_subscribed("site")
    mosquitto.publish("telemetry/a/b", b"x")
    kafka.wait_count(topic, 1)
    memory = bridge.memory_kib()
    note("idle: %d KiB resident" % memory)
    assert memory <= 12 * 1024 or "san" in bridge.argv[0], memory
    before = bridge.cpu_s()
    last(1)
    assert bridge.cpu_s() - before <= 0.05
