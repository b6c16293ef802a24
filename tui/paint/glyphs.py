"""State words to glyphs, and every glyph's ASCII stand-in.

A state is never told by colour alone: glyph, word and role go together. Capitals (✘ X) are for
causes, small ones (× x) for what follows from them.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len

from estate.document import Severity
from tui.paint.cells import Line, Span


class Glyph(NamedTuple):
    """One cell and the role it is drawn in."""

    symbol: str
    role: str


OK = Glyph("·", "dim")
WARNING = Glyph("!", "warn b")
CAUSE = Glyph("✘", "crit b")
FOLLOWS = Glyph("×", "crit")
UNKNOWN = Glyph("?", "unk b")
UNTRUSTED = Glyph("≠", "unk b")
MAINTENANCE = Glyph("~", "info")
ACKNOWLEDGED = Glyph("a", "dim")
SILENCED = Glyph("s", "dim")
DONE = Glyph("✓", "good")
MOVING = Glyph("▸", "info b")

#: State words as the board speaks them.
GLYPHS: dict[str, Glyph] = {
    "ok": OK,
    "live": OK,
    "warning": WARNING,
    "degraded": WARNING,
    "critical": CAUSE,
    "down": CAUSE,
    "lost": CAUSE,
    "frozen": CAUSE,
    "unreachable": CAUSE,
    "failed": CAUSE,
    "behind": FOLLOWS,
    "unknown": UNKNOWN,
    "stale": UNKNOWN,
    "late": UNKNOWN,
    "refused": UNKNOWN,
    "untrusted": UNTRUSTED,
    "maintenance": MAINTENANCE,
    "acknowledged": ACKNOWLEDGED,
    "silenced": SILENCED,
    "done": DONE,
    "connecting": MOVING,
    "running": MOVING,
    "waiting": Glyph("‖", "warn b"),
    "skipped": Glyph("–", "dim"),
}

#: The role of a severity's words and numbers.
SEVERITY_ROLES: dict[Severity, str] = {
    Severity.CRITICAL: "crit",
    Severity.WARNING: "warn",
    Severity.UNKNOWN: "unk",
    Severity.MAINTENANCE: "info",
    Severity.OK: "dim",
}


def glyph(word: str, severity: Severity = Severity.UNKNOWN) -> Glyph:
    """The glyph of a state word; of `severity` where the word is not in the table."""
    return GLYPHS.get(word) or GLYPHS[severity.value]


#: What a terminal without Unicode (or with ambiguous widths drawn double) shows instead.
_ASCII = str.maketrans(
    {
        **{
            "·": ".",
            "✘": "X",
            "×": "x",
            "≠": "K",
            "✓": "+",
            "▸": ">",
            "‖": "=",
            "▪": "*",
            "÷": "/",
        },
        **{"–": "-", "—": "-", "−": "-", "…": "~", "›": ">", "≥": ">", "≤": "<"},
        **{"’": "'", "‘": "'", "“": '"', "”": '"', "→": ">", "←": "<", "↑": "^", "↓": "v"},
        **{"▌": ">", "▏": "]", "─": "-", "━": "#", "╌": "-", "│": "|", "┃": "|", "┆": ":"},
        **{"├": "|", "└": "`", "┼": "+", "█": "#", "▀": "'"},
        **dict(zip("▁▂▃▄▅▆▇", "_-=++**", strict=True)),
    }
)


@lru_cache(maxsize=4096)
def ascii_text(text: str) -> str:
    """`text` in ASCII, cell for cell; wide characters stay, for they have no narrow stand-in."""
    if text.isascii():
        return text
    return "".join(_ascii_cell(each) for each in text.translate(_ASCII))


def ascii_line(line: Line) -> Line:
    """The same line in ASCII, with the same roles, key and clicks."""
    spans = tuple(Span(ascii_text(text), role, action) for text, role, action in line.spans)
    return Line(spans, line.bar, line.key, line.bar_cells)


def _ascii_cell(character: str) -> str:
    if character.isascii() or cell_len(character) != 1:
        return character
    if "\u2800" <= character <= "\u28ff":  # braille: a chart's dots
        return " " if character == "\u2800" else ":"
    bare = unicodedata.normalize("NFKD", character)[0]
    return bare if bare.isascii() else "?"
