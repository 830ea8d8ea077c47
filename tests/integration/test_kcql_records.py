"""What each clause of KCQL does to the records of a running headrace."""
import time

from harness import rows

CLASS = "org.apache.kafka.connect."
PLAIN = {                           # values and headers as bare JSON
    "connector_class": "headrace.MqttSource",
    "value_converter": CLASS + "json.JsonConverter",
    "value_converter_schemas_enable": "false",
}
IN = ('{"id":"p7","t":21.5,"at":1700000000,"when":"2023-11-14T22:13:20.5Z",'
      '"ok":true,"n":null,"pos":{"x":1,"y":2,"deep":{"z":3}},"tags":["a","b"]}')


def bridge(t, mosquitto, kafka, kcql, **settings):
    process = t.standalone(t.worker(kafka), t.connector(
        mosquitto, kcql, **{**PLAIN, **settings}))
    mosquitto.wait_subscribed("site")
    return process


def records_of(t, kcql, payload=IN, mqtt_topic="site/7/temperature", n=1, **settings):
    """The n records that `INSERT INTO <topic> SELECT <kcql>` makes of one message."""
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    bridge(t, mosquitto, kafka, "INSERT INTO %s SELECT %s" % (topic, kcql), **settings)
    mosquitto.publish(mqtt_topic, payload)
    kafka.wait_count(topic, n)
    return kafka.read(topic)


@rows(
    ("all", "* FROM site/+/temperature", IN),
    ("some", "id, t FROM site/#", '{"id":"p7","t":21.5}'),
    ("in another order", "t, id FROM site/#", '{"t":21.5,"id":"p7"}'),
    ("with another name", "t AS celsius FROM site/#", '{"celsius":21.5}'),
    ("nested", "pos.x, pos.deep.z FROM site/#", '{"x":1,"z":3}'),
    ("all of a struct", "pos.deep.*, t FROM site/#", '{"z":3,"t":21.5}'),
    ("with parents", "pos.x, t, pos.deep.z FROM site/# WITHSTRUCTURE",
     '{"pos":{"x":1,"deep":{"z":3}},"t":21.5}'),
    ("the rest and one renamed", "*, t AS c FROM site/# IGNORE pos, tags, at, when, n",
     '{"id":"p7","ok":true,"c":21.5}'),
    ("absent ones are left out", "id, nothing, pos.none FROM site/#", '{"id":"p7"}'),
    ("null stays", "n, id FROM site/#", '{"n":null,"id":"p7"}'),
    ("the value as a whole", "_value.t, _value AS all FROM site/# IGNORE pos, tags, when",
     '{"t":21.5,"all":{"id":"p7","t":21.5,"at":1700000000,"ok":true,"n":null}}'),
    ("of the message", "_.topic, _.topic.2 AS line, _.topic.9, _.qos, _.id, _.retained, "
     "_.dup FROM site/#",
     '{"topic":"site/7/temperature","line":"7","qos":1,"id":1,"retained":false,'
     '"dup":false}'),
)
def test_columns(t, kcql, value):
    (record,) = records_of(t, kcql + " WITHCONVERTER=`json`")
    assert record.value.decode() == value, record


@rows(
    ("a field", "t, n", '{"id":"p7","at":1700000000,"when":"2023-11-14T22:13:20.5Z",'
     '"ok":true,"pos":{"x":1,"y":2,"deep":{"z":3}},"tags":["a","b"]}'),
    ("nested and all of one", "pos.y, pos.deep.*, when, tags, nothing",
     '{"id":"p7","t":21.5,"at":1700000000,"ok":true,"n":null,"pos":{"x":1,"deep":{}}}'),
)
def test_ignore(t, ignored, value):
    (record,) = records_of(t, "* FROM site/# IGNORE %s WITHCONVERTER=`json`" % ignored)
    assert record.value.decode() == value, record


@rows(
    ("a field", "WITHKEY(id)", b"p7"),
    ("several", "WITHKEY(id, t, ok, pos.deep.z)", b"p7.21.5.true.3"),
    ("with a delimiter", "WITHKEY(id, _.topic.2, _.qos) KEYDELIMITER='--'", b"p7--7--1"),
    ("a path in quotes", "WITHKEY(`pos.x`)", b"1"),
    ("one that no column takes", "IGNORE id WITHKEY(id)", b"p7"),
    ("none", "", b"Struct{topic=site/7/temperature,id=1}"),
)
def test_keys(t, clause, key):
    (record,) = records_of(t, "t FROM site/# %s WITHCONVERTER=`json`" % clause)
    assert (record.key, record.value) == (key, b'{"t":21.5}'), record


