"""A report on the disk: whole or absent, whatever is killed when."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path`: it is there in full once this returns, power cuts included.

    Until then `path` is as it was, for rename(2) replaces a name in one step and only after the
    bytes are flushed. A kill may leave a hidden file of a name of its own beside it. The mode is
    0600: a report names hosts and what is wrong with them. Raises OSError.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - of a descriptor
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    _flush(path.parent)


def _flush(directory: Path) -> None:
    """The directory, which is where the new name stands (fsync(2))."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
