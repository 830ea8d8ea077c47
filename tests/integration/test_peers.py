"""Peers that are away, refuse, or talk nonsense: said clearly, nothing lost, no crash."""
from fake_broker import PUBACK, FakeBroker, packet, publish
from harness import Kafka, Mosquitto, free_port, last, limit, rows, wait_until
from test_standalone import telemetry


def test_mqtt_away_is_said_and_mended(t):
    kafka, topic, mosquitto = t.kafka(), t.topic(), Mosquitto(t)
    bridge = t.standalone(t.worker(kafka), t.connector(mosquitto, telemetry(topic)))
    bridge.wait_log(r"(?i)127\.0\.0\.1:%d.*refused" % mosquitto.port)
    assert bridge.running()
    mosquitto.start()
    mosquitto.wait_subscribed("site")
    t.publish_all(mosquitto, count=100)
    assert t.drain_all(kafka, topic, 100)["distinct"] == 100


def test_an_unknown_host_is_said(t):
    bridge = t.standalone(t.worker(t.kafka()), t.connector(
        "tcp://no-such-host.invalid:1883", telemetry(t.topic())))
    bridge.wait_log(r"no-such-host\.invalid", timeout=20)
    assert bridge.running()
    assert bridge.stop() == 0, bridge.describe()


def test_the_second_host_is_tried(t):
    kafka, topic, mosquitto = t.kafka(), t.topic(), t.mosquitto()
    t.standalone(t.worker(kafka), t.connector(
        "tcp://127.0.0.1:%d,%s" % (free_port(), mosquitto.uri), telemetry(topic)))
    mosquitto.wait_subscribed("site")


@rows(("wrong password", "bridge", "wrong"), ("unknown user", "nobody", "right"),
      ("no user", None, None))
def test_a_refused_login_fails_the_task(t, user, password):
    kafka, mosquitto = t.kafka(), t.mosquitto(users={"bridge": "right"})
    settings = {"connect_mqtt_username": user, "connect_mqtt_password": password} \
        if user else {}
    bridge = t.standalone(t.worker(kafka), t.connector(
        mosquitto, telemetry(t.topic()), **settings))
    assert bridge.wait(15) == 1, bridge.describe()
    out = bridge.output()
    assert "127.0.0.1:%d" % mosquitto.port in out, out
    assert "not authori" in out or "password" in out, out
    assert "wrong" not in out.split(), "a password in the log:\n" + out


def test_the_right_password_works(t):
    kafka, topic, mosquitto = t.kafka(), t.topic(), t.mosquitto(users={"bridge": "right"})
    t.standalone(t.worker(kafka), t.connector(
        mosquitto, telemetry(topic), connect_mqtt_username="bridge",
        connect_mqtt_password="right"))
    mosquitto.wait_subscribed("site")
    t.publish_all(mosquitto, count=10, user="bridge", password="right")
    kafka.wait_count(topic, 10)


GOOD = publish("telemetry/a/b", b"good", id=7)


@rows(
    ("second connack", b"\x20\x02\x00\x00"),
    ("topic is not utf-8", publish(b"telemetry/\xff\xfe/b", b"x")),
    ("topic with a wildcard", publish("telemetry/+/b", b"x")),
    ("empty topic", publish("", b"x")),
    ("topic with a zero byte", publish("telemetry/\x00/b", b"x")),
    ("packet id 0", publish("telemetry/a/b", b"x", id=0)),
    ("qos 3", packet(0x36, b"\x00\x01a\x00\x01x")),
    ("publish too short", packet(0x32, b"\x00")),
    ("topic longer than the packet", packet(0x32, b"\xff\xff" + b"a" * 10)),
    ("length of five bytes", b"\x32\xff\xff\xff\xff\x7f"),
    ("packet type 0", b"\x00\x00"),
    ("a packet that only clients send", b"\x10\x00"),
    ("reserved flags", b"\x63\x02\x00\x01"),
    ("suback that nobody asked for", b"\x90\x03\x12\x34\x01"),
    ("noise", bytes(range(255, 0, -1))),
)
def test_a_malformed_packet_ends_the_connection_only(t, bad):
    kafka, topic = t.kafka(), t.topic()

    def script(c):
        c.accept()
        c.grant()
        if c.number == 0:
            c.send(bad)
            c.wait_closed()
            broker.event("closed")
            return
        c.send(GOOD)
        assert c.expect(PUBACK) == b"\x00\x07"
        broker.event("acknowledged")
        c.wait_closed()

    broker = FakeBroker(script)
    bridge = t.standalone(t.worker(kafka), t.connector(broker, telemetry(topic)))
    wait_until(lambda: broker.when("closed"), 10, "it closes the connection")
    bridge.wait_log(r"(?i)malformed|protocol|unexpected|invalid")
    assert str(broker.port) in bridge.output()
    wait_until(lambda: broker.when("acknowledged"), 10, "it comes back")
    assert [r.value for r in kafka.read(topic)] == [b"good"]


