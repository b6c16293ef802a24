"""A screen as files: what the person sees, for a ticket or a mail."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tui.paint.cells import Line, joined
from tui.paint.picture import svg
from tui.paint.theme import Theme

__all__ = ["export", "svg", "text"]


def export(
    lines: Sequence[Line], theme: Theme, width: int, title: str, stem: Path
) -> tuple[Path, ...]:
    """Write `stem`.svg and `stem`.txt; returns their paths.

    They are 0600: a screen names hosts and what is wrong with them. Existing files are never
    overwritten: FileExistsError, as every OSError, is the caller's.
    """
    contents = {".svg": svg(lines, theme, width, title), ".txt": text(lines)}
    paths = []
    for suffix, content in contents.items():
        path = stem.with_name(stem.name + suffix)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - of a descriptor
            file.write(content)
        paths.append(path)
    return tuple(paths)


def text(lines: Sequence[Line]) -> str:
    """The screen as plain text."""
    return joined(lines) + "\n"
