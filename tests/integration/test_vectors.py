"""What Kafka Connect and Lenses do, recorded from the originals (tests/vectors)."""
import os
import subprocess
import sys

from harness import ROOT, headrace_path

VECTORS = os.path.join(ROOT, "tests/vectors")


def agree(t, name, *skipped):
    """All cases of a file but those with these tags give the expected result."""
    cases = os.path.join(VECTORS, name + ".jsonl")
    ran = subprocess.run([headrace_path(), "try", "--jsonl", cases], capture_output=True,
                         timeout=120)
    results = t.file(name + ".results", ran.stdout.decode())
    argv = [sys.executable, os.path.join(VECTORS, "compare.py"), cases, results]
    for tag in skipped:
        argv += ["--skip-tag", tag]
    compared = subprocess.run(argv, capture_output=True, timeout=120)
    assert compared.returncode == 0, "%s\n%s" % (compared.stdout.decode()[-8000:],
                                                 ran.stderr.decode()[-2000:])


def test_kafka_side_converters_agree_with_kafka_connect(t):
    agree(t, "converters", "lone-surrogate")


def test_transforms_agree_with_kafka_connect(t):
    agree(t, "transforms", "java-regex")
