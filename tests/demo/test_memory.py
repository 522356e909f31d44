"""The memory figure counts a process and what it started."""

from __future__ import annotations

import os
import subprocess
import sys

from pushsvc.demo.memory import Peak, descendants, tree_pss

EATER = "x = bytearray(64 << 20); print('ready', flush=True); input()"


def test_a_child_is_counted() -> None:
    before = tree_pss(os.getpid())
    with subprocess.Popen([sys.executable, "-c", EATER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert child.pid in descendants(os.getpid())
        after = tree_pss(os.getpid())
        child.kill()
    assert before is not None
    assert after is not None
    assert after - before > 50


def test_the_peak_never_falls() -> None:
    peak = Peak()
    peak.mb = 1e9
    peak.look(os.getpid())
    assert peak.mb == 1e9
