"""A real Apache Kafka (one KRaft node) for tests.

Needs java; its jars come once from Maven Central by pom.xml (with mvn) and are kept in
$HEADRACE_TEST_CACHE, by default ~/.cache/headrace-tests.  `missing()` says why there can be
none.  A Broker ends with the process that started it.
"""
import glob
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "integration"))
import harness  # noqa: E402

VERSION = "3.9.1"
CACHE = os.environ.get("HEADRACE_TEST_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "headrace-tests")
JARS = os.path.join(CACHE, "kafka-" + VERSION)
CLUSTER_ID = "aGVhZHJhY2UtdGVzdHMtMQ"     # 16 bytes in base64, as Kafka wants it

SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "num.partitions": "1",
    "num.network.threads": "2",
    "num.io.threads": "2",
    "log.cleaner.dedupe.buffer.size": "2097152",
    "log.segment.bytes": "67108864",
    "controlled.shutdown.enable": "false",
}
LOG4J = """log4j.rootLogger=WARN, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=%d{HH:mm:ss,SSS} %-5p %c{1} %m%n
log4j.logger.kafka.server.KafkaRaftServer=INFO
log4j.logger.kafka.server.KafkaConfig=ERROR
"""


def missing():
    """None, or why no broker can be started here.  Fetches the jars when needed."""
    if not shutil.which("java"):
        return "java is not installed (scripts/deps check)"
    if glob.glob(os.path.join(JARS, "kafka_2*.jar")):
        return None
    if not shutil.which("mvn"):
        return "the jars of Kafka are not in %s and mvn is not installed" % JARS
    return fetch()


def fetch(pom=os.path.join(HERE, "pom.xml"), jars=JARS):
    """None, or why it failed.  The folder appears whole or not at all."""
    os.makedirs(CACHE, exist_ok=True)
    new = tempfile.mkdtemp(prefix="fetch-", dir=CACHE)
    p = subprocess.run(
        ["mvn", "-B", "-q", "-f", pom,
         "dependency:copy-dependencies", "-DincludeScope=runtime",
         "-DoutputDirectory=" + new],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if p.returncode == 0 and not os.path.isdir(jars):
        os.rename(new, jars)
    shutil.rmtree(new, ignore_errors=True)
    if os.path.isdir(jars):
        return None
    lines = p.stdout.decode(errors="replace").strip().splitlines() or ["no output"]
    return "mvn could not fetch the jars of %s: %s" % (pom, lines[0])


class Broker:
    """One node; `bootstrap` is host:port of its plaintext listener (anonymous, all rights).

    settings     broker settings on top of SETTINGS, "a.b": "c"
    users        {"name": "password"}: opens a SASL/PLAIN listener, `bootstrap_sasl`,
                 whose users have no rights beyond those given by `allow` (ACLs)
    allow        ACL-less names that may do all: ["name"]
    data         the folder of the log; kept over stop and start
    """

    def __init__(self, settings=None, users=None, allow=(), data=None, log=None):
        self.dir = data or tempfile.mkdtemp(prefix="headrace-kafka-")
        self.own_dir = data is None
        self.log = log or os.path.join(self.dir, "kafka.log")
        self.process = None
        self.port, controller = harness.free_port(), harness.free_port()
        self.bootstrap = "127.0.0.1:%d" % self.port
        listeners = ["PLAINTEXT://" + self.bootstrap]
        self.settings = dict(SETTINGS)
        if users:
            self.bootstrap_sasl = "127.0.0.1:%d" % harness.free_port()
            listeners.append("SASL_PLAINTEXT://" + self.bootstrap_sasl)
            self.settings.update(sasl(users, allow))
        self.settings.update({
            "listeners": ",".join(listeners + ["CONTROLLER://127.0.0.1:%d" % controller]),
            "advertised.listeners": ",".join(listeners),
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,"
                "SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.quorum.voters": "1@127.0.0.1:%d" % controller,
            "log.dirs": os.path.join(self.dir, "log"),
        })
        self.settings.update(settings or {})

    def start(self, timeout=60):
        """Returns when it takes requests."""
        why = missing()
        if why:
            harness.skip("no Kafka: " + why)
        self.write_files()
        jars = sorted(glob.glob(os.path.join(JARS, "*.jar")))
        self.process = harness.Process(
            "kafka",
            ["java", "-Xmx512m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
             "-Xshare:auto", "-Djava.awt.headless=true",
             "-Dlog4j.configuration=file:" + os.path.join(self.dir, "log4j.properties"),
             "-cp", ":".join(jars), "kafka.Kafka",
             os.path.join(self.dir, "server.properties")], self.log)
        self.process.wait_log(r"Kafka Server started", timeout)

    def write_files(self):
        log_dir = self.settings["log.dirs"]
        os.makedirs(log_dir, exist_ok=True)
        write(os.path.join(self.dir, "log4j.properties"), LOG4J)
        write(os.path.join(self.dir, "server.properties"), "".join(
            "%s=%s\n" % kv for kv in sorted(self.settings.items())))
        meta = os.path.join(log_dir, "meta.properties")
        if not os.path.exists(meta):    # what `kafka-storage format` writes, without a JVM
            write(meta, "version=1\nnode.id=1\ncluster.id=%s\n" % CLUSTER_ID)

    def freeze(self):
        self.process.freeze()

    def thaw(self):
        self.process.thaw()

    def kill(self):
        self.process.kill()

    def restart(self):
        """On the same data and ports."""
        if self.process.running():
            self.process.stop(20)
        self.start()

    def stop(self):
        """For good: its data goes too."""
        if self.process:
            self.process.kill()     # nobody needs its data any more
        if self.own_dir:
            shutil.rmtree(self.dir, ignore_errors=True)


def sasl(users, allow):
    """Settings of a SASL/PLAIN listener; who is not in `allow` needs ACLs."""
    jaas = "org.apache.kafka.common.security.plain.PlainLoginModule required %s;" % " ".join(
        'user_%s="%s"' % kv for kv in sorted(users.items()))
    return {
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl_plaintext.plain.sasl.jaas.config": jaas,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": ";".join("User:" + u for u in ["ANONYMOUS", *allow]),
    }


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


def main():
    """Starts one by hand: prints its address and waits for end of file or a signal."""
    why = missing()
    if why:
        sys.exit("kafka_broker: " + why)
    start = time.monotonic()
    broker = Broker()
    broker.start()
    print("%s (%.1f s)" % (broker.bootstrap, time.monotonic() - start), flush=True)
    try:
        sys.stdin.read()
    finally:
        broker.stop()


if __name__ == "__main__":
    main()
