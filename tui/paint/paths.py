"""Where a file is comes last: a banner that begins with a long path is cut before what is wrong."""

from __future__ import annotations

import re

#: A file of a message: its directories, its name, and its line if that is said.
_FILE = re.compile(r"(?:^|(?<=[\s'\"(]))(?P<directory>/(?:[^\s:/]+/)+)(?P<name>[^\s:/]+\.\w+)")
#: A message that begins with `file:line:`; its directories may have blanks.
_PLACED = re.compile(r"^(?P<directory>/[^:]*/)(?P<name>[^/:]+)(?=:\d+: )")


def named_first(text: str) -> str:
    """`text` with files by their names alone, and the directories behind everything else."""
    directories: list[str] = []

    def name(found: re.Match[str]) -> str:
        directory = found["directory"].rstrip("/")
        if directory not in directories:
            directories.append(directory)
        return found["name"]

    short = _FILE.sub(name, _PLACED.sub(name, text, count=1))
    return f"{short} · in {', '.join(directories)}" if directories else short
