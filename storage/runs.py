"""The folder of runs: a journal each, what their steps printed, and an index to find them by.

    runs/ID.jsonl        the journal: the record of the run
    runs/ID.out/NAME     what one attempt printed, secrets redacted
    runs/ID.pin/f@NAME   files that the run is pinned to
    runs/ID.notes/NAME   what was found out about it besides
    runs/locks.json      epochs and owners of locks
    runs/index.db        rows for the list of runs; made anew from the journals at any time

Everything is private: 0700 and 0600.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from storage.database import Fault, RecordsError, os_error
from storage.journal import Journal, Line, flush_directory, read_journal

#: A run's id, or a name within one: it becomes part of a path.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+%-]{0,200}", re.ASCII)

#: How a pinned file is called after: its quoted name, or, where that is too long for the name of a
#: file, its sha256, with the quoted name as first line. A quoted name has no "@".
_BY_NAME, _BY_DIGEST = "f@", "d@"
_LONGEST_PINNED = 180


@dataclass(frozen=True, slots=True)
class Kept:
    """How much of an attempt's output is kept, in bytes, and the sha256 of what was asked about."""

    size: int
    sha256: str


class RunFolder:
    """Runs in `directory`, which is made when the first one is begun."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    # --- journals ---------------------------------------------------------------------------------

    def ids(self) -> tuple[str, ...]:
        """Every run there is a journal of, oldest id first."""
        return tuple(sorted(path.stem for path in self.directory.glob("*.jsonl")))

    def claim(self, run: str) -> None:
        """Make the id this run's own, before anything is kept under it.

        RecordsError, also where there is, or was to be, another run of that id.
        """
        place = self.directory / f"{_checked(run)}.pin"
        try:
            if self._path(run).exists():
                raise FileExistsError(errno.EEXIST, "a run of that id is on record")
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.mkdir(mode=0o700)
        except OSError as error:
            raise os_error(error, place) from error

    def give_back(self, run: str) -> None:
        """Let go of an id that was claimed for a run that does not begin, and of what was kept
        under it; what has a journal stays."""
        with suppress(OSError):  # of a journal that can't be looked for nobody knows
            if not self._path(run).exists():
                shutil.rmtree(self.directory / f"{run}.pin", ignore_errors=True)

    def begin(self, run: str, first: Line) -> Journal:
        """A journal for a new run. RecordsError."""
        return Journal.begin(self._path(run), first)

    def open(self, run: str) -> Journal:
        """The journal of a run, to go on with. RecordsError."""
        return Journal.open(self._path(run))

    def discard(self, run: str) -> None:
        """Set aside a journal that has not one whole line. RecordsError."""
        path = self._path(run)
        try:
            path.replace(path.with_suffix(".torn"))
        except OSError as error:
            raise os_error(error, path) from error

    def read(self, run: str) -> tuple[dict[str, Any], ...]:
        """The lines of a run's journal. RecordsError."""
        return read_journal(self._path(run)).lines

    def size(self, run: str) -> int:
        """The bytes of a run's journal, by which the index knows that it has grown; 0 for none."""
        try:
            return self._path(run).stat().st_size
        except OSError:
            return 0

    # --- output -----------------------------------------------------------------------------------

    def keep_output(self, run: str, name: str, at: int, piece: bytes) -> Kept:
        """Put `piece` where the output had `at` bytes; what lies behind was never on record.

        `sha256` is of the piece. RecordsError, maybe with a part of it there: the next piece is
        put at `at` again, over it.
        """
        path = self._output(run, name)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                os.ftruncate(descriptor, at)
                view, place = memoryview(piece), at
                while view:
                    written = os.pwrite(descriptor, view, place)
                    view, place = view[written:], place + written
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise os_error(error, path) from error
        return Kept(at + len(piece), hashlib.sha256(piece).hexdigest())

    def seal_output(self, run: str, name: str, size: int) -> Kept:
        """The sha256 of the output's first `size` bytes, which is all that is on record of it."""
        path = self._output(run, name)
        digest, left = hashlib.sha256(), size
        try:
            with path.open("rb") as file:
                while left and (piece := file.read(min(left, 1 << 20))):
                    digest.update(piece)
                    left -= len(piece)
        except FileNotFoundError:
            return Kept(0, digest.hexdigest())
        except OSError as error:
            raise os_error(error, path) from error
        return Kept(size - left, digest.hexdigest())

    def output(self, run: str, name: str, offset: int, limit: int) -> bytes:
        """Output from `offset` on, from the end for a negative one; b"" where there is none."""
        try:
            with self._output(run, name).open("rb") as file:
                if offset < 0:
                    offset = max(0, file.seek(0, os.SEEK_END) + offset)
                file.seek(offset)
                return file.read(limit)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise os_error(error, self._output(run, name)) from error

    # --- pinned files -----------------------------------------------------------------------------

    def pin(self, run: str, name: str, content: bytes) -> None:
        """Keep a file that the run is pinned to, before its journal is begun. RecordsError.

        `name` is the file's path beside its runbook, whatever that may be.
        """
        quoted = quote(name, safe="")
        if len(quoted) <= _LONGEST_PINNED:
            write_whole(self._inside(run, "pin", f"{_BY_NAME}{quoted}"), content)
            return
        digest = hashlib.sha256(name.encode()).hexdigest()
        named = quoted.encode() + b"\n" + content
        write_whole(self._inside(run, "pin", f"{_BY_DIGEST}{digest}"), named)

    def pinned(self, run: str) -> dict[str, bytes]:
        """The files that a run is pinned to, by name. RecordsError."""
        found: dict[str, bytes] = {}
        for path in sorted((self.directory / f"{_checked(run)}.pin").glob("[!.]*")):
            try:
                quoted, content = path.name, path.read_bytes()
            except OSError as error:
                raise os_error(error, path) from error
            if quoted.startswith(_BY_DIGEST):
                head, _, content = content.partition(b"\n")
                quoted = head.decode()
            found[unquote(quoted.removeprefix(_BY_NAME))] = content  # bare in older versions
        return found

    # --- notes ------------------------------------------------------------------------------------

    def keep_note(self, run: str, name: str, content: bytes) -> None:
        """Keep what was found out about a run besides its journal. RecordsError."""
        write_whole(self._inside(run, "notes", name), content)

    def note(self, run: str, name: str) -> bytes:
        """What `keep_note` kept; b"" where it never did. RecordsError."""
        path = self._inside(run, "notes", name)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise os_error(error, path) from error

    # --- locks ------------------------------------------------------------------------------------

    def load_locks(self) -> Mapping[str, Any]:
        """What `save_locks` saved last; empty where it never did. RecordsError."""
        path = self.locks_path
        try:
            loaded = json.loads(path.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise os_error(error, path) from error
        except ValueError as error:
            raise damaged_locks(path, error) from error
        if not isinstance(loaded, dict):
            raise damaged_locks(path, f"it holds a {type(loaded).__name__}")
        return loaded

    def save_locks(self, locks: Mapping[str, Any]) -> None:
        """Keep the locks; they are on the disk when this returns. RecordsError."""
        written = json.dumps(locks, ensure_ascii=False, indent=1, sort_keys=True).encode()
        write_whole(self.locks_path, written)

    @property
    def locks_path(self) -> Path:
        """Where the locks are kept."""
        return self.directory / "locks.json"

    # --- retention --------------------------------------------------------------------------------

    def prune(self, before: int, ended_at: Callable[[str], int | None]) -> Iterator[str]:
        """Remove runs that ended before `before` (UTC ms); yields the id of each.

        A run that `ended_at` does not know to have ended stays, however old it is. RecordsError
        at the end, where one can't be removed; it is tried again another time.
        """
        left: RecordsError | None = None
        for run in self.ids():
            ended = ended_at(run)
            if ended is not None and ended < before:
                for part in ("out", "pin", "notes"):
                    shutil.rmtree(self.directory / f"{run}.{part}", ignore_errors=True)
                try:
                    self._path(run).unlink(missing_ok=True)
                except OSError as error:
                    left = left or os_error(error, self._path(run))
                    continue
                yield run
        if left is not None:
            raise left

    def sweep(self, before: int) -> None:
        """Remove what was kept before `before` (UTC ms) for runs that never began: their watch was
        killed over it. What can't be removed is tried again another time."""
        begun = set(self.ids())
        left = (*self.directory.glob("*.pin"), *self.directory.glob("*.torn"))
        for path in (each for each in left if each.stem not in begun):
            with suppress(OSError):
                if path.stat().st_mtime * 1000 >= before:
                    continue
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink()

    def _path(self, run: str) -> Path:
        return self.directory / f"{_checked(run)}.jsonl"

    def _output(self, run: str, name: str) -> Path:
        return self._inside(run, "out", name)

    def _inside(self, run: str, part: str, name: str) -> Path:
        return self.directory / f"{_checked(run)}.{part}" / _checked(name)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        what = f"{name!r} is no name of a run or of a part of one"
        raise RecordsError(Fault.FOREIGN, what, "twinwatch runs lists them")
    return name


def damaged_locks(path: Path, why: object) -> RecordsError:
    """What is said of locks that can't be read: an epoch that is not known can't be raised."""
    todo = (
        "restore it from a backup, or remove it once no other run is at work on these hosts: each "
        "host knows its epochs; then start the watch again"
    )
    return RecordsError(Fault.CORRUPT, f"{path} is damaged: {why}", todo)


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file as a whole: it is the old one or the new one, whatever happens."""
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(beside, flags, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise os_error(error, path) from error
    flush_directory(path.parent)
