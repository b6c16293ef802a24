"""`twinwatch` without a verb, on terminals of all kinds."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

TWINWATCH = str(Path(sys.executable).parent / "twinwatch")


@pytest.mark.parametrize(
    ("term", "why"), [("dumb", "TERM=dumb can't move a cursor"), ("", "TERM is not set")]
)
def test_a_terminal_that_cannot_show_the_console_gets_text_and_one_line_of_why(
    tmp_path: Path, watch_socket: Path, term: str, why: str
) -> None:
    ours, theirs = pty.openpty()
    environ = {**os.environ, "HOME": str(tmp_path), "TERM": term, "LC_ALL": "C.UTF-8"}
    if not term:
        del environ["TERM"]
    with subprocess.Popen(
        [TWINWATCH, "--socket", str(watch_socket)],
        stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, text=True, env=environ,
    ) as console:  # fmt: skip
        os.close(theirs)
        said = b""
        try:
            while block := os.read(ours, 65536):
                said += block
        except OSError:  # Linux ends a pseudo-terminal so
            pass
        _, complaint = console.communicate(timeout=30)
    os.close(ours)
    assert console.returncode == 0
    assert complaint.count("\n") == 1 and why in complaint
    assert b"\x1b" not in said
    assert "Problems: 2" in said.decode()
