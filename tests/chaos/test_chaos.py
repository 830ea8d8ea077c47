"""Kill, freeze, restart each of the three under load: nothing lost."""
import random
import time

from harness import last, limit, note, rows, soak, wait_until
from test_standalone import telemetry

WINDOW = {"headrace_window_messages": 20000, "headrace_window_bytes": "8MiB"}
# A node that comes back waits until the controller has given up its former self: 9 s.
QUICK = {"broker.session.timeout.ms": "2000", "broker.heartbeat.interval.ms": "400"}


@soak
@limit(240)
def test_twenty_kills_under_load_lose_nothing(t):
    """20 x kill -9 during 5,000 messages/s, QoS 1, persistent session."""
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    kafka.create(topic)
    worker, site = t.worker(kafka), t.connector(mosquitto, telemetry(topic))
    mosquitto.open_session("site", "telemetry/+/+")
    total, kills = 125000, 0
    load = t.load(mosquitto, count=total, rate=5000, topic="telemetry/a/s%d", topics=20)
    for kills in range(1, 21):
        bridge, before = t.standalone(worker, site), kafka.count(topic)
        wanted = before + random.randrange(1, 4000)     # anywhere in its life
        wait_until(lambda: kafka.count(topic) >= wanted, 30, "it delivers after a kill")
        assert load.running(), "killed %d times only while messages came" % (kills - 1)
        bridge.kill()
    t.standalone(worker, site)
    assert load.wait(60) == 0
    got = t.drain_all(kafka, topic, total, timeout=60)
    note("%d kills: %d lost, %d of %d twice" % (kills, got["missing"], got["duplicates"],
                                                total))
    assert (got["missing"], got["corrupt"]) == (0, 0), got
    # At least once, but not more often than the broker had open: 20 for each kill, and
    # Mosquitto 2.0.11 opens a whole window per acknowledgement.
    assert got["duplicates"] < 20 * 1000, got


def away(broker, how):
    if how == "frozen":
        broker.freeze()
    elif how == "killed":
        broker.kill()
    else:
        broker.process.stop(20)


def back(broker, how):
    if how == "frozen":
        broker.thaw()
    else:
        broker.start()


@soak
@limit(150)
@rows(("stopped for 20 s", "stopped", 20), ("frozen for 8 s", "frozen", 8),
      ("killed for 5 s", "killed", 5))
def test_kafka_away_loses_nothing(t, how, seconds):
    broker, kafka = t.own_kafka(settings=QUICK)
    mosquitto, topic = t.mosquitto(options={"max_inflight_messages": 0}), t.topic()
    kafka.create(topic)
    bridge = t.standalone(t.worker(kafka), t.connector(
        mosquitto, telemetry(topic), **WINDOW))
    mosquitto.wait_subscribed("site")
    total = 2500 * (seconds + 4)
    load = t.load(mosquitto, count=total, rate=2500, window=20000)
    kafka.wait_count(topic, 2000)
    away(broker, how)
    last(seconds)
    assert bridge.running()
    memory = bridge.memory_kib("VmHWM")
    back(broker, how)
    returned = time.monotonic()
    before = kafka.count(topic)
    kafka.wait_count(topic, before + 1, 20)
    note("%s: at most %.1f MiB, first record %.1f s after the return" % (
        how, memory / 1024, time.monotonic() - returned))
    assert load.wait(60) == 0
    got = t.drain_all(kafka, topic, total, timeout=60)
    assert (got["missing"], got["corrupt"]) == (0, 0), got
    assert "san" in bridge.argv[0] or memory < (12 + 8 + 28) * 1024, memory
    assert how == "killed" or got["duplicates"] == 0, got   # idempotence
    assert bridge.stop(40) == 0, bridge.describe()


@limit(90)
def test_mosquitto_restarted_with_persistence_loses_nothing(t):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    kafka.create(topic)
    bridge = t.standalone(t.worker(kafka), t.connector(mosquitto, telemetry(topic)))
    mosquitto.wait_subscribed("site")
    load = t.load(mosquitto, count=20000, rate=3000)
    for i in range(2):
        before = kafka.count(topic)
        kafka.wait_count(topic, before + 1000)
        mosquitto.stop()
        mosquitto.start()
        mosquitto.wait_connected("site", i + 2)
    result = load.wait(60)
    assert result == 0
    got = t.drain_all(kafka, topic, 20000)
    assert (got["missing"], got["corrupt"]) == (0, 0), got
    assert bridge.stop() == 0, bridge.describe()


@limit(90)
def test_mosquitto_frozen_for_a_while_loses_nothing(t):
    kafka, mosquitto, topic = t.kafka(), t.mosquitto(), t.topic()
    kafka.create(topic)
    bridge = t.standalone(t.worker(kafka), t.connector(
        mosquitto, telemetry(topic), connect_mqtt_keep_alive=2))
    mosquitto.wait_subscribed("site")
    load = t.load(mosquitto, count=10000, rate=3000)
    kafka.wait_count(topic, 1000)
    mosquitto.process.freeze()
    port = "127.0.0.1:%d" % mosquitto.port
    bridge.wait_log(r"(?i)%s.*(answer|silent|dead|timeout|ping|keep)" % port, 15)
    mosquitto.process.thaw()
    assert load.wait(60) == 0
    got = t.drain_all(kafka, topic, 10000)
    assert (got["missing"], got["corrupt"]) == (0, 0), got
