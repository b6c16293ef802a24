"""Where `--output` goes: a file whole or not at all, or whatever else has that name.

A name that people give may be a pipe, a terminal or /dev/null: these are written to. Renaming a
file onto one would take it away, and with /dev/null what every program of the machine relies on.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from watch.error import WatchError

_STDOUT = 1


def write_output(path: Path, content: bytes) -> None:
    """Write `content` to `path`, through whatever links it is. Raises WatchError.

    A file is replaced in one step and keeps its mode; a new one is 0600. A pipe or a device is
    written to; a pipe waits for who reads it. Standard output by a name of it, such as /dev/stdout,
    goes on where it stands: a log that it is appended to keeps what is in it.
    """
    try:
        mode = _mode(path)
        if mode is not None and _is_stdout(path):
            with open(_STDOUT, "wb", closefd=False) as file:
                file.write(content)
        elif mode is None or stat.S_ISREG(mode):
            _replace(path.resolve(strict=False), content, mode)
        else:
            _pour(path, content)  # a pipe without a name has none to resolve to: /dev/stdout
    except OSError as error:
        why, do = error.strerror or str(error), "make room, or write it elsewhere"
        raise WatchError("the snapshot can't be written", str(path), why, do) from None


def _is_stdout(path: Path) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(_STDOUT))
    except OSError:  # there is none
        return False


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _replace(path: Path, content: bytes, mode: int | None) -> None:
    from snapshots.file import write_whole

    if mode is not None and not os.access(path, os.W_OK):
        path.open("ab").close()  # whoever may not write to it may not replace it: the same error
    write_whole(path, content)
    if mode is not None:
        path.chmod(stat.S_IMODE(mode))


def _pour(path: Path, content: bytes) -> None:
    # Without O_CREAT: what is not there any more must not become a file half way.
    with open(os.open(path, os.O_WRONLY), "wb") as file:  # noqa: PTH123 - of a descriptor
        file.write(content)
