"""headrace kcql: what it tells people and programs."""
import json
import os
import subprocess

from harness import ROOT, headrace_path

VECTORS = os.path.join(ROOT, "tests/vectors/kcql.jsonl")
STATEMENT = ("INSERT INTO alarms SELECT code, text AS message FROM site/+/alarm/# "
             "WITHCONVERTER=`json` WITHKEY(code) WITHTAG(site = north, _.topic.2 AS room)")


def kcql(*args, text=""):
    """(exit status, standard output, standard error)"""
    p = subprocess.run([headrace_path(), "kcql", *args], input=text.encode(),
                       capture_output=True, timeout=20)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def jsonl(texts, *args):
    status, out, err = kcql("--jsonl", *args, text="".join(json.dumps(s) + "\n" for s in texts))
    assert (status, err) == (0, ""), (status, err)
    return [json.loads(line) for line in out.splitlines()]


def properties(reading):
    """The statements of an expectation; None: refused."""
    statements = reading.get("statements") or [reading.get("statement", reading)]
    if any("error" in s for s in statements):
        return None
    hints = ("lexer_dropped", "unread", "internal")
    return [{k: v for k, v in s.items() if k not in hints} for s in reading.get(
        "statements", statements)]


def expected(row):
    own = row["lenses"] if row["headrace"] == "same" else row["headrace"]
    return None if "error" in row else properties(own)


def table_of_vectors():
    with open(VECTORS, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def lacks_avro():
    """Is this a build without AvroConverter?"""
    answer = jsonl(["INSERT INTO t SELECT * FROM a WITHCONVERTER=avro"])[0]
    return "unknown_converter" in answer["bind"]


def test_programs_get_what_the_vectors_say(t):
    table = table_of_vectors()
    no_avro = lacks_avro()
    for row, got in zip(table, jsonl([r["in"] for r in table])):
        assert got.get("statements") == expected(row), (row, got)
        if "error" in row:
            assert {k: got["error"].get(k) for k in row["error"]} == row["error"], (row, got)
        else:
            assert sorted(got["warnings"]) == sorted(row["warn"]), (row, got)
            if no_avro and "AvroConverter" in row["in"]:
                continue
            assert sorted(got["bind"]) == sorted(row["bind"]), (row, got)


def test_programs_get_lenses_reading_in_strict_mode(t):
    table = table_of_vectors()
    for row, got in zip(table, jsonl([r["in"] for r in table], "--strict-lenses")):
        assert got.get("statements") == properties(row["lenses"]), (row, got)


def test_people_read_what_happens_to_a_message(t):
    status, out, err = kcql(STATEMENT)
    assert (status, err) == (0, ""), (status, err)
    for line in ("subscribe  site/+/alarm/#", "produce    alarms", "value      code, text as message",
                 "key        code", 'headers    site = "north", room = _.topic.2'):
        assert line in out, out
    assert "JsonSimpleConverter" in out
    assert "warning: line 1 column 27: lenses_ignores:SELECT" in out
    assert 'Lenses reads source "site/+/alarm/"' in out


def test_people_read_where_the_fault_is(t):
    status, out, err = kcql("INSERT INTO t SELECT * FROM a WHERE b > 3")
    assert (status, out) == (1, "")
    assert err.startswith("Invalid syntax. SQL:INSERT INTO t"), err
    assert err.endswith("\n" + 30 * " " + "^\n"), err
    status, out, err = kcql("INSERT INTO t/u SELECT * FROM a WITHREGEX=`[`")
    assert status == 1
    assert "error: line 1 column 13: bad_topic_name: 't/u'" in err, err
    assert "error: line 1 column 33: bad_regex: '['" in err, err


def test_statements_come_from_a_file_or_standard_input(t):
    path = t.file("site.kcql", "-- two routes\n" + STATEMENT + ";\nINSERT INTO $ SELECT * FROM b;\n")
    assert kcql("-f", path)[:2] == kcql("-f", "-", text=open(path).read())[:2]
    assert "statement 2, line 3" in kcql("-f", path)[1]
    status, out, err = kcql("-f", path + ".absent")
    assert status == 1 and path in err, err
    assert kcql("--strict-lenses", "-f", path)[0] == 1      # Lenses has no comments


def test_wrong_usage_is_told_from_wrong_statements(t):
    for args in ((), ("--nonsense",), ("-f",), ("a", "b"), ("--jsonl", "a"), ("-f", "a", "b")):
        status, out, err = kcql(*args)
        assert (status, out) == (2, "") and "usage:" in err, (args, err)
    assert kcql("--help")[0] == 0
    status, out, _ = kcql("--jsonl", text='"INSERT INTO t SELECT * FROM a"\nnonsense\n')
    assert status == 1
    assert [sorted(json.loads(x)) for x in out.splitlines()] == [
        ["bind", "statements", "warnings"], ["error"]]
