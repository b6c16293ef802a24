"""The lock that makes a watch the only one of its place, and what it tells of one that hangs."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Lock:
    """An exclusive lock on a file, held until the process ends however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1

    def acquire(self) -> bool:
        """Whether we are the only one; never waits."""
        self._file = os.open(
            self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
        )
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            return False
        os.truncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode())
        return True

    def held(self) -> bool:
        """Whether some process holds it now."""
        try:
            file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
        return False

    def holder(self) -> str:
        """The number of the process that took it last; "" when nobody wrote one down."""
        try:
            said = self._path.read_text("ascii", "replace").strip()
        except OSError:
            return ""
        return said if said.isdigit() else ""


def log_of(process: str) -> str:
    """The file a process writes its complaints to; "" where that is no file, or can't be seen."""
    try:
        target = Path(f"/proc/{process}/fd/2").readlink()
    except OSError:
        return ""
    return str(target) if target.is_file() else ""