@rows(
    ("the topic as key", {"headrace_key": "topic"}, b"site/7/temperature"),
    ("as JSON", {"key_converter": CLASS + "json.JsonConverter",
                 "key_converter_schemas_enable": "false"},
     b'{"topic":"site/7/temperature","id":"1"}'),
)
def test_keys_without_withkey(t, settings, key):
    (record,) = records_of(t, "* FROM site/# WITHCONVERTER=`json`", **settings)
    assert record.key == key, record


def test_tags_become_headers(t):
    (record,) = records_of(
        t, "t FROM site/# WITHCONVERTER=`json` WITHTAG(id, t AS celsius, ok, at, pos.x, n, "
        "nothing, plant='North 1', _.topic.2 AS line, _.qos, _.retained)")
    assert record.headers == [
        ("id", b"p7"), ("celsius", b"21.5"), ("ok", b"true"), ("at", b"1700000000"),
        ("pos.x", b"1"), ("plant", b"North 1"), ("line", b"7"), ("_.qos", b"1"),
        ("_.retained", b"false")], record.headers


def test_tags_need_no_converter_with_fields(t):
    (record,) = records_of(
        t, "* FROM site/# WITHTAG(plant='north', _.topic AS mqtt)", payload=b"\x00\xff",
        value_converter=CLASS + "converters.ByteArrayConverter")
    assert record.headers == [("plant", b"north"), ("mqtt", b"site/7/temperature")]
    assert record.value == b"\x00\xff"


def test_headers_go_through_their_converter(t):
    (record,) = records_of(
        t, "t FROM site/# WITHCONVERTER=`json` WITHTAG(id, at)",
        header_converter=CLASS + "json.JsonConverter",
        header_converter_schemas_enable="false")
    assert record.headers == [("id", b'"p7"'), ("at", b"1700000000")], record.headers


@rows(
    ("seconds", "WITHTIMESTAMP at TIMESTAMPUNIT=SECONDS", 1700000000000),
    ("a text", "WITHTIMESTAMP when", 1700000000500),
    ("a decimal number of minutes", "WITHTIMESTAMP t TIMESTAMPUNIT=MINUTES", 1290000),
    ("one that is ignored", "IGNORE at WITHTIMESTAMP at TIMESTAMPUNIT=SECONDS",
     1700000000000),
)
def test_timestamps_from_fields(t, clause, timestamp):
    (record,) = records_of(t, "id FROM site/# %s WITHCONVERTER=`json`" % clause)
    assert record.timestamp == timestamp, record.timestamp


@rows(
    ("sys_time()", "WITHTIMESTAMP sys_time()"),
    ("_.timestamp", "WITHTIMESTAMP _.timestamp"),
    ("none", ""),
)
def test_timestamps_of_the_clock(t, clause):
    before = time.time() * 1000
    (record,) = records_of(t, "_.timestamp FROM site/# %s WITHCONVERTER=`json`" % clause)
    assert before - 1 <= record.timestamp <= time.time() * 1000, record.timestamp
    received = int(record.value[len('{"timestamp":'):-1])
    if clause:
        assert record.timestamp == received
    else:
        assert 0 <= record.timestamp - received < 5000, (record.timestamp, received)


@rows(
    ("bytes", "`bytes`", "converters.ByteArrayConverter", b"\x00x", b"\x00x"),
    ("json", "`json`", "json.JsonConverter", b'{"a": 1E1}', b'{"a":10.0}'),
    ("a class of Lenses",
     "io.lenses.streamreactor.connect.converters.source.JsonSimpleConverter",
     "json.JsonConverter", b'{"a": [1, 2.5]}', b'{"a":[1.0,2.5]}'),
    ("json without null", "`json-optnull`", "json.JsonConverter", b'{"a":null}',
     b'{"a":null}'),
    ("text", "`json-text`", "storage.StringConverter", b'{ "a" : 1 }', b'{ "a" : 1 }'),
)
def test_converters(t, converter, output, payload, value):
    (record,) = records_of(t, "* FROM site/# WITHCONVERTER=" + converter, payload=payload,
                           value_converter=CLASS + output)
    assert record.value == value, record


