"""Records that are damaged are given a name of their own; nothing is ever deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from storage.database import Fault, RecordsError


def set_aside(path: Path, now: int) -> Path:
    """The name that the file at `path`, and its log, have from `now` on, UTC ms.

    Raises RecordsError where they can't be renamed: then nothing has changed, or the file itself
    is still in its place.
    """
    stamp = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y%m%dT%H%M%S")
    aside = path.with_name(f"{path.name}.corrupt-{stamp}")
    while aside.exists():  # renaming would overwrite it
        aside = aside.with_name(f"{aside.name}-again")
    for suffix in ("-wal", "-shm", ""):  # the file last: if it stays, all is tried again
        part = path.with_name(path.name + suffix)
        try:
            part.rename(aside.with_name(aside.name + suffix))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise RecordsError(
                Fault.BROKEN,
                f"{part} is corrupt and can't be set aside: {error.strerror}",
                "move it away",
            ) from error
    return aside
