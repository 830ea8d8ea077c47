"""`headrace try`: the records of a message, without MQTT and Kafka."""
import subprocess

from harness import headrace_path, rows

CLASS = "org.apache.kafka.connect."
JSON = {"value_converter": CLASS + "json.JsonConverter",
        "value_converter_schemas_enable": "false",
        "key_converter": CLASS + "storage.StringConverter"}
KCQL = ("INSERT INTO temperatures SELECT t, _.topic.2 AS line, _.retained FROM "
        "site/+/temperature WITHCONVERTER=`json` WITHKEY(id) WITHTAG(plant='north', id) "
        "WITHTIMESTAMP at TIMESTAMPUNIT=SECONDS; INSERT INTO `raw-$` SELECT * FROM site/#")


def site(t, kcql=KCQL, **settings):
    return t.connector("tcp://127.0.0.1:1", kcql, connector_class="headrace.MqttSource",
                       **{**JSON, **settings})


def tried(*args, payload=None):
    """(exit status, standard output, standard error)"""
    p = subprocess.run([headrace_path(), "try", *args], input=payload, timeout=20,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def test_it_prints_all_of_each_record(t):
    status, out, _ = tried(
        "-c", site(t), "--topic", "site/7/temperature", "--retain", "--payload",
        '{"id":"p","t":21.5,"at":1700000000}')
    assert out == """\
# connector site, statement at line 1: INSERT INTO temperatures ... FROM site/+/temperature
topic      temperatures
key        p
value      {"t":21.5,"line":"7","retained":true}
header     plant
  value    north
header     id
  value    p
timestamp  1700000000000 (2023-11-14T22:13:20.000Z)

# connector site, statement at line 1: INSERT INTO raw-$ ... FROM site/#
topic      raw-site_7_temperature
key        Struct{topic=site/7/temperature,id=1}
value      "eyJpZCI6InAiLCJ0IjoyMS41LCJhdCI6MTcwMDAwMDAwMH0="
timestamp  none: the clock, when it is produced
""", out
    assert status == 0


def test_schemas_are_shown_on_request(t):
    status, out, _ = tried(
        "-c", site(t, "INSERT INTO t SELECT a FROM s WITHCONVERTER=`json` "
                      "WITHKEY(_.topic) WITHTAG(_.qos)"),
        "--topic", "s", "--payload", '{"a":1}', "--schemas", "--qos", "2")
    assert status == 0 and out.splitlines()[1:] == [
        "topic      t",
        "key        s",
        '  schema   {"type":"string","optional":false}',
        'value      {"a":1}',
        '  schema   {"type":"struct","fields":[{"type":"int64","optional":true,'
        '"field":"a"}],"optional":false,"name":"s"}',
        "header     _.qos",
        "  value    2",
        '  schema   {"type":"int32","optional":false}',
        "timestamp  none: the clock, when it is produced",
    ], out


@rows(
    ("qos 0", ["--qos", "0"], "0", "0"),
    ("qos 1", ["--qos", "1"], "1", "1"),
    ("qos and id", ["--qos", "2", "--id", "65535"], "2", "65535"),
    ("the connector's qos", [], "1", "1"),
)
def test_the_message_is_as_told(t, options, qos, id_):
    status, out, _ = tried(
        "-c", site(t, "INSERT INTO t SELECT * FROM s WITHKEY(_.qos, _.id)"),
        "--topic", "s", *options)
    assert status == 0 and "key        %s.%s\n" % (qos, id_) in out, out


@rows(("file", False), ("standard input", True))
def test_the_payload_may_be_any_bytes(t, stdin):
    config = site(t, "INSERT INTO t SELECT * FROM s",
                  value_converter=CLASS + "converters.ByteArrayConverter")
    data = b"\x00\xffab"
    status, out, _ = tried(
        "-c", config, "--topic", "s", "--payload-file",
        "-" if stdin else t.file("payload", data), payload=data if stdin else None)
    assert status == 0 and "value      (4 bytes) 00 ff 61 62\n" in out, out


def test_transforms_and_converters_do_their_part(t):
    status, out, _ = tried(
        "-c", site(t, "INSERT INTO t SELECT * FROM s/# WITHCONVERTER=`json`",
                   transforms="drop,route", predicates="zero",
                   transforms_drop_type=CLASS + "transforms.Filter",
                   transforms_drop_predicate="zero",
                   predicates_zero_type=CLASS + "transforms.predicates.TopicNameMatches",
                   predicates_zero_pattern="none",
                   transforms_route_type=CLASS + "transforms.RegexRouter",
                   transforms_route_regex="t", transforms_route_replacement="elsewhere"),
        "--topic", "s/1", "--payload", '{"a":1}')
    assert status == 0 and "topic      elsewhere\n" in out, out


def test_a_dropped_record_is_no_error(t):
    status, out, _ = tried(
        "-c", site(t, "INSERT INTO t SELECT * FROM s", transforms="drop",
                   transforms_drop_type=CLASS + "transforms.Filter"), "--topic", "s")
    assert status == 0 and "no record  a transform drops it\n" in out, out


@rows(
    ("payload", {}, "PAYLOAD (JsonSimpleConverter)", "the task fails"),
    ("tolerated", {"errors_tolerance": "all"}, "PAYLOAD (JsonSimpleConverter)",
     "the record is skipped"),
    ("name", {"transforms": "r", "transforms_r_type": CLASS + "transforms.RegexRouter",
              "transforms_r_regex": "t", "transforms_r_replacement": "a/b"},
     'TRANSFORMATION (topic name): the transforms send the record to "a/b"',
     "the task fails"),
    ("value", {"value_converter": CLASS + "converters.ByteArrayConverter"},
     "VALUE_CONVERTER (org.apache.kafka.connect.converters.ByteArrayConverter)",
     "the task fails"),
)
def test_an_error_says_what_would_happen(t, settings, error, then):
    payload = '{"a":' if "PAYLOAD" in error else '{"a":1}'
    status, out, _ = tried(
        "-c", site(t, "INSERT INTO t SELECT * FROM s WITHCONVERTER=`json`", **settings),
        "--topic", "s", "--payload", payload)
    assert status == 1, out
    assert "error      " + error in out and "then       " + then in out, out


def test_a_topic_without_statement_shows_the_filters(t):
    status, out, _ = tried("-c", site(t), "--topic", "other/7")
    assert (status, out) == (1, "no statement takes the topic other/7; the statements are "
                                "about:\n  site/+/temperature\n  site/#\n"), out


def test_headrace_conf_may_have_several_connectors(t):
    conf = t.file("headrace.conf", "connectors = (%s);" % ",".join(
        '{ name = "%s"; connector_class = "headrace.MqttSource"; connect_mqtt_hosts = '
        '"tcp://127.0.0.1:1"; connect_mqtt_kcql = "INSERT INTO %s SELECT * FROM #"; }'
        % (name, name) for name in ("one", "two")))
    status, _, err = tried("-c", conf, "--topic", "x")
    assert status == 2 and err.endswith(
        "several connectors; choose with --connector: one two\n"), err
    status, out, _ = tried("-c", conf, "--topic", "x", "--connector", "two")
    assert status == 0 and out.count("topic      ") == 1, out
    assert "topic      two\n" in out, out


def test_a_worker_file_gives_its_converters(t):
    connector = t.connector("tcp://127.0.0.1:1", "INSERT INTO t SELECT * FROM s")
    worker = t.worker("127.0.0.1:1", value_converter=CLASS + "json.JsonConverter")
    status, out, err = tried("-c", worker, "-c", connector, "--topic", "s",
                             "--payload", "x")
    assert status == 0 and '"payload":"eA=="}\n' in out, out + err
    status, out, err = tried("-c", connector, "--topic", "s", "--payload", "x")
    assert status == 0 and "value      x\n" in out, out
    assert "no worker file" in err, err


@rows(
    ("no topic", ["-c", "x.conf"], "usage: headrace try"),
    ("no file", ["--topic", "t"], "usage: headrace try"),
    ("qos 3", ["-c", "x.conf", "--topic", "t", "--qos", "3"], "usage: headrace try"),
    ("two payloads", ["-c", "x.conf", "--topic", "t", "--payload", "", "--payload-file",
                      "-"], "usage: headrace try"),
    ("a filter as topic", ["-c", "x.conf", "--topic", "a/+"],
     'nobody can publish to the topic "a/+"'),
)
def test_wrong_usage_is_told(t, args, text):
    status, out, err = tried(*args)
    assert (status, out) == (2, "") and text in err, err


def test_a_bad_configuration_is_an_error(t):
    status, out, err = tried("-c", site(t, "INSERT INTO t SELECT * FRM s"),
                             "--topic", "s")
    assert (status, out) == (1, "") and "Invalid syntax" in err, err
