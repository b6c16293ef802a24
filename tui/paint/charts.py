"""Small pictures of figures over time. A gap in the figures stays a gap in the picture.

Sparklines are one row of eighth blocks; line charts are braille, two points a cell; bars are `━`
on `─`. History is quiet: only the newest cell, or what came after an incident began, is coloured.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from estate.document import Series
from tui.paint.cells import Span

_BLOCKS = "▁▂▃▄▅▆▇█"
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # braille, by column and row


def spark(values: Sequence[float | None], top: float | None = None) -> str:
    """One block a value, from zero to `top` (None: the greatest value); blank where unknown."""
    if top is None:
        top = max((value for value in values if value is not None), default=0.0)
    scale = 8 / top if top > 0 else 0.0
    return "".join(
        " " if value is None else _BLOCKS[min(7, max(0, int(value * scale)))] for value in values
    )


def spark_spans(
    values: Sequence[float | None], width: int, role: str = "dim", top: float | None = None
) -> tuple[Span, Span]:
    """The newest `width` values; history in mute, the last cell in `role`."""
    blocks = spark(values[-width:], top).rjust(width)
    return Span(blocks[:-1], "mute"), Span(blocks[-1:], role)


def flat(width: int) -> Span:
    """Where a history would stand if the host could be asked."""
    return Span("─" * width, "faint")


def bar(share: float | None, width: int, role: str = "dim") -> tuple[Span, Span]:
    """`share` of 0–1 as `━` on `─`; empty when not known. Never full before it is full."""
    whole = 0 if share is None else min(width, max(0, math.floor(share * width + 1e-9)))
    return Span("━" * whole, role), Span("─" * (width - whole), "faint")


@dataclass(frozen=True, slots=True)
class Frame:
    """The paper of a line chart: `columns` × `rows` cells over [start, end) ms and [0, top].

    What came at or after `since` is drawn in `role`, what came before is dim; `┆` marks it.
    `thresholds` are values, drawn as faint dashes where the line does not pass.
    """

    columns: int
    rows: int
    start: int
    end: int
    top: float
    since: int | None = None
    role: str = "dim"
    thresholds: tuple[float, ...] = ()

    def dashed(self) -> dict[int, float]:
        """Which rows carry a threshold's dashes, and which threshold."""
        shown = (value for value in self.thresholds if 0 <= value <= self.top)
        return {_level(value, self) // 4: value for value in shown}

    def column(self, at: int) -> int:
        """The cell of time `at`; outside 0..columns-1 when it is not on the paper."""
        return (at - self.start) * self.columns // max(1, self.end - self.start)


def line_chart(series: Series, frame: Frame) -> tuple[tuple[Span, ...], ...]:
    """`series` as `frame.rows` rows of spans, each of `frame.columns` cells, top row first."""
    cells = _dots(_slots(series, frame), frame)
    marked = frame.column(frame.since) if frame.since is not None else -1
    dashes = frame.dashed()
    return tuple(
        _merged(
            _cell(dots, column, marked, row in dashes, frame.role)
            for column, dots in enumerate(cells[row])
        )
        for row in range(frame.rows)
    )


def nice_top(peak: float, least: float = 0.0) -> float:
    """A top for an axis that starts at zero: the next of 1, 2, 2.5, 5 × 10ⁿ, `least` or more."""
    peak = max(peak, least)
    if peak <= 0 or not math.isfinite(peak):
        return 1.0
    power = 10.0 ** math.floor(math.log10(peak))
    return next(power * step for step in (1, 2, 2.5, 5, 10) if power * step >= peak * (1 - 1e-9))


def _slots(series: Series, frame: Frame) -> list[float | None]:
    """The mean in each half column; a point fills the time its step covers, gaps stay None."""
    count = frame.columns * 2
    length = max(1, frame.end - frame.start)
    sums: list[float] = [0.0] * count
    hits: list[int] = [0] * count
    for at, _low, mean, _high in series.points:
        if not math.isfinite(mean):
            continue
        begin = (at - frame.start) * count // length
        end = max(begin + 1, -(-(at + series.step - frame.start) * count // length))
        for slot in range(max(0, begin), min(count, end)):
            sums[slot] += mean
            hits[slot] += 1
    return [total / hit if hit else None for total, hit in zip(sums, hits, strict=True)]


def _level(value: float, frame: Frame) -> int:
    """The row of dots of `value`, 0 at the top."""
    last = 4 * frame.rows - 1
    share = min(max(value / frame.top, 0.0), 1.0) if frame.top > 0 else 0.0
    return round((1 - share) * last)


def _dots(slots: Sequence[float | None], frame: Frame) -> list[list[int]]:
    cells = [[0] * frame.columns for _ in range(frame.rows)]
    before: int | None = None
    for slot, value in enumerate(slots):
        if value is None:
            before = None
            continue
        level = _level(value, frame)
        top = bottom = level
        if before is not None and abs(before - level) > 1:  # join steep steps with a line
            top, bottom = (before + 1, level) if level > before else (level, before - 1)
        for dot in range(top, bottom + 1):
            cells[dot // 4][slot // 2] |= _DOTS[slot % 2][dot % 4]
        before = level
    return cells


def _cell(dots: int, column: int, marked: int, dashed: bool, role: str) -> Span:
    if dots:
        return Span(chr(0x2800 + dots), role if 0 <= marked <= column else "dim")
    if column == marked:
        return Span("┆", "mute")
    return Span("╌", "faint") if dashed else Span(" ", "dim")


def _merged(cells: Iterable[Span]) -> tuple[Span, ...]:
    """Neighbours of one role as one span: a row of a chart is three spans, not fifty."""
    merged: list[Span] = []
    for cell in cells:
        if merged and merged[-1].role == cell.role:
            merged[-1] = Span(merged[-1].text + cell.text, cell.role)
        else:
            merged.append(cell)
    return tuple(merged)