def test_an_expression_decides_instead_of_the_filter(t):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    bridge(t, mosquitto, kafka, "INSERT INTO %s SELECT _.topic FROM site/# "
           "WITHREGEX=`site/[0-9]+/(alarm|state)` WITHCONVERTER=`json`" % topic)
    for mqtt_topic in "site/a/alarm", "site/7/alarm/x", "site/12/alarm", "site/7/state":
        mosquitto.publish(mqtt_topic, "{}")
    kafka.wait_count(topic, 2)
    assert [r.value for r in kafka.read(topic)] == [
        b'{"topic":"site/12/alarm"}', b'{"topic":"site/7/state"}']


def test_the_target_may_hold_the_mqtt_topic(t):
    kafka, mosquitto, token = t.kafka(), t.mosquitto(), t.token
    bridge(t, mosquitto, kafka, "INSERT INTO `mqtt-$` SELECT * FROM %s/# "
           "WITHCONVERTER=`json`" % token)
    # A slash becomes one underscore, each character that Kafka does not take another one.
    for levels in "1/temperature", "2//state", "b c":
        mosquitto.publish("%s/%s" % (token, levels), "{}")
    for name in "_1_temperature", "_2_state", "_b_c":
        kafka.wait_count("mqtt-" + token + name, 1)


def test_each_statement_makes_its_own_record(t):
    kafka, mosquitto = t.kafka(), t.mosquitto()
    names = t.topic("raw"), t.topic("values"), t.topic("alarms")
    bridge(t, mosquitto, kafka, ";".join([
        "INSERT INTO %s SELECT * FROM site/#" % names[0],
        "INSERT INTO %s SELECT t FROM site/+/temperature WITHCONVERTER=`json` WITHKEY(id)"
        % names[1],
        "INSERT INTO %s SELECT * FROM site/+/alarm" % names[2]]),
        value_converter_schemas_enable="false")
    mosquitto.publish("site/7/temperature", IN)
    mosquitto.publish("site/7/alarm", "{}")
    for name, n in zip(names, (2, 1, 1)):
        kafka.wait_count(name, n)
    (record,) = kafka.read(names[1])
    assert (record.key, record.value) == (b"p7", b'{"t":21.5}'), record


GOOD, BAD = '{"id":"a","t":1}', '{"id":"b","t":'


@rows(
    ("payload", "* FROM site/#", BAD, "PAYLOAD"),
    ("key", "* FROM site/# WITHKEY(id)", '{"t":1}', "PAYLOAD"),
    ("timestamp", "* FROM site/# WITHTIMESTAMP t", '{"id":"b"}', "PAYLOAD"),
    ("tag", "* FROM site/# WITHTAG(t)", '{"id":"b","t":{}}', "PAYLOAD"),
    ("columns", "id FROM site/#", "[1]", "PAYLOAD"),
)
def test_tolerance_all_skips_what_cannot_be_converted(t, kcql, bad, stage):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    process = bridge(t, mosquitto, kafka,
                     "INSERT INTO %s SELECT %s WITHCONVERTER=`json`" % (topic, kcql),
                     errors_tolerance="all")
    for payload in GOOD, bad, GOOD:
        mosquitto.publish("site/1", payload)
    kafka.wait_count(topic, 2)
    process.wait_log("record skipped; stage=%s" % stage)
    assert process.stop() == 0, process.describe()
    assert kafka.count(topic) == 2


def test_tolerance_none_stops_before_the_message_and_loses_nothing(t):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    kcql = "INSERT INTO %s SELECT id FROM site/# WITHCONVERTER=`json`" % topic
    process = bridge(t, mosquitto, kafka, kcql, clean="false")
    for payload in GOOD, BAD, '{"id":"c"}':
        mosquitto.publish("site/1", payload)
    process.wait_log("Tolerance exceeded in error handler: PAYLOAD")
    assert "errors.tolerance=all" in process.output()
    process.stop()
    assert [r.value for r in kafka.read(topic)] == [b'{"id":"a"}']
    # What it did not acknowledge comes again: the bad one and what is behind it.
    bridge(t, mosquitto, kafka, kcql, clean="false", errors_tolerance="all")
    kafka.wait_count(topic, 2)
    assert [r.value for r in kafka.read(topic)] == [b'{"id":"a"}', b'{"id":"c"}']
