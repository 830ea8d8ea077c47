"""What the integration, Kafka and chaos tests share.

A test is a function `test_x(t)` (`t` is a Test) in tests/*/test_*.py; `tests/run` runs each
in a process of its own by run_test.  It starts brokers and headrace through `t`, waits for
conditions (never for times), and asserts.  What it has started ends with it, also when it
is killed.
"""
import ctypes
import glob
import json
import math
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("HEADRACE_BUILD", os.path.join(ROOT, "build"))
TOOLS = os.path.join(ROOT, "build", "tools")
SLOW = float(os.environ.get("HEADRACE_SLOW", "1"))      # factor for all time limits
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
# What a program prints when something is wrong with itself, whatever its exit status.
BROKEN = re.compile(r"Sanitizer: |: runtime error: |Assertion .* failed|\*\*\* stack smash"
                    r"|double free|malloc\(\): |buffer overflow detected")


# ---- decorators that tests/run reads ----

def limit(seconds):
    """Time limit of a test; 60 s without."""
    def mark(f):
        f.limit = seconds
        return f
    return mark


def soak(f):
    """A long test: left out by `tests/run --short`."""
    f.soak = True
    return f


def rows(*table):
    """Runs the test once per row; a row is (name, argument...)."""
    def mark(f):
        f.rows = table
        return f
    return mark


class Skip(Exception):
    pass


def skip(reason):
    """Ends the test as skipped; with CI=true that is a failure."""
    raise Skip(reason)


def note(text):
    """A line that is shown although the test passes."""
    print("NOTE " + text, flush=True)


# ---- waiting ----

def wait_until(condition, timeout=10, what=None):
    """Returns the first true result of condition()."""
    end = time.monotonic() + timeout * SLOW
    pause = 0.002
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError("after %g s still not: %s" % (
                timeout * SLOW, what or getattr(condition, "__name__", "condition")))
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def last(seconds):
    """For a fault or a silence that is to last; never to wait for something."""
    time.sleep(seconds)


def free_port():
    """A free TCP port of the loopback, outside of the kernel's ephemeral range, so that
    no outgoing connection takes it while its server is down for a moment."""
    for _ in range(1000):
        port = random.randrange(12000, 32000)
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")


def accepts(port):
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", port)) == 0


# ---- processes ----

