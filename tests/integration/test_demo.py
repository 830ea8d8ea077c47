"""`headrace demo`: no root, no configuration, ends by itself."""
import os
import shutil
import subprocess
import time

from harness import headrace_path, note


def test_demo_ends_by_itself(t):
    """As an ordinary user, without home, in an empty folder."""
    folder = t.folder("demo")
    binary = shutil.copy(headrace_path(), folder)
    os.chmod(t.dir, 0o755)
    os.chmod(folder, 0o777)
    start = time.monotonic()
    p = subprocess.run(
        [binary, "demo"], cwd=folder, env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=60, **({"user": "nobody", "group": "nogroup", "extra_groups": []}
                       if os.geteuid() == 0 else {}))
    took = time.monotonic() - start
    out = p.stdout.decode(errors="replace")
    assert p.returncode == 0, "status %d\n%s" % (p.returncode, out)
    assert took < 30, took
    assert out.strip(), "it says nothing"
    note("demo took %.1f s" % took)
    assert os.listdir(folder) == ["headrace"], os.listdir(folder)
