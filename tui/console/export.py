"""A screen as files: what the person sees, for a ticket or a mail."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tui.paint.cells import Line, joined
from tui.paint.theme import Theme, render

#: Light and dark ground for themes that leave it to the terminal.
_GROUNDS = {"light": ((252, 251, 248), (43, 48, 54)), "dark": ((15, 18, 21), (200, 206, 212))}
_SIXTEEN = [
    (0, 0, 0), (179, 38, 26), (67, 122, 88), (168, 134, 40),
    (44, 96, 140), (138, 50, 170), (40, 120, 140), (200, 206, 212),
    (92, 100, 108), (255, 111, 89), (143, 199, 166), (239, 203, 90),
    (112, 188, 236), (200, 106, 240), (120, 200, 214), (255, 255, 255),
]  # fmt: skip


def export(lines: tuple[Line, ...], theme: Theme, width: int, title: str, stem: Path) -> list[Path]:
    """Write `stem`.svg and `stem`.txt; returns their paths. Raises OSError, leaving no half file.

    Existing files are not overwritten: FileExistsError.
    """
    written = []
    for suffix, content in ((".svg", svg(lines, theme, width, title)), (".txt", text(lines))):
        path = stem.with_name(stem.name + suffix)
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
        written.append(path)
    return written


def text(lines: tuple[Line, ...]) -> str:
    """The screen as plain text."""
    return joined(lines) + "\n"


def svg(lines: tuple[Line, ...], theme: Theme, width: int, title: str) -> str:
    """The screen as a picture."""
    console = Console(
        record=True, width=width, color_system="truecolor", force_terminal=True, quiet=True
    )
    for line in lines:
        row = Text(no_wrap=True, end="\n")
        for segment in render(line, theme, width):
            row.append(segment.text, segment.style)
        console.print(row, soft_wrap=True)
    ground, ink = _GROUNDS["light" if theme.name == "light" else "dark"]
    colours = TerminalTheme(ground, ink, _SIXTEEN[:8], _SIXTEEN[8:])
    return console.export_svg(title=title, theme=colours)
