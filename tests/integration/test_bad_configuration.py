"""Configurations that are wrong: an error with file, line and what to do, and no start."""
import re

from harness import properties_text, rows

GOOD = {
    "name": "site",
    "connector.class": "io.lenses.streamreactor.connect.mqtt.source.MqttSourceConnector",
    "connect.mqtt.hosts": "tcp://127.0.0.1:1",
    "connect.mqtt.service.quality": "1",
    "connect.mqtt.kcql": "INSERT INTO t SELECT * FROM a/#",
}


def check(t, path):
    """`headrace check` of a connector file: (exit status, output)."""
    return t.run("check", t.worker("127.0.0.1:1"), path)


def connector(t, **changes):
    """A connector file: GOOD with changes; None takes a setting away."""
    properties = dict(GOOD, **{k.replace("_", "."): v for k, v in changes.items()})
    return t.file("site.properties", properties_text(
        {k: v for k, v in properties.items() if v is not None}))


BAD = (
    ("no kcql", {"connect_mqtt_kcql": None}, r"connect\.mqtt\.kcql"),
    ("empty kcql", {"connect_mqtt_kcql": ""}, r"connect\.mqtt\.kcql"),
    ("kcql without FROM", {"connect_mqtt_kcql": "INSERT INTO t SELECT *"},
     r"(?s)expected.*FROM"),
    ("kcql with an unknown clause",
     {"connect_mqtt_kcql": "INSERT INTO t SELECT * FROM a WITHNONSENSE=1"}, "WITHNONSENSE"),
    ("kcql with an unknown converter",
     {"connect_mqtt_kcql": "INSERT INTO t SELECT * FROM a WITHCONVERTER=`com.example.Own`"},
     r"com\.example\.Own"),
    ("kcql with an open quote",
     {"connect_mqtt_kcql": "INSERT INTO t SELECT * FROM `a/b"}, "quote"),
    ("kcql with a bad filter", {"connect_mqtt_kcql": "INSERT INTO t SELECT * FROM a#/b"},
     r"a#/b"),
    ("kcql with a bad topic", {"connect_mqtt_kcql": "INSERT INTO t/x SELECT * FROM a"},
     r"t/x"),
    ("no hosts", {"connect_mqtt_hosts": None}, r"connect\.mqtt\.hosts"),
    ("unknown scheme", {"connect_mqtt_hosts": "http://x:1883"}, r"http"),
    ("bad port", {"connect_mqtt_hosts": "tcp://x:99999"}, r"99999"),
    ("bad quality", {"connect_mqtt_service_quality": "3"}, "Can be 0,1 or 2"),
    ("unknown headrace setting", {"headrace_linger": "3"}, r"headrace\.linger\.ms"),
    ("number out of range", {"headrace_linger_ms": "-1"}, r"headrace\.linger\.ms"),
    ("no number", {"headrace_window_messages": "many"}, r"many"),
    ("unknown class", {"connector_class": "com.example.Source"}, r"com\.example\.Source"),
    ("no class", {"connector_class": None}, r"connector\.class"),
    ("no name", {"name": None}, "name"),
    ("unknown transform", {"transforms": "x", "transforms_x_type": "com.example.Smt"},
     r"com\.example\.Smt"),
    ("transform without type", {"transforms": "x"}, r"transforms\.x\.type"),
    ("unknown converter", {"value_converter": "com.example.Conv"}, r"com\.example\.Conv"),
    ("forbidden producer setting",
     {"producer_override_plugin_library_paths": "/tmp/x.so"}, r"plugin\.library\.paths"),
    ("contradicting producer settings",
     {"producer_override_enable_idempotence": "true", "producer_override_acks": "0"},
     "acks|idempotence"),
)


@rows(*BAD)
def test_a_bad_connector_file_is_refused_by_check_and_start(t, changes, pattern):
    path, worker = connector(t, **changes), t.worker("127.0.0.1:1")
    for argv in ("check", worker, path), ("standalone", worker, path):
        status, out = t.run(*argv)
        assert status == 1, "%s: status %d\n%s" % (argv[0], status, out)
        assert re.search(pattern, out), "%s says nothing of %s:\n%s" % (
            argv[0], pattern, out)
        assert "site.properties" in out, "%s names no file:\n%s" % (argv[0], out)


