"""What a terminal is and can do: told by the kernel, its name and its environment.

Nothing is written to the terminal, and Textual is not asked: the first page stands before it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from rich.color import ColorSystem

from tui.console.preferences.settings import OLD_TERMINALS

#: The last word of a TERM; what is not here has the sixteen that Rich calls standard.
_COLOURS = {"kitty": ColorSystem.EIGHT_BIT, "256color": ColorSystem.EIGHT_BIT}


def size_of(descriptor: int) -> tuple[int, int]:
    """Columns and lines; COLUMNS and LINES of the environment don't follow a resize."""
    try:
        columns, lines = os.get_terminal_size(descriptor)
    except OSError:
        columns = lines = 0
    return columns or 80, lines or 24


def colours_of(environ: Mapping[str, str]) -> ColorSystem | None:
    """The colours that can be shown, None for none; as Rich and Textual would find them."""
    term = environ.get("TERM", "").strip().lower()
    if "NO_COLOR" in environ or term in ("dumb", "unknown"):
        return None
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return ColorSystem.TRUECOLOR
    return _COLOURS.get(term.rpartition("-")[2], ColorSystem.STANDARD)


def erases_in_colour(environ: Mapping[str, str]) -> bool:
    """Whether erased cells take the background colour (terminfo's bce; GNU screen: no)."""
    return not environ.get("TERM", "dumb").startswith((*OLD_TERMINALS, "screen"))
