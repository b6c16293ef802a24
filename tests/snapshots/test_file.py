"""A report on the disk: whole or absent, with real processes that are really killed."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from snapshots.file import write_whole

#: Writes ever other content, whose first line is the hash of the rest, until it is killed.
WRITER = """
import hashlib, sys
from pathlib import Path
from snapshots.file import write_whole
path, number = Path(sys.argv[1]), 0
print("ready", flush=True)
while True:
    body = bytes([65 + number % 26]) * (200_000 + 77_777 * (number % 50))
    write_whole(path, hashlib.sha256(body).hexdigest().encode() + b"\\n" + body)
    number += 1
    print(number, flush=True)
"""


def killed_after(path: Path, writes: int, seconds: float) -> None:
    """Kill a writer some time after it has written so often."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)],
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        stdout=subprocess.PIPE,
    )
    assert writer.stdout is not None
    try:
        for _ in range(1 + writes):
            writer.stdout.readline()
        try:
            writer.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            pass
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()


@pytest.mark.parametrize("round_", range(12))
def test_a_file_is_whole_or_absent_whenever_its_writer_is_killed(
    tmp_path: Path, round_: int
) -> None:
    path = tmp_path / "handover.html"
    killed_after(path, writes=round_ % 3, seconds=0.0007 * round_)
    if round_ % 3:
        assert path.exists()
    if path.exists():
        head, body = path.read_bytes().split(b"\n", 1)
        assert hashlib.sha256(body).hexdigest().encode() == head


def test_nobody_else_may_read_it_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "handover.json"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_what_can_t_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "handover.json"
    path.mkdir()
    with pytest.raises(OSError):
        write_whole(path, b"one")
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "none" / "x", b"one")


def test_its_bytes_and_then_its_name_are_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill leaves the kernel's buffers whole, a power cut does not: what is asked of the disk,
    and in what order, is all that can be seen of that here."""
    path = tmp_path / "handover.json"
    path.write_bytes(b"old")
    asked: list[tuple[int, int, bytes]] = []
    fsync = os.fsync

    def recorded(descriptor: int) -> None:
        said = os.fstat(descriptor)
        asked.append((said.st_ino, said.st_size, path.read_bytes()))
        fsync(descriptor)

    monkeypatch.setattr("snapshots.file.os.fsync", recorded)
    write_whole(path, b"new bytes")
    (file, size, before), (directory, _, after) = asked
    assert (file, size, before) == (path.stat().st_ino, len(b"new bytes"), b"old")
    assert (directory, after) == (tmp_path.stat().st_ino, b"new bytes")


def test_where_nothing_can_be_flushed_the_old_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "handover.json"
    path.write_bytes(b"old")

    def refused(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("snapshots.file.os.fsync", refused)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
