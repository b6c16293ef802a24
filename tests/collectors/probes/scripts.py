"""Runs a probe's script over a host made of files, with commands of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from collectors.runner import Answer

from ..conftest import write


def run(script: str, root: Path, commands: Mapping[str, str], asked_at: int = 0) -> Answer:
    """What `script` answers where `commands` (name to shell text) come first in PATH."""
    for name, text in commands.items():
        write(root / "bin" / name, text, executable=True)
    path = f"{root}/bin:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=60, check=False,
        env={"PATH": path, "LC_ALL": "C", "TWINWATCH_ROOT": str(root)},
    )  # fmt: skip
    return Answer("p", done.returncode, done.stdout, False, asked_at, asked_at)
