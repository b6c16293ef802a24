"""The search for garbage: rare, and not among what is there to stay."""

from __future__ import annotations

import subprocess
import sys

ASK = """\
import gc
before = gc.get_threshold()
from watch.garbage import YOUNG, look_later, look_less
look_later()
assert not gc.isenabled()
look_less()
assert gc.get_threshold() == (YOUNG, *before[1:]) != before, gc.get_threshold()
assert gc.isenabled() and gc.get_freeze_count() > 1000
"""


def test_it_is_looked_for_seldom_but_it_is_looked_for() -> None:
    subprocess.run([sys.executable, "-c", ASK], check=True, timeout=60)
