"""What a Kafka broker may answer: no topic, no rights, too large, wrong password."""
from harness import Kafka, limit, rows, wait_until
from test_standalone import telemetry


@limit(90)
def test_a_topic_that_cannot_be_created_fails_the_task_and_loses_nothing(t):
    _, kafka = t.own_kafka(settings={"auto.create.topics.enable": "false"})
    mosquitto, topic = t.mosquitto(), t.topic()
    worker, site = t.worker(kafka), t.connector(mosquitto, telemetry(topic))
    mosquitto.open_session("site", "telemetry/+/+")
    t.publish_all(mosquitto, count=100)
    bridge = t.standalone(worker, site)
    assert bridge.wait(50) == 1, bridge.describe()
    out = bridge.output()
    assert topic in out and "topic.creation" in out, out
    kafka.create(topic)
    t.standalone(worker, site)
    got = t.drain_all(kafka, topic, 100)
    assert (got["missing"], got["corrupt"]) == (0, 0), got


@limit(90)
def test_topic_creation_makes_the_topic_as_asked(t):
    _, kafka = t.own_kafka(settings={"auto.create.topics.enable": "false"})
    mosquitto, topic = t.mosquitto(), t.topic()
    t.standalone(t.worker(kafka), t.connector(
        mosquitto, telemetry(topic), topic_creation_default_partitions=3,
        topic_creation_default_replication_factor=1,
        topic_creation_default_retention_ms=86400000))
    mosquitto.wait_subscribed("site")
    t.publish_all(mosquitto, count=100)
    got = t.drain_all(kafka, topic, 100)
    assert got["distinct"] == 100, got
    assert kafka.setting(topic, "retention.ms") == "86400000"
    assert len({r.partition for r in kafka.read(topic)}) > 1


@rows(("by the producer", {"producer_override_max_request_size": 5000}, {}),
      ("by the topic", {}, {"max_message_bytes": 5000}))
@limit(60)
def test_a_too_large_message_fails_the_task_and_is_not_acknowledged(t, settings, topic_settings):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    kafka.create(topic, **topic_settings)
    worker = t.worker(kafka)
    site = t.connector(mosquitto, telemetry(topic), errors_tolerance="none",
                       producer_override_compression_type="none", **settings)
    mosquitto.open_session("site", "telemetry/+/+")
    t.publish_all(mosquitto, count=1, size=20000)
    t.publish_all(mosquitto, count=10, first=1)
    bridge = t.standalone(worker, site)
    assert bridge.wait(20) == 1, bridge.describe()
    out = bridge.output()
    assert "telemetry/a/b" in out or topic in out, out
    assert "max.message.bytes" in out or "max.request.size" in out \
        or "message.max.bytes" in out, "what to do?\n" + out
    # Nothing was acknowledged: with larger limits all of it comes.
    big = t.topic("big")
    kafka.create(big)
    t.standalone(worker, t.connector(mosquitto, telemetry(big)))
    got = t.drain_all(kafka, big, 11)
    assert got["missing"] == 0, got


@rows(("by the producer", {"producer_override_max_request_size": 5000}, {}),
      ("by the topic", {}, {"max_message_bytes": 5000}))
def test_a_too_large_message_is_skipped_when_errors_are_tolerated(t, settings, topic_settings):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    kafka.create(topic, **topic_settings)
    bridge = t.standalone(t.worker(kafka), t.connector(
        mosquitto, telemetry(topic), errors_tolerance="all",
        producer_override_compression_type="none", **settings))
    mosquitto.wait_subscribed("site")
    t.publish_all(mosquitto, count=5)
    t.publish_all(mosquitto, count=1, first=5, size=20000)
    t.publish_all(mosquitto, count=5, first=6)
    got = t.drain_all(kafka, topic, 11, timeout=3)
    wait_until(lambda: kafka.count(topic) == 10, 5, "ten records are there")
    assert got["missing"] == 1, got
    assert topic in bridge.output(), "a skipped message is worth a line"
    assert bridge.stop() == 0, bridge.describe()


JAAS = ('org.apache.kafka.common.security.plain.PlainLoginModule required username="%s" '
        'password="%s";')


def secured(broker, user, password):
    return {"producer_override_bootstrap_servers": broker.bootstrap_sasl,
            "producer_override_security_protocol": "SASL_PLAINTEXT",
            "producer_override_sasl_mechanism": "PLAIN",
            "producer_override_sasl_jaas_config": JAAS % (user, password)}


@limit(120)
def test_logins_and_rights(t):
    """One broker for all of it: right, wrong password, no rights."""
    broker, kafka = t.own_kafka(users={"bridge": "right", "guest": "guest"},
                                allow=["bridge"])
    mosquitto, topic = t.mosquitto(), t.topic()
    kafka.create(topic)
    worker = t.worker(broker.bootstrap_sasl)

    def start(user, password):
        return t.standalone(worker, t.connector(
            mosquitto, telemetry(topic), **secured(broker, user, password)))

    mosquitto.open_session("site", "telemetry/+/+")
    t.publish_all(mosquitto, count=100)

    bridge = start("bridge", "s3cr3t-but-wrong")    # said, tried again, nothing lost
    bridge.wait_log(r"(?i)authentication", timeout=20)
    assert bridge.running()
    assert "s3cr3t" not in bridge.output(), bridge.output()
    bridge.stop()

    bridge = start("guest", "guest")
    assert bridge.wait(40) == 1, bridge.describe()
    out = bridge.output()
    assert topic in out and ("ACL" in out or "authori" in out), out

    start("bridge", "right")
    got = t.drain_all(kafka, topic, 100)
    assert (got["missing"], got["duplicates"]) == (0, 0), got


def test_records_go_where_java_would_put_them(t):
    """The murmur2 partitioner: numbers taken from Java's Utils.murmur2."""
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    kafka.create(topic, 4)
    t.standalone(t.worker(kafka), t.connector(
        mosquitto, telemetry(topic), headrace_key="topic"))
    mosquitto.wait_subscribed("site")
    topics = ["telemetry/a/s%d" % i for i in range(40)]
    t.publish_all(mosquitto, count=40, topic="telemetry/a/s%d", topics=40)
    kafka.wait_count(topic, 40)
    got = {r.key.decode(): r.partition for r in kafka.read(topic)}
    assert got == {name: (murmur2(name.encode()) & 0x7fffffff) % 4 for name in topics}


def murmur2(data):
    """org.apache.kafka.common.utils.Utils.murmur2, as unsigned."""
    m, mask = 0x5bd1e995, 0xffffffff
    h = 0x9747b28c ^ len(data)
    for i in range(0, len(data) - 3, 4):
        k = int.from_bytes(data[i:i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = h * m & mask ^ k
    tail = data[len(data) & ~3:]
    if tail:
        h = (h ^ int.from_bytes(tail, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def test_compression_and_batches_are_real(t):
    """What is sent by default is readable by every consumer: lz4, magic 2."""
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    t.standalone(t.worker(kafka), t.connector(mosquitto, telemetry(topic)))
    mosquitto.wait_subscribed("site")
    t.publish_all(mosquitto, count=5000, size=1000)
    assert t.drain_all(Kafka(kafka.bootstrap), topic, 5000)["corrupt"] == 0
