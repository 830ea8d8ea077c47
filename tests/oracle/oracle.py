"""Kafka Connect's own classes, for tests: compiles and runs tests/oracle/java.

Needs java; the jars come once from Maven Central by pom.xml (with mvn) and are kept where
kafka_broker.py keeps those of the broker.  `missing()` says why there can be none.
"""
import glob
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "tests/kafka")]
import kafka_broker  # noqa: E402

JARS = os.path.join(kafka_broker.CACHE, "connect-" + kafka_broker.VERSION)
SETTINGS = ["-Duser.timezone=UTC", "-Duser.language=en", "-Duser.country=US",
            "-XX:+UseSerialGC", "-Xshare:auto", "-Xss8m"]


def missing():
    """None, or why it cannot run here.  Fetches the jars when needed."""
    if not shutil.which("java"):
        return "java is not installed (scripts/deps check)"
    if glob.glob(os.path.join(JARS, "connect-api-*.jar")):
        return None
    if not shutil.which("mvn"):
        return "the jars of Kafka Connect are not in %s and mvn is not installed" % JARS
    return kafka_broker.fetch(os.path.join(HERE, "pom.xml"), JARS)


def class_path():
    return ":".join(sorted(glob.glob(os.path.join(JARS, "*.jar"))))


def compile_into(folder):
    """The compiler is one of the jars: a JRE is enough."""
    sources = sorted(glob.glob(os.path.join(HERE, "java/*.java")))
    subprocess.run(["java", "-jar", glob.glob(os.path.join(JARS, "ecj-*.jar"))[0],
                    "--release", "17", "-nowarn", "-cp", class_path(), "-d", folder,
                    *sources], check=True)


def argv(folder, main, *args):
    """Of a class that compile_into has left in the folder."""
    return ["java", *SETTINGS, "-cp", folder + ":" + class_path(), main, *map(str, args)]
