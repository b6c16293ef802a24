"""What the terminal shows, cell by cell, and the fewest bytes that change it.

Updates go into a picture that is *wanted*; a frame is the difference to the picture that is
*shown*. What is in between was never sent, so a slow link always gets the newest picture.

Only Rich is known here: the first page is written before Textual is loaded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

#: A gap of unchanged cells is written over again where that is shorter than moving over it.
MOVE_COST = 4

#: What must never reach a terminal, wherever it came from: C0, DEL and C1 controls.
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Pen(NamedTuple):
    """A style as a terminal knows it: SGR parameters of attributes, ink and paper."""

    attributes: tuple[str, ...] = ()
    ink: str = ""
    paper: str = ""


Cell: TypeAlias = tuple[str, Pen]

PLAIN = Pen()
BLANK: Cell = (" ", PLAIN)

_ATTRIBUTES = (
    ("bold", "1"), ("dim", "2"), ("italic", "3"), ("underline", "4"),
    ("blink", "5"), ("reverse", "7"), ("strike", "9"),
)  # fmt: skip
_VISIBLE_ON_BLANKS = frozenset(("4", "7", "9"))


class Screenful:
    """The wanted and the shown picture of one terminal.

    `put` takes segments of a row; `frame` returns what to write and counts it as shown;
    `forget` says that nobody knows what is on the glass. `erases_in_colour` is true where an
    erased cell takes the current background ("bce").
    """

    def __init__(
        self,
        width: int,
        height: int,
        colours: ColorSystem | None = ColorSystem.TRUECOLOR,
        erases_in_colour: bool = False,
    ) -> None:
        self.width = width
        self.height = height
        self._colours = colours
        self._writer = _Writer(erases_in_colour)
        self._wanted: list[list[Cell]] = [[BLANK] * width for _ in range(height)]
        self._shown: list[list[Cell]] | None = None
        self._touched: set[int] = set()

    @property
    def behind(self) -> bool:
        """Whether a frame might have something to say."""
        return self._shown is None or bool(self._touched)

    def put(self, x: int, y: int, segments: Iterable[Segment]) -> int:
        """Want these segments at column `x` of row `y`; returns the column after them."""
        if not 0 <= y < self.height:
            return x
        row = self._wanted[y]
        for text, style, control in segments:
            if control or not text:
                continue
            cells = _cells(text, pen_of(style, self._colours))
            room, x_before = self.width - x, x
            if room <= 0:
                break
            x += len(cells)
            if len(cells) > room:
                cells = cells[:room] if cells[room][0] else [*cells[: room - 1], BLANK]
            row[x_before : x_before + len(cells)] = cells
        self._touched.add(y)
        return x

    def forget(self) -> None:
        """The next frame clears the screen and draws all of it."""
        self._shown = None

    def frame(self) -> str:
        """The bytes, as text, that make the shown picture the wanted one; "" for none."""
        if self._shown is None:
            ground = self._ground()
            self._shown = [[(" ", ground)] * self.width for _ in range(self.height)]
            self._touched = set(range(self.height))
            self._writer.clear(ground)
        changed: list[_Run] = []
        for y in sorted(self._touched):
            wanted, shown = self._wanted[y], self._shown[y]
            if wanted != shown:
                changed += [_Run(y, start, end) for start, end in _runs(wanted, shown)]
                self._shown[y] = wanted.copy()
        self._touched.clear()
        for run in self._by_style(changed):
            self._writer.write(run, self._wanted[run.y])
        return self._writer.taken()

    def _by_style(self, runs: list[_Run]) -> list[_Run]:
        """The same runs, those of one style together: a change of style costs most of all."""
        order = {self._writer.pen: 0}
        for run in runs:
            order.setdefault(self._wanted[run.y][run.start][1], len(order))
        return sorted(runs, key=lambda run: order[self._wanted[run.y][run.start][1]])

    def _ground(self) -> Pen:
        """What to clear the screen with: the style of most blanks at the right edge."""
        if not self._writer.erases_in_colour:
            return PLAIN
        edge = Counter(pen for char, pen in (row[-1] for row in self._wanted) if char == " ")
        return next((pen for pen, _ in edge.most_common() if not pen.attributes), PLAIN)

    def text(self) -> str:
        """The wanted picture without styles, one row a line."""
        return "\n".join("".join(char for char, _ in row).rstrip() for row in self._wanted)

    def rows(self) -> list[list[Cell]]:
        """The wanted picture, cell by cell. A wide character is followed by an empty cell."""
        return [row.copy() for row in self._wanted]


class _Run(NamedTuple):
    """Cells of row `y` to write, from column `start` up to `end`."""

    y: int
    start: int
    end: int


class _Writer:
    """Turns changed cells into cursor moves, changes of style, and text.

    The terminal's pen and cursor are remembered from frame to frame: nobody else moves them.
    """

    def __init__(self, erases_in_colour: bool) -> None:
        self._out: list[str] = []
        self.erases_in_colour = erases_in_colour
        self.pen = PLAIN
        self._at: tuple[int, int] | None = None  # column and row, None where terminals differ

    def clear(self, ground: Pen) -> None:
        """Make pen, cursor and screen known."""
        self._out.append("\x1b[m\x1b[H")
        self.pen, self._at = PLAIN, (0, 0)
        self._style(ground)
        self._out.append("\x1b[2J")

    def taken(self) -> str:
        """What was written since the last call."""
        text = "".join(self._out)
        self._out.clear()
        return text

    def write(self, run: _Run, row: list[Cell]) -> None:
        """Write one run of a row."""
        y, start, end = run
        self._move(start, y)
        erased = self._erasable_from(row, start, end)
        self._write(row[start:erased])
        if erased < end:
            if row[-1][1] != _on_blanks(self.pen):
                self._style(row[-1][1])
            self._out.append("\x1b[K")
            self._at = (erased, y)
        else:
            # After the last column terminals differ about where the cursor is.
            self._at = (end, y) if end < len(row) else None

    def _move(self, x: int, y: int) -> None:
        if self._at == (x, y):
            return
        ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"]
        if self._at is not None and self._at[1] <= y:
            ways.append(_down(y - self._at[1]) + _across(x - self._at[0]))
        self._out.append(min(ways, key=len))
        self._at = (x, y)

    def _write(self, cells: Iterable[Cell]) -> None:
        for char, pen in cells:
            if pen is not self.pen and not (char == " " and pen == _on_blanks(self.pen)):
                self._style(pen)
            self._out.append(char)

    def _style(self, pen: Pen) -> None:
        if pen != self.pen:
            self._out.append(_change_of_style(self.pen, pen))
            self.pen = pen

    def _erasable_from(self, row: list[Cell], start: int, end: int) -> int:
        """Column from which erasing to the end of the row is shorter than writing blanks."""
        if end < len(row) or row[-1][0] != " ":
            return end
        pen = row[-1][1]
        if pen.attributes or (pen.paper and not self.erases_in_colour):
            return end
        column = end
        while column > start and row[column - 1] == row[-1]:
            column -= 1
        return column if end - column > len("\x1b[K") else end


def _runs(wanted: list[Cell], shown: list[Cell]) -> list[tuple[int, int]]:
    """The half-open column ranges to write, small gaps bridged, wide characters kept whole."""
    runs: list[tuple[int, int]] = []
    x, width = 0, len(wanted)
    while x < width:
        if wanted[x] == shown[x]:
            x += 1
            continue
        start = x  # never the second half of a wide character: the first would differ too
        # Neither half may be written, or left over, alone.
        while x < width and (wanted[x] != shown[x] or not wanted[x][0] or not shown[x][0]):
            x += 1
        if runs and _bridged(wanted, runs[-1][1], start):
            runs[-1] = (runs[-1][0], x)
        else:
            runs.append((start, x))
    return runs


def _down(rows: int) -> str:
    return "" if rows == 0 else "\x1b[B" if rows == 1 else f"\x1b[{rows}B"


def _across(columns: int) -> str:
    if columns < 0:
        return "\b" * -columns if columns > -4 else f"\x1b[{-columns}D"
    return "" if columns == 0 else "\x1b[C" if columns == 1 else f"\x1b[{columns}C"


def _bridged(wanted: list[Cell], end: int, start: int) -> bool:
    """Whether writing the unchanged cells between two runs beats moving over them."""
    if start - end > MOVE_COST:
        return False
    pen = wanted[end - 1][1]
    return all(cell[1] == pen and cell[0].isascii() for cell in wanted[end:start])


def _cells(text: str, pen: Pen) -> list[Cell]:
    """One entry a cell; the second cell of a wide character is empty text."""
    if CONTROLS.search(text):
        # The last door: text is cleaned where it enters, and painters make no controls.
        text = CONTROLS.sub("?", text)
    blank = (" ", _on_blanks(pen))
    if text.isascii():
        return [blank if char == " " else (char, pen) for char in text]
    cells: list[Cell] = []
    for char in text:
        width = get_character_cell_size(char)
        if width == 0:
            if cells and cells[-1][0]:
                cells[-1] = (cells[-1][0] + char, pen)
            continue
        cells.append(blank if char == " " else (char, pen))
        if width == 2:
            cells.append(("", pen))
    return cells


@lru_cache(maxsize=1024)
def _on_blanks(pen: Pen) -> Pen:
    """The part of a style that shows on a blank: two blanks that look alike are alike."""
    visible = tuple(each for each in pen.attributes if each in _VISIBLE_ON_BLANKS)
    return Pen(visible, pen.ink if visible else "", pen.paper)


@lru_cache(maxsize=4096)
def pen_of(style: Style | None, colours: ColorSystem | None) -> Pen:
    """A Rich style in the SGR parameters of a terminal with these colours (None for none)."""
    if style is None:
        return PLAIN
    attributes = tuple(code for name, code in _ATTRIBUTES if getattr(style, name))
    ink = paper = ""
    if colours is not None:
        if style.color is not None and not style.color.is_default:
            ink = ";".join(style.color.downgrade(colours).get_ansi_codes(foreground=True))
        if style.bgcolor is not None and not style.bgcolor.is_default:
            paper = ";".join(style.bgcolor.downgrade(colours).get_ansi_codes(foreground=False))
    return Pen(attributes, ink, paper)


@lru_cache(maxsize=4096)
def _change_of_style(old: Pen, new: Pen) -> str:
    """The shorter of "only what differs" and "reset, then all"."""
    whole = [*new.attributes, *filter(None, (new.ink, new.paper))]
    reset = f"\x1b[{';'.join(['0', *whole])}m" if whole else "\x1b[m"
    if set(old.attributes) - set(new.attributes):
        return reset
    parts = [code for code in new.attributes if code not in old.attributes]
    if new.ink != old.ink:
        parts.append(new.ink or "39")
    if new.paper != old.paper:
        parts.append(new.paper or "49")
    step = f"\x1b[{';'.join(parts)}m"
    return min(step, reset, key=len)
