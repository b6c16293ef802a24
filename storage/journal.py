"""An append-only file of JSON lines, each with its checksum: on the disk before `append` returns.

    {"seq":7,…,"flushed":1834,"crc":"5f0c11aa"}

A line counts if it is whole and its CRC-32 is right; it is the one of all bytes before `,"crc"`.
`flushed` is how many bytes of the file were on the disk for certain when the line was written;
lines of older versions do without.

What a crash or a full disk tore is without its newline, or has NULs where blocks never came to the
disk. A disk takes blocks in any order, so whole lines may follow, as long as all were written
before the next flush: each says that what is torn was not flushed then. From the first torn line on
everything is discarded when the file is opened, and said. Whatever else does not count is no crash
but damage, and the file is refused: the line may say that a step was begun.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.database import Fault, RecordsError, os_error

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """What a journal holds: its lines in order, how many bytes they take, how many are torn."""

    lines: tuple[dict[str, Any], ...]
    size: int
    torn_bytes: int = 0


class Journal:
    """One journal, open for appending. For one thread at a time."""

    def __init__(self, path: Path, descriptor: int, read: Read) -> None:
        self.path = path
        self.lines = read.lines
        self.torn_bytes = read.torn_bytes
        self._descriptor = descriptor
        self._size = read.size
        self._flushed = 0  # how much of it is on the disk for certain
        self._ragged = False  # the file may go on after `_size`

    @classmethod
    def begin(cls, path: Path, *first: Line) -> Journal:
        """A new journal with its `first` lines, on the disk; it must not exist. RecordsError."""
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise os_error(error, path) from error
        journal = cls(path, descriptor, Read((), 0))
        try:
            journal.append(first)
            flush_directory(path.parent)
        except BaseException:
            journal.close()
            path.unlink(missing_ok=True)
            raise
        return journal

    @classmethod
    def open(cls, path: Path) -> Journal:
        """The journal at `path` with all its lines; a torn end is cut off. RecordsError.

        They are on the disk then: whoever wrote them may have been killed before the flush.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError as error:
            raise os_error(error, path) from error
        try:
            read = read_journal(path)
            journal = cls(path, descriptor, read)
            if read.torn_bytes:
                journal._cut()
            else:
                journal._flush()
        except BaseException:
            os.close(descriptor)
            raise
        return journal

    def append(self, lines: Sequence[Line], *, durable: bool = True) -> None:
        """Add `lines`; with `durable` they, and all before them, are on the disk afterwards.

        Raises RecordsError, and then none of them is in the file; where they can't be taken out of
        it either (a disk that only fails), the next `append` takes them out before it adds any.
        """
        if self._ragged:
            self._cut()
        written = b"".join(packed(line, self._flushed) for line in lines)
        try:
            self._ragged = True
            _write_all(self._descriptor, written, self._size)
            if durable:
                os.fsync(self._descriptor)
        except OSError as error:
            # At once: they are refused, and must not be true after a restart.
            with suppress(RecordsError):
                self._cut()
            raise os_error(error, self.path) from error
        self._size += len(written)
        self._ragged = False
        if durable:
            self._flushed = self._size

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _cut(self) -> None:
        """Take away what follows the last line that counts."""
        try:
            os.ftruncate(self._descriptor, self._size)
        except OSError as error:
            raise os_error(error, self.path) from error
        self._flush()
        self._ragged = False

    def _flush(self) -> None:
        """Have all lines on the disk."""
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise os_error(error, self.path) from error
        self._flushed = self._size


def read_journal(path: Path) -> Read:
    """The journal at `path`, only read. RecordsError where it can't be, or is damaged."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise os_error(error, path) from error
    lines: list[dict[str, Any]] = []
    size, torn = 0, 0
    for number, raw in enumerate(content.splitlines(keepends=True), 1):
        line = _unpacked(raw)
        if line is None and _is_torn(raw):
            torn = torn or number
        elif line is None:
            raise _damaged(path, number, "and no crash leaves it like that")
        elif not torn:
            lines.append(line.facts)
            size += len(raw)
        elif line.flushed is None or line.flushed > size:
            raise _damaged(path, torn, "and whole ones follow it that were written later")
    return Read(tuple(lines), size, len(content) - size)


def _is_torn(raw: bytes) -> bool:
    """Whether a crash can have made a line what it is; JSON itself has no NULs."""
    return not raw.endswith(b"\n") or b"\0" in raw


def _damaged(path: Path, number: int, why: str) -> RecordsError:
    todo = "restore it from a backup; decide the run's open steps by hand"
    return RecordsError(Fault.CORRUPT, f"{path}:{number}: the line is damaged, {why}", todo)


def packed(line: Line, flushed: int) -> bytes:
    """A line as it stands in the file, of which the first `flushed` bytes are on the disk."""
    text = json.dumps(line, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # Python's names of files that are no UTF-8 hold lone surrogates; json.loads reads them back.
    body = b'%s,"flushed":%d' % (text[:-1].encode(errors="surrogatepass"), flushed)
    return b'%s,"crc":"%08x"}\n' % (body, zlib.crc32(body))


def flush_directory(path: Path) -> None:
    """Make sure that new names in a directory are on the disk. RecordsError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise os_error(error, path) from error


_CRC_BYTES = len(b',"crc":"00000000"}\n')
_FLUSHED = re.compile(rb',"flushed":(\d{1,18})\Z', re.ASCII)


@dataclass(frozen=True, slots=True)
class _Whole:
    """A line that counts; `flushed` is None where an older version wrote it."""

    facts: dict[str, Any]
    flushed: int | None


def _unpacked(raw: bytes) -> _Whole | None:
    """The line without what we added to it; None where it does not count."""
    body = raw[:-_CRC_BYTES]
    if raw[-_CRC_BYTES:] != b',"crc":"%08x"}\n' % zlib.crc32(body):
        return None
    mark = _FLUSHED.search(body)
    try:
        line = json.loads((body[: mark.start()] if mark else body) + b"}")
    except ValueError:
        return None
    return _Whole(line, int(mark[1]) if mark else None) if isinstance(line, dict) else None


def _write_all(descriptor: int, content: bytes, at: int) -> None:
    view = memoryview(content)
    while view:
        written = os.pwrite(descriptor, view, at)
        view, at = view[written:], at + written
