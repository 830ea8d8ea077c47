"""`headrace run`: the appliance's configuration, the checkpoint in a topic."""
import json

from harness import note, wait_until


def conf(t, kafka, mosquitto, offsets, kcql, extra=""):
    t.file("site.kcql", kcql)
    return t.file("headrace.conf", """
# one connector
worker = {
  state_dir = "%s";
  bootstrap_servers = "%s";
  offset_storage_topic = "%s";
  offset_storage_partitions = 5;
  offset_storage_replication_factor = 1;
  offset_flush_interval_ms = 200;
};
connectors = ( {
  name = "site";
  connector_class = "headrace.MqttSource";
  connect_mqtt_hosts = "%s";
  connect_mqtt_service_quality = 1;
  connect_mqtt_client_id = "site";
  kcql_file = "site.kcql";
  value_converter = "org.apache.kafka.connect.converters.ByteArrayConverter";
  key_converter = "org.apache.kafka.connect.storage.StringConverter";
  %s
} );
""" % (t.dir, kafka.bootstrap, offsets, mosquitto.uri, extra))


def checkpoints(kafka, offsets):
    """[(partition, key, value)] of the topic."""
    return [(r.partition, json.loads(r.key), json.loads(r.value))
            for r in kafka.read(offsets)]


def last_count(kafka, offsets):
    return max([v["messages"] for _, _, v in checkpoints(kafka, offsets)], default=0) \
        if kafka.count(offsets) > 0 else 0


def test_the_checkpoint_is_in_the_offsets_topic_and_a_restart_reads_it(t):
    kafka, mosquitto = t.kafka(), t.mosquitto()
    topic, offsets = t.topic(), t.topic("connect-offsets")
    path = conf(t, kafka, mosquitto, offsets,
                "-- all of the site\nINSERT INTO %s SELECT * FROM site/#;\n" % topic)
    for i in range(2):
        bridge = t.headrace("run", "-c", path)
        mosquitto.wait_connected("site", i + 1)
        mosquitto.wait_subscribed("site")
        t.publish_all(mosquitto, count=100, first=100 * i, topic="site/a")
        wait_until(lambda: last_count(kafka, offsets) == 100 * (i + 1), 15,
                   "the offsets topic counts %d messages" % (100 * (i + 1)))
        assert bridge.stop() == 0, bridge.describe()
    assert kafka.setting(offsets, "cleanup.policy") == "compact"
    got = t.drain_all(kafka, topic, 200)
    assert (got["distinct"], got["duplicates"]) == (200, 0), got
    found = checkpoints(kafka, offsets)
    name, partition = found[0][1]
    assert name == "site" and partition["client"] == "site", found
    assert partition["broker"] == "127.0.0.1:%d" % mosquitto.port, found
    assert len({p for p, _, _ in found}) == 1, "one key, one partition: %s" % found


def test_the_checkpoint_counts_over_reconnects(t):
    kafka, mosquitto = t.kafka(), t.mosquitto()
    topic, offsets = t.topic(), t.topic("connect-offsets")
    bridge = t.headrace("run", "-c", conf(t, kafka, mosquitto, offsets,
                                          "INSERT INTO %s SELECT * FROM site/#" % topic))
    for i in range(2):
        mosquitto.wait_connected("site", i + 1)
        mosquitto.wait_subscribed("site")
        t.publish_all(mosquitto, count=100, first=100 * i, topic="site/a")
        kafka.wait_count(topic, 100 * (i + 1))
        if i == 0:
            mosquitto.stop()    # perhaps before the count is stored
            mosquitto.start()
    assert bridge.stop() == 0, bridge.describe()
    assert last_count(kafka, offsets) == 200, checkpoints(kafka, offsets)


def test_check_says_that_a_configuration_is_good(t):
    kafka, mosquitto = t.kafka(), t.mosquitto()
    path = conf(t, kafka, mosquitto, t.topic("offsets"),
                "INSERT INTO a SELECT * FROM site/#")
    status, out = t.run("check", path)
    assert status == 0, out
    assert "error" not in out, out


def test_broken_records_in_the_offsets_topic_do_no_harm(t):
    kafka, mosquitto = t.kafka(), t.mosquitto()
    topic, offsets = t.topic(), t.topic("connect-offsets")
    kafka.create(offsets, 5, cleanup_policy="compact")
    for key, value in (
            ("nonsense", "{"), ('["site",{"client":"site"}]', "not json"), ("", ""),
            (b"\xff\xfe\x00", b"\x00"), ('["site",', '{"messages":1}'),
            ('["other",{"filename":"x"}]', '{"position":7}'), ("[]", "[]"), ("null", "null"),
            ('["site",{"client":"site","broker":"127.0.0.1:%d"}]' % mosquitto.port,
             '{"messages":-5}'),
            ('["site",{"client":"site","broker":"127.0.0.1:%d"}]' % mosquitto.port,
             '{"messages":"' + 100000 * "9" + '"}'),
            ('["site",{"client":"site","broker":"127.0.0.1:%d"}]' % mosquitto.port,
             "[" * 5000)):
        kafka.produce(offsets, key, value)
    bridge = t.headrace("run", "-c", conf(t, kafka, mosquitto, offsets,
                                          "INSERT INTO %s SELECT * FROM site/#" % topic))
    mosquitto.wait_subscribed("site", timeout=20)
    t.publish_all(mosquitto, count=100, topic="site/a")
    kafka.wait_count(topic, 100)
    assert bridge.stop() == 0, bridge.describe()
    assert offsets in bridge.output(), "a broken checkpoint is worth a line"


def test_an_offsets_topic_that_is_not_compacted_is_refused(t):
    kafka, mosquitto = t.kafka(), t.mosquitto()
    offsets = t.topic("connect-offsets")
    kafka.create(offsets, 1, cleanup_policy="delete")
    status, out = t.run("run", "-c", conf(t, kafka, mosquitto, offsets,
                                          "INSERT INTO a SELECT * FROM site/#"))
    assert status in (1, 2), status
    assert offsets in out and "compact" in out and "cleanup.policy" in out, out


def test_start_is_quick(t):
    """Subscribed within 50 ms of exec, the first record in Kafka within 100 ms."""
    import time

    from fake_broker import PUBACK, FakeBroker, publish

    kafka, topic, best = t.kafka(), t.topic(), None
    kafka.create(topic)

    def script(c):
        c.accept()
        c.grant()
        broker.event("subscribed %d" % c.number)
        c.send(publish("site/a", b"first"))
        c.expect(PUBACK)
        broker.event("delivered %d" % c.number)
        c.wait_closed()

    broker = FakeBroker(script)
    path = conf(t, kafka, broker, t.topic("offsets"),
                "INSERT INTO %s SELECT * FROM site/#" % topic,
                'headrace_mqtt_version = "3.1.1";')
    for i in range(5):      # the best of five: the machine may be busy
        start = time.monotonic()
        bridge = t.headrace("run", "-c", path)
        wait_until(lambda: broker.when("delivered %d" % i), 10)
        times = [1000 * (broker.when("%s %d" % (name, i)) - start)
                 for name in ("subscribed", "delivered")]
        best = min(best or times, times)
        bridge.stop()
    note("subscribed %.0f ms after exec, first record confirmed after %.0f ms" % tuple(best))
    if "san" not in bridge.argv[0]:
        assert best[0] <= 50 and best[1] <= 100, best