def test_a_kcql_error_shows_the_place(t):
    status, out = check(t, connector(
        t, connect_mqtt_kcql="INSERT INTO t SELECT * FRM a/#"))
    assert status == 1, out
    assert "FRM" in out and "^" in out, out


def test_all_faults_are_told_at_once(t):
    status, out = check(t, connector(
        t, connect_mqtt_hosts="http://x", headrace_linger_ms="x", headrace_nonsense="1"))
    assert status == 1, out
    for what in "http", "headrace.linger.ms", "headrace.nonsense":
        assert what in out, out


@rows(("of the connector", {"connect_mqtt_servce_quality": "1"},
       "connect.mqtt.service.quality"),
      ("of the producer", {"producer_override_lingerms": "5"}, "lingerms"))
def test_an_unknown_setting_is_a_warning(t, changes, pattern):
    """As in Kafka Connect, which ignores it; that there is no broker is another line."""
    status, out = check(t, connector(t, **changes))
    line = [x for x in out.splitlines() if "warning" in x and pattern in x]
    assert len(line) == 1 and "site.properties:" in line[0], out


def test_a_password_is_never_shown(t):
    status, out = check(t, connector(
        t, connect_mqtt_username="u", connect_mqtt_password="s3cr3t-w0rd",
        producer_override_sasl_jaas_config='x required username="u" password="s3cr3t-w0rd"',
        headrace_linger_ms="x"))
    assert status == 1, out
    assert "s3cr3t-w0rd" not in out, out


@rows(
    ("missing worker", ["standalone", "/nonexistent/w.properties", "/nonexistent/c"],
     "/nonexistent/w.properties"),
    ("missing conf", ["run", "-c", "/nonexistent/headrace.conf"],
     "/nonexistent/headrace.conf"),
    ("missing file to check", ["check", "/nonexistent/x.properties"],
     "/nonexistent/x.properties"),
)
def test_a_missing_file_is_named(t, argv, text):
    status, out = t.run(*argv)
    assert status in (1, 2), status
    assert text in out and "No such file" in out, out


@rows(("nothing", [], 2), ("unknown command", ["strat"], 2),
      ("standalone without files", ["standalone"], 2), ("check without file", ["check"], 2),
      ("help", ["--help"], 0), ("version", ["--version"], 0),
      ("help of a command", ["standalone", "--help"], 0))
def test_usage(t, argv, expected):
    status, out = t.run(*argv)
    assert status == expected, "status %d\n%s" % (status, out)
    assert "headrace" in out, out


@rows(
    ("syntax", "worker = { ", "headrace.conf"),
    ("unknown name", 'worker = { bootstrap_severs = "x:1"; }; connectors = ();',
     "bootstrap_servers"),
    ("wrong type", "worker = { bootstrap_servers = { a = 5; }; }; connectors = ();",
     "bootstrap_servers"),
    ("binary", "\x00\x01\x02\xff", "headrace.conf"),
    ("empty", "", "headrace.conf"),
)
def test_a_bad_headrace_conf_is_refused(t, text, pattern):
    path = t.file("headrace.conf", text)
    for argv in ("check", path), ("run", "-c", path):
        status, out = t.run(*argv)
        assert status in (1, 2), "status %d\n%s" % (status, out)
        assert pattern in out, out


def test_bad_bytes_in_a_properties_file_name_the_line(t):
    path = t.file("site.properties", properties_text(GOOD).encode() + b"x=\xff\xfe\n")
    status, out = check(t, path)
    assert status == 1, out
    assert "site.properties:6" in out, out


def test_kcql_explains_statements(t):
    path = t.file("site.kcql", "INSERT INTO t SELECT a, b AS c FROM x/+ "
                  "WITHCONVERTER=`json` WITHKEY(a);\n")
    status, out = t.run("kcql", "-f", path)
    assert status == 0, out
    assert "x/+" in out, out
    status, out = t.run("kcql", "-f", t.file("bad.kcql", "INSERT INTO t SELEC * FROM x"))
    assert status == 1, out
    assert "SELEC" in out and "^" in out, out
    status, out = t.run("kcql", "INSERT INTO t SELECT * FROM a/+")
    assert status == 0 and "a/+" in out, out