@rows(("connack of one byte", b"\x20\x01\x00"), ("publish before connack", GOOD),
      ("no connack, closed", b""), ("http", b"HTTP/1.1 400 Bad Request\r\n\r\n"))
def test_a_bad_greeting_is_tried_again(t, greeting):
    kafka, topic = t.kafka(), t.topic()

    def script(c):
        if c.number == 0:
            c.expect(0x10)
            c.send(greeting)
            if greeting:
                c.wait_closed()
            return
        c.accept()
        c.grant()
        broker.event("subscribed")
        c.wait_closed()

    broker = FakeBroker(script)
    bridge = t.standalone(t.worker(kafka), t.connector(broker, telemetry(topic)))
    wait_until(lambda: broker.when("subscribed"), 10, "it comes back")
    assert str(broker.port) in bridge.output()


@limit(90)
def test_the_same_malformed_packet_for_ever_fails_the_task(t):
    def script(c):
        c.accept()
        c.grant()
        c.send(publish("telemetry/+/b", b"x"))
        c.wait_closed()

    broker = FakeBroker(script)
    bridge = t.standalone(t.worker(t.kafka()), t.connector(broker, telemetry(t.topic())))
    assert bridge.wait(50) == 1, bridge.describe()
    assert str(broker.port) in bridge.output()


def test_a_packet_split_at_every_byte_is_read(t):
    kafka, topic = t.kafka(), t.topic()
    wire = b"".join(publish("telemetry/a/b", b"%d" % i, id=i) for i in range(1, 6))

    def script(c):
        c.accept()
        c.grant()
        for i in range(len(wire)):
            c.send(wire[i:i + 1])
        for i in range(1, 6):
            assert c.expect(PUBACK) == bytes([0, i])
        broker.event("done")
        c.wait_closed()

    broker = FakeBroker(script)
    t.standalone(t.worker(kafka), t.connector(broker, telemetry(topic)))
    wait_until(lambda: broker.when("done"), 10)
    assert [r.value for r in kafka.read(topic)] == [b"1", b"2", b"3", b"4", b"5"]


def test_a_refused_subscription_fails_the_task(t):
    def script(c):
        c.accept()
        c.grant(0x80)
        c.wait_closed()

    broker = FakeBroker(script)
    bridge = t.standalone(t.worker(t.kafka()), t.connector(
        broker, telemetry(t.topic(), "secret/#")))
    assert bridge.wait(15) == 1, bridge.describe()
    assert "secret/#" in bridge.output() and "refused" in bridge.output()


def test_a_lost_connection_repeats_nothing_that_is_still_held(t):
    """The broker sends a message again with DUP after a reconnect while Kafka is slow."""
    broker_k, kafka = t.own_kafka()
    topic = t.topic()
    kafka.create(topic)

    def script(c):
        c.accept(session_present=c.number > 0)
        if c.number == 0:
            c.grant()
            c.send(publish("telemetry/a/b", b"first", id=1))
            kafka.wait_count(topic, 1)
            c.expect(PUBACK)
            broker_k.freeze()
            c.send(publish("telemetry/a/b", b"again", id=2))
            last(0.3)   # it has read the message
            broker.event("sent")
            return      # the connection ends without an acknowledgement
        c.send(publish("telemetry/a/b", b"again", id=2, dup=True))
        broker_k.thaw()
        assert c.expect(PUBACK) == b"\x00\x02"
        broker.event("acknowledged")
        c.wait_closed()

    broker = FakeBroker(script)
    bridge = t.standalone(t.worker(kafka), t.connector(
        broker, telemetry(topic), headrace_linger_ms=0))
    wait_until(lambda: broker.when("acknowledged"), 20)
    values = [r.value for r in kafka.read(topic)]
    assert values[0] == b"first" and set(values[1:]) == {b"again"}, values


@limit(90)
def test_kafka_away_at_the_start_is_said_and_mended(t):
    import kafka_broker
    broker = kafka_broker.Broker(log=t.dir + "/kafka.log")
    t.closers.append(broker.stop)
    topic, mosquitto = t.topic(), t.mosquitto()
    mosquitto.open_session("site", "telemetry/+/+")
    t.publish_all(mosquitto, count=1000)
    bridge = t.standalone(t.worker(broker.bootstrap),
                          t.connector(mosquitto, telemetry(topic)))
    bridge.wait_log(r"(?i)kafka.*127\.0\.0\.1:%d|127\.0\.0\.1:%d.*kafka" % (
        broker.port, broker.port))
    assert bridge.running()
    broker.start()
    got = t.drain_all(Kafka(broker.bootstrap), topic, 1000)
    assert (got["missing"], got["corrupt"]) == (0, 0), got