def die_with_parent(parent):
    """In the child, between fork and exec."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


class Process:
    """A program that runs beside the test, its output (both streams) in a file."""

    def __init__(self, name, argv, log, env=None, cwd=None):
        self.name, self.argv, self.log = name, argv, log
        self.ours = False       # did we send the signal that ends it?
        parent = os.getpid()
        with open(log, "ab") as out:
            self.log_start = out.tell()
            self.started = time.monotonic()
            self.p = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                env=dict(os.environ, **env) if env else None, cwd=cwd,
                preexec_fn=lambda: die_with_parent(parent))
        self.pid = self.p.pid

    def running(self):
        return self.p.poll() is None

    def output(self):
        """What this run has printed."""
        with open(self.log, "rb") as f:
            f.seek(self.log_start)
            return f.read().decode(errors="replace")

    def wait_log(self, pattern, timeout=10):
        """Until the output matches; the match."""
        def look():
            ended = not self.running()
            m = re.search(pattern, self.output(), re.MULTILINE)
            if not m and ended:
                raise AssertionError("%s ended (%s) before it said: %s" % (
                    self.name, self.describe(), pattern))
            return m
        return wait_until(look, timeout, "%s says: %s" % (self.name, pattern))

    def describe(self):
        status = self.p.returncode
        if status is None:
            return "running"
        if status < 0:
            return signal.Signals(-status).name
        return "exit status %d" % status

    def signal(self, sig):
        if self.running():
            self.p.send_signal(sig)

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def wait(self, timeout=10):
        """Its exit status (minus the signal)."""
        try:
            return self.p.wait(timeout * SLOW)
        except subprocess.TimeoutExpired:
            raise AssertionError("%s did not end within %g s" % (
                self.name, timeout * SLOW)) from None

    def stop(self, timeout=10):
        """SIGTERM; its exit status."""
        self.ours = True
        self.signal(signal.SIGTERM)
        return self.wait(timeout)

    def kill(self):
        """kill -9"""
        self.ours = True
        self.signal(signal.SIGKILL)
        self.p.wait()

    def cpu_s(self):
        """User and system time so far; by the scheduler's ns where it tells them, since
        a tick is 10 ms.  (Those do not count threads that have ended.)"""
        ns = 0
        for path in glob.glob("/proc/%d/task/*/schedstat" % self.pid):
            try:
                with open(path) as f:
                    ns += int(f.read().split()[0])
            except OSError:
                pass
        if ns:
            return ns / 1e9
        with open("/proc/%d/stat" % self.pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_kib(self, field="VmRSS"):
        """VmRSS now, VmHWM at most."""
        with open("/proc/%d/status" % self.pid) as f:
            return int(re.search(field + r":\s+(\d+)", f.read()).group(1))


class Mosquitto:
    """A Mosquitto on a free port; stop, kill and start keep port and data.

    persistence   keep sessions and queued messages over a restart
    users         {"name": "password"}; without, everybody may connect
    options       lines of mosquitto.conf: {"max_inflight_messages": 0}
    """

    def __init__(self, t, persistence=True, users=None, options=None):
        if not shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin"):
            skip("mosquitto is not installed (scripts/deps check)")
        self.dir = t.folder("mosquitto")
        self.port = free_port()
        self.log = os.path.join(self.dir, "mosquitto.log")
        self.uri = "tcp://127.0.0.1:%d" % self.port
        self.t, self.process = t, None
        conf = {
            "listener": "%d 127.0.0.1" % self.port,
            "allow_anonymous": "false" if users else "true",
            "persistence": str(persistence).lower(),
            "persistence_location": self.dir + "/",
            "log_type": "error\nlog_type warning\nlog_type notice\nlog_type information"
                        "\nlog_type subscribe\nlog_type unsubscribe",
            "log_dest": "stderr",
            "max_queued_messages": 1000000,
            "sys_interval": 0,
        }
        if os.geteuid() == 0:
            conf["user"] = "root"       # or it could not write to its folder
        if users:
            conf["password_file"] = self.write_passwords(users)
        conf.update(options or {})
        self.conf = os.path.join(self.dir, "mosquitto.conf")
        with open(self.conf, "w") as f:
            f.writelines("%s %s\n" % kv for kv in conf.items())

    def write_passwords(self, users):
        path = os.path.join(self.dir, "passwords")
        with open(path, "w") as f:
            f.writelines("%s:%s\n" % kv for kv in users.items())
        subprocess.run(["mosquitto_passwd", "-U", path], check=True)
        return path

    def start(self):
        self.process = self.t.spawn("mosquitto", ["mosquitto", "-c", self.conf], self.log)
        wait_until(lambda: accepts(self.port), 10, "mosquitto accepts connections")
        return self

    def stop(self):
        """It writes its persistent data first."""
        self.process.stop()

    def kill(self):
        self.process.kill()

    def output(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def subscriptions(self, client_id):
        """The filters that this client has subscribed to, over all runs, in order."""
        return re.findall(r"^\d+: %s [012] (.*)$" % re.escape(client_id), self.output(),
                          re.MULTILINE)

    def wait_subscribed(self, client_id, times=1, timeout=10):
        wait_until(lambda: self.t.alive() and
                   len(self.subscriptions(client_id)) >= times, timeout,
                   "%s has subscribed at Mosquitto" % client_id)

    def wait_connected(self, client_id, times=1, timeout=10):
        """Has it connected so many times, over all runs?"""
        sign = re.compile(r"New client connected from \S+ as %s " % re.escape(client_id))
        wait_until(lambda: self.t.alive() and
                   len(sign.findall(self.output())) >= times, timeout,
                   "%s has connected to Mosquitto %d times" % (client_id, times))

    def client(self, user=None, password=None):
        """Arguments of mosquitto_pub and mosquitto_sub."""
        args = ["-h", "127.0.0.1", "-p", str(self.port)]
        return args + (["-u", user, "-P", password] if user else [])

    def publish(self, topic, payload, qos=1, retain=False):
        subprocess.run(["mosquitto_pub", *self.client(), "-t", topic, "-q", str(qos),
                        "-s" if payload else "-n", *(["-r"] if retain else [])],
                       input=payload.encode() if isinstance(payload, str) else payload,
                       check=True, timeout=20)

    def open_session(self, client_id, *filters, qos=1):
        """A persistent session that queues: connect, subscribe, go away."""
        argv = ["mosquitto_sub", *self.client(), "-i", client_id, "-c", "-q", str(qos),
                "-E", "-V", "mqttv311"]
        for f in filters:
            argv += ["-t", f]
        subprocess.run(argv, check=True, timeout=20)


class Record:
    """A Kafka record; key and value are bytes or None."""

    def __init__(self, line):
        d = json.loads(line)
        self.topic, self.partition, self.offset = d["topic"], d["partition"], d["offset"]
        self.timestamp = d["timestamp"]
        self.key, self.value = unhex(d["key"]), unhex(d["value"])
        self.headers = [(name, unhex(value)) for name, value in d["headers"]]

    def __repr__(self):
        return "Record(%s-%d@%d %r: %r)" % (self.topic, self.partition, self.offset,
                                            self.key, self.value)


def unhex(text):
    return None if text is None else bytes.fromhex(text)


class Kafka:
    """A client of a Kafka broker, by the tool kafka_io."""

    def __init__(self, bootstrap, properties=()):
        self.bootstrap = bootstrap
        self.properties = properties

    def io(self, *args, text="", timeout=30):
        argv = [tool("kafka_io"), "--bootstrap", self.bootstrap]
        for p in self.properties:
            argv += ["--set", p]
        p = subprocess.run([*argv, *map(str, args)], input=text.encode(),
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           timeout=timeout * SLOW)
        if p.returncode:
            raise AssertionError("%s: %s" % (" ".join(argv[0:1] + list(map(str, args))),
                                             p.stderr.decode(errors="replace")))
        return p.stdout.decode()

    def create(self, topic, partitions=1, **settings):
        """Settings with '_' for '.'."""
        self.io("create", topic, partitions, *("%s=%s" % (k.replace("_", "."), v)
                                               for k, v in settings.items()))

    def count(self, topic):
        """Sum of the end offsets; -1: no such topic."""
        return int(self.io("end", topic))

    def read(self, topic):
        """All its records, partition by partition."""
        return [Record(line) for line in self.io("read", topic).splitlines()]

    def produce(self, topic, key, value, partition=-1):
        def hexed(b):
            return None if b is None else (b.encode() if isinstance(b, str) else b).hex()
        self.io("produce", topic, text=json.dumps(
            {"key": hexed(key), "value": hexed(value), "partition": partition}) + "\n")

    def setting(self, topic, name):
        return self.io("setting", topic, name).strip()

    def wait_count(self, topic, n, timeout=20):
        wait_until(lambda: self.count(topic) >= n, timeout,
                   "%s has %d records" % (topic, n))


def tool(name):
    path = os.path.join(TOOLS, name)
    if not os.access(path, os.X_OK):
        raise AssertionError("%s is not built: make tools" % path)
    return path


def headrace_path():
    path = os.path.join(BUILD, "headrace")
    if not os.access(path, os.X_OK):
        raise AssertionError("%s is not built: make" % path)
    return path


def properties_text(properties):
    """A .properties file; values are escaped."""
    return "".join("%s=%s\n" % (k, str(v).replace("\\", "\\\\"))
                   for k, v in properties.items())


class Test:
    """One running test: its folder, its processes, its clean-up."""

    def __init__(self, name):
        self.name = name
        self.dir = tempfile.mkdtemp(prefix="headrace-test-")
        self.token = "%08x" % random.getrandbits(32)    # makes names of topics unique
        self.processes, self.closers = [], []

    # -- files

    def folder(self, name):
        for i in range(1000):
            path = os.path.join(self.dir, name if i == 0 else "%s-%d" % (name, i))
            if not os.path.exists(path):
                os.mkdir(path)
                return path
        raise RuntimeError("too many folders")

    def file(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "wb") as f:
            f.write(text.encode() if isinstance(text, str) else text)
        return path

    def topic(self, name="t"):
        return "%s-%s" % (name, self.token)

    # -- processes

    def spawn(self, name, argv, log=None, env=None):
        p = Process(name, list(map(str, argv)),
                    log or os.path.join(self.dir, "%s-%d.log" % (
                        name, len(self.processes))), env)
        self.processes.append(p)
        return p

    def mosquitto(self, **kwargs):
        return Mosquitto(self, **kwargs).start()

    def kafka(self):
        """The broker that all tests share: do not hurt it."""
        bootstrap = os.environ.get("HEADRACE_TEST_KAFKA")
        if not bootstrap:
            skip(os.environ.get("HEADRACE_TEST_KAFKA_MISSING", "no Kafka was started"))
        return Kafka(bootstrap)

    def own_kafka(self, **kwargs):
        """(a broker to freeze, kill and restart; its client)"""
        import kafka_broker
        broker = kafka_broker.Broker(log=os.path.join(self.dir, "kafka.log"), **kwargs)
        self.closers.append(broker.stop)
        broker.start()
        return broker, Kafka(broker.bootstrap)

    def headrace(self, *args, env=None):
        return self.spawn("headrace", [headrace_path(), *args], env=env)

    def worker(self, kafka, **settings):
        """Path of a worker.properties; settings with '_' for '.'."""
        properties = {
            "bootstrap.servers": getattr(kafka, "bootstrap", kafka),
            "key.converter": "org.apache.kafka.connect.storage.StringConverter",
            "value.converter": "org.apache.kafka.connect.converters.ByteArrayConverter",
            "offset.storage.file.filename": os.path.join(self.dir, "connect.offsets"),
            "offset.flush.interval.ms": 1000,
        }
        properties.update((k.replace("_", "."), v) for k, v in settings.items())
        return self.file("worker.properties", properties_text(properties))

    def connector(self, mosquitto, kcql, name="site", qos=1, clean="false", file=None,
                  **settings):
        """Path of a connector.properties as a Kafka Connect user has it."""
        properties = {
            "name": name,
            "connector.class": "com.datamountaineer.streamreactor.connect.mqtt.source"
                               ".MqttSourceConnector",
            "tasks.max": 1,
            "connect.mqtt.hosts": getattr(mosquitto, "uri", mosquitto),
            "connect.mqtt.service.quality": qos,
            "connect.mqtt.clean": clean,
            "connect.mqtt.client.id": name,
            "connect.mqtt.kcql": kcql,
        }
        properties.update((k.replace("_", "."), v) for k, v in settings.items())
        return self.file(file or name + ".properties", properties_text(properties))

    def standalone(self, worker, *connectors, env=None):
        return self.headrace("standalone", worker, *connectors, env=env)

    def run(self, *args, timeout=20, env=None):
        """A headrace command that ends by itself: (exit status, output)."""
        p = self.headrace(*args, env=env)
        return p.wait(timeout), p.output()

    def load(self, mosquitto, **options):
        """Starts mqtt_load; options as there, by their long names."""
        argv = [tool("mqtt_load"), "--port", mosquitto.port]
        for k, v in options.items():
            argv += ["--" + k.replace("_", "-")] + ([] if v is True else [v])
        return self.spawn("mqtt_load", argv)

    def publish_all(self, mosquitto, timeout=60, **options):
        """Runs mqtt_load to its end; what it counted."""
        return result_of(self.load(mosquitto, **options), timeout)

    def drain(self, kafka, topic, count, timeout=30, **options):
        """Starts kafka_drain: reads until `count` different numbers have come."""
        argv = [tool("kafka_drain"), "--bootstrap", kafka.bootstrap, "--count", count,
                "--timeout", math.ceil(timeout * SLOW)]
        for k, v in options.items():
            argv += ["--" + k.replace("_", "-")] + ([] if v is True else [v])
        return self.spawn("kafka_drain", [*argv, topic])

    def drain_all(self, kafka, topic, count, timeout=30, **options):
        return result_of(self.drain(kafka, topic, count, timeout, **options), timeout + 10)

    # -- the end

    def alive(self):
        """For conditions that wait for headrace: fails when it has ended by itself."""
        for p in self.processes:
            if p.name == "headrace" and not p.running() and not p.ours:
                raise AssertionError("headrace ended: " + p.describe())
        return True

    def check_processes(self):
        """Nothing crashed, no sanitizer spoke."""
        for p in self.processes:
            status = p.p.poll()
            assert status is None or status >= 0 or p.ours, \
                "%s ended by %s" % (p.name, p.describe())
            if p.name == "headrace":
                m = BROKEN.search(p.output())
                assert not m, "headrace said: %s" % m.group(0)

    def show(self):
        shown = set()
        for p in self.processes:
            if p.log in shown:
                continue
            shown.add(p.log)
            with open(p.log, errors="replace") as f:
                lines = f.read().splitlines()
            print("---- %s (%s): %s" % (p.name, p.describe(), " ".join(p.argv)))
            if len(lines) > 60:
                print("... %d lines" % (len(lines) - 60))
            print("\n".join(lines[-60:]))
        sys.stdout.flush()

    def close(self):
        for p in reversed(self.processes):
            if p.running():
                p.kill()
        for closer in self.closers:
            closer()
        shutil.rmtree(self.dir, ignore_errors=True)


def result_of(process, timeout):
    """A tool prints one JSON object at its end and exits with 0."""
    status = process.wait(timeout)
    assert status == 0, "%s: %s\n%s" % (process.name, process.describe(),
                                        process.output())
    return json.loads(process.output().splitlines()[-1])


def run_test(f, args, spec):
    """The exit status of a test process: 0 passed, 1 failed, 77 skipped."""
    def ended(*_):
        raise SystemExit("time limit")
    signal.signal(signal.SIGTERM, ended)
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    t = Test(spec)
    try:
        f(t, *args)
        for p in t.processes:
            if p.name == "headrace" and p.running():
                p.stop(20)
        t.check_processes()
        return 0
    except Skip as e:
        print(e)
        return 77
    except BaseException:
        traceback.print_exc(file=sys.stdout)
        t.show()
        return 1
    finally:
        t.close()
