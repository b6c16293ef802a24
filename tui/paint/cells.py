"""Lines of text whose styles are roles ("crit", "dim"), never colours.

A painter makes `Line`s; a theme turns roles into colours at the very end, so that one painting
serves dark, light, sixteen colours, no colour and plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

#: Every role a painter may use. A trailing " b" makes it bold. Bars fill the whole line behind it.
ROLES = (
    "text", "strong", "dim", "mute", "faint", "crit", "warn", "unk", "info", "good",
)  # fmt: skip
BARS = ("", "band", "sel", "critbar", "warnbar", "unkbar", "infobar")


class Span(NamedTuple):
    """A run of text in one role. `action` is a click on it: ("open", "host", "mta-c03") or ()."""

    text: str
    role: str = "text"
    action: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One row of cells; `key` names the row for the cursor ("host:mta-c03"), "" for none.

    `bar` fills the background of the first `bar_cells` cells, of the whole line when that is 0.
    """

    spans: tuple[Span, ...] = ()
    bar: str = ""
    key: str = ""
    bar_cells: int = 0

    @property
    def text(self) -> str:
        """The line without its roles, trailing blanks removed."""
        return "".join(span.text for span in self.spans).rstrip()

    @property
    def width(self) -> int:
        """Cells taken, wide characters counted as two."""
        return sum(cell_len(span.text) for span in self.spans)


@dataclass(frozen=True, slots=True)
class Page:
    """A painted screen: exactly `height` lines, each of them `width` cells or fewer.

    `cursor` is the line that holds the cursor row, or None. `total` and `first` say which part of
    a longer list is shown, for scrolling.
    """

    lines: tuple[Line, ...]
    cursor: int | None = None
    first: int = 0
    total: int = 0


def fit(text: str, width: int, align: str = "<") -> str:
    """`text` in exactly `width` cells: cut with "…" or padded, wide characters counted right."""
    if width <= 0:
        return ""
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…"
    blank = " " * (width - length)
    return blank + text if align == ">" else text + blank


def cut(text: str, width: int) -> str:
    """`text`, cut with "…" where it takes more than `width` cells."""
    return text if cell_len(text) <= width else fit(text, width)


def tail(text: str, width: int) -> str:
    """The end of `text`, `width` characters of it, with "…" before what is left out."""
    return text if len(text) <= width else f"…{text[-width:]}"


def elided(name: str, width: int) -> str:
    """A host's name in `width` cells, by what tells it from others: its domain goes first, then the
    middle of its own name, for numbers stand at the end ("mail-pr…0999").
    """
    own = name.partition(".")[0] or name
    if cell_len(name) <= width or (own != name and cell_len(own) < width):
        return cut(name, width)
    if cell_len(own) <= width:
        return own
    if width < 5:
        return fit(own, width)
    tail, room = "", (width - 1) // 2
    for character in reversed(own):
        if cell_len(character + tail) > room:
            break
        tail = character + tail
    return f"{set_cell_size(own, width - 1 - cell_len(tail))}…{tail}"


def wrapped(text: str, width: int) -> list[str]:
    """`text` in lines of `width` cells or fewer, broken at blanks and between wide characters;
    what is longer than a line is broken anywhere. [] for a text of blanks.
    """
    lines: list[str] = []
    here = ""
    for piece in _pieces().findall(" ".join(text.split())):
        if here and cell_len(here) + cell_len(piece.rstrip()) > width:
            lines.append(here)
            here = ""
        here += piece
        while cell_len(here.rstrip()) > width:  # one piece that is longer than a line
            head = _head(here, width)
            lines.append(head)
            here = here[len(head) :]
    return [each.rstrip() for each in (*lines, here) if each.strip()]


#: Ideographs and the punctuation between them: a line may end behind each.
_WIDE = "\u2e80-\u9fff\uff00-\uffef"
#: No line begins with these: they belong to what stands before them.
_CLOSING = "，。、；：！？）」』》"


@cache
def _pieces() -> re.Pattern[str]:
    """What stays together: a wide character or a word, with what closes it and the blanks behind.

    Compiled with the first text that is wrapped: a first paint often has none.
    """
    return re.compile(rf"(?:[{_WIDE}]|[^ {_WIDE}]+)[{_CLOSING}]* *")


def _head(text: str, width: int) -> str:
    """As much of the beginning of `text` as `width` cells hold, one character at the least."""
    end, at = 1, cell_len(text[0])
    while end < len(text) and at + cell_len(text[end]) <= width:
        at += cell_len(text[end])
        end += 1
    return text[:end]


def line(*spans: Span | str, bar: str = "", key: str = "") -> Line:
    """A `Line` of spans; a bare string is a span in role "text"."""
    return Line(tuple(s if isinstance(s, Span) else Span(s) for s in spans), bar, key)


def joined(lines: Iterable[Line]) -> str:
    """Lines as plain text, one a row."""
    return "\n".join(each.text for each in lines)
