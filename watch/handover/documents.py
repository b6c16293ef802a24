"""The documents that were handed over, on the disk beside what was said of them.

The bytes are what was offered: their hash is in the fact, and whatever else lies there by then is
not handed out as the document.
"""

from __future__ import annotations

from collections.abc import Sequence

from estate.handover import Handover, Offered
from snapshots.file import write_whole
from snapshots.reading import SnapshotError, read_snapshot, sha256_of, snapshot_bytes
from snapshots.snapshot import Snapshot
from storage.database import RecordsError, os_error
from storage.handovers import HandoverFolder
from watch.error import WatchError

#: Snapshots that were handed over are kept, the last so many.
KEPT = 200


def document_of(made: Snapshot) -> bytes:
    """The bytes of what is to be offered. Raises WatchError where they could not be read back:
    nobody signs what can't be read, and it would stay open for ever."""
    content = snapshot_bytes(made)
    try:
        read_snapshot(content)
    except SnapshotError as error:
        why, do = f"its document can't be read: {error.what}", "report it: a defect of twinwatch"
        raise WatchError("not offered", made.id, why, do, status=500) from error
    return content


class Documents:
    """The documents in `folder`. Every method blocks for the disk."""

    def __init__(self, folder: HandoverFolder) -> None:
        self._folder = folder

    def keep(self, name: str, content: bytes) -> None:
        """Put a document down; it is on the disk when this returns. RecordsError."""
        self._folder.prepare()
        path = self._folder.document(name)
        try:
            write_whole(path, content)
        except OSError as error:
            raise os_error(error, path) from error

    def content(self, offered: Offered) -> bytes:
        """The bytes that were offered. Raises WatchError where they are not there any more."""
        try:
            content = self._folder.read(offered.id)
        except RecordsError as error:
            raise _unreadable(offered, str(error)) from error
        if sha256_of(content) != offered.sha256:
            path = self._folder.document(offered.id)
            raise _unreadable(offered, f"{path}: the file is not what was offered")
        return content

    def read(self, offered: Offered) -> Snapshot:
        """The snapshot that was offered. Raises WatchError."""
        try:
            return read_snapshot(self.content(offered))
        except SnapshotError as error:
            raise _unreadable(offered, str(error)) from error

    def let_go(self, handovers: Sequence[Handover]) -> None:
        """Keep the documents of the first `KEPT` of `handovers`, the newest first; those of which
        nobody knows stay. RecordsError."""
        self._folder.let_go(frozenset(each.offered.id for each in handovers[KEPT:]))

    def take_back(self, name: str) -> None:
        """A document that was put down was not offered after all. RecordsError."""
        self._folder.let_go(frozenset({name}))


def _unreadable(offered: Offered, why: str) -> WatchError:
    do = "what was said of it is kept: twinwatch handover show"
    return WatchError("the handover's document can't be read", offered.id, why, do, status=500)
