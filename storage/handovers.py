"""What people said at changes of shift: a journal of facts, on the disk before it is answered.

It lies beside the records, with the snapshots that were handed over. Notes and signatures are small
and few, so the journal is read whole at the start and never shortened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from storage.database import Fault, RecordsError, os_error
from storage.journal import Journal, read_journal


class HandoverFolder:
    """The journal and the documents in `directory`. For one thread at a time."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._journal: Journal | None = None

    @property
    def journal(self) -> Path:
        """Where the facts lie."""
        return self.directory / "said.jsonl"

    def open(self) -> tuple[dict[str, Any], ...]:
        """Every fact on record, in order; a torn end is cut off. RecordsError."""
        if not self._is_there():
            return ()
        with _whole():
            self._journal = Journal.open(self.journal)
        return self._journal.lines

    def look(self) -> tuple[dict[str, Any], ...]:
        """Every fact on record; nothing is changed, for a watch may be writing. RecordsError."""
        if not self._is_there():
            return ()
        with _whole():
            return read_journal(self.journal).lines

    def _is_there(self) -> bool:
        try:
            self.journal.stat()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise os_error(error, self.journal) from error
        return True

    def append(self, *facts: Mapping[str, Any]) -> None:
        """Put facts down; all are on the disk when this returns. RecordsError, and none counts."""
        if self._journal is None:
            self._journal = Journal.begin(self.journal, *facts)
        else:
            self._journal.append(facts)

    def document(self, name: str) -> Path:
        """Where the snapshot of a handover lies, or is to be put."""
        return self.directory / f"{name}.json"

    def read(self, name: str) -> bytes:
        """The snapshot of a handover. RecordsError."""
        path = self.document(name)
        try:
            return path.read_bytes()
        except OSError as error:
            raise os_error(error, path) from error

    def prepare(self) -> None:
        """Make the directory, for us alone. RecordsError."""
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise os_error(error, self.directory) from error

    def let_go(self, names: frozenset[str]) -> None:
        """Remove the snapshots of `names`; what was said of them, and all else, stays.
        RecordsError."""
        try:
            for name in names:
                self.document(name).unlink(missing_ok=True)
        except OSError as error:
            raise os_error(error, self.directory) from error

    def sweep(self) -> None:
        """Remove what a writer that was killed left of a snapshot. RecordsError."""
        try:
            for path in self.directory.glob(".h-*.json.*"):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise os_error(error, self.directory) from error

    def close(self) -> None:
        """Let go of the journal."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None


@contextmanager
def _whole() -> Iterator[None]:
    """What to do about a journal that is damaged, in the words of what people said."""
    try:
        yield
    except RecordsError as error:
        if error.fault is not Fault.CORRUPT:
            raise
        todo = "restore it from a backup, or move it away: what was said is lost then"
        raise RecordsError(error.fault, error.what, todo) from error
