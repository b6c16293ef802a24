"""Hosts as rows of a table: the same columns on the hosts screen and on home.

Which columns there are follows from the width alone, so that nothing moves when values change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len

from estate.document import HostRow
from estate.language import Words
from tui.paint import numbers
from tui.paint.cells import Line, elided
from tui.paint.charts import flat, spark_spans
from tui.paint.glyphs import FOLLOWS
from tui.paint.rows import TEXT, Label, Row, heading, lead
from tui.paint.states import LAST_FAULT, Standing, State, folded, longest_name, state_since
from tui.paint.view import View

#: From this width on there is room for everything.
WIDE = 160


class Entry(NamedTuple):
    """A row of the list: one host, or the hosts `behind` a cause folded into one row."""

    key: str
    host: str  # the host, or the cause's name
    behind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One host's figures on their way into the columns."""

    row: HostRow
    state: State
    standing: Standing
    age_ms: int
    words: Words

    def role(self, metric: str) -> str:
        """The role of a figure: its threshold's, or unk when it is stale."""
        if self.state.believed == "stale":
            return "unk"
        return self.standing.hot.get((self.row.name, metric), "text")

    def value(self, metric: str) -> float | None:
        """The figure; None where it is not known."""
        return self.row.values.get(metric)


class Column(NamedTuple):
    """`title` over `cells` cells after a `gap`, on screens of `least` to `most` columns.

    A title that is wider in another language than its figures gets the cells that it needs.
    """

    title: str
    gap: int
    cells: int
    least: int
    paint: Callable[[Row, int, int, Cell], object]  # row, start, end, cell
    left: bool = False
    most: int = 10_000


class Placed(NamedTuple):
    """A column with its place on the line; its title stands as its cells do."""

    column: Column
    title: str
    start: int
    end: int

    @property
    def label_end(self) -> int:
        """Where the title's words end."""
        return self.start + cell_len(self.title) if self.column.left else self.end


@dataclass(frozen=True, slots=True)
class HostTable:
    """The columns for one width: `heading` and `line` draw on the same places."""

    width: int
    name_end: int
    places: tuple[Placed, ...]
    why: int  # where the last column starts; 0 when there is no room for it
    words: Words

    def heading(self, title: str, note: str = "") -> Line:
        """`HOST ── state ── age ── …`: a column's words stand as its cells do."""
        columns = [
            Label(place.label_end, place.title)
            for place in self.places
            if place.label_end > TEXT + cell_len(title) + cell_len(note) + 3
        ]
        if self.why:
            why = self.words.say("why")
            columns.append(Label(self.why + cell_len(why), why))
        return heading(self.width, title, note, columns)

    def line(self, view: View, standing: Standing, entry: Entry, cursor: bool) -> Line:
        """One entry as a line."""
        if entry.behind:
            return self._folded_line(view, entry, cursor)
        row = view.document.hosts[entry.host]
        state = standing.states[entry.host]
        marked = entry.key in view.attention.marks
        line = lead(self.width, state.glyph, cursor=cursor, marked=marked)
        loud = state.rank <= 1 or state.glyph.role == "unk b"
        role = "info b" if marked else "strong b" if loud else "text"
        line.put(TEXT, elided(entry.host, self.name_end - TEXT), role)
        cell = Cell(row, state, standing, state_since(row, state, view.now), view.words)
        for place in self.places:
            place.column.paint(line, place.start, place.end, cell)
        if self.why:
            words, role = _why(row, state)
            line.put(self.why, words, role, self.width - 1)
        return line.line("sel" if cursor else "", entry.key)

    def _folded_line(self, view: View, entry: Entry, cursor: bool) -> Line:
        say, line = view.words.say, lead(self.width, FOLLOWS, cursor=cursor)
        behind = say("{count:,} behind", count=len(entry.behind))
        line.put(TEXT, f"└ {behind}", "dim", self.name_end)
        for place in self.places:
            if place.column.title == "state":
                line.put(place.start, say("unreachable"), "crit", place.end)
            elif place.column.title == "age":
                rows = (view.document.hosts[name] for name in entry.behind)
                since = min((row.since for row in rows if row.since), default=view.now)
                line.right(place.end, numbers.age(view.now - since), "text")
        unfolds = say(" unfolds")
        hint = self.width - 1 - cell_len("tab" + unfolds)
        line.put(line.at + 2, folded(entry.behind), "dim", hint - 2)
        if hint > line.at:
            line.put(hint, "tab", "info").then(unfolds, "dim")
        return line.line("sel" if cursor else "", entry.key)


def host_table(view: View, width: int) -> HostTable:
    """The columns that fit `width` cells; names get what the longest asks for, in reason."""
    most = 24 if width >= WIDE else 14 if width >= 100 else 12
    folded_away = cell_len(f"└ {view.words.say('{count:,} behind', count=99)}")
    at = name_end = TEXT + max(folded_away, min(most, longest_name(view.document)))
    places: list[Placed] = []
    for column in _COLUMNS:
        title = view.words.say(column.title)
        blanks = 0 if column.left else 2  # a rule and a blank, or blanks, stand before a title
        start = at + column.gap
        end = start + max(column.cells, cell_len(title) + blanks)
        if column.least <= width <= column.most and end <= width - 1:
            places.append(Placed(column, title, start, end))
            at = end
    why = at + 2 if width - 1 - (at + 2) >= 8 else 0
    return HostTable(width, name_end, tuple(places), why, view.words)


# ── the columns ─────────────────────────────────────────────────────────────────────────────────


def _state(row: Row, start: int, end: int, cell: Cell) -> None:
    row.put(start, cell.words.say(cell.state.word), cell.state.role, end)


def _age(row: Row, start: int, end: int, cell: Cell) -> None:
    row.right(end, numbers.age(cell.age_ms), "unk" if cell.state.believed == "stale" else "dim")


def _spark(metric: str, top: float | None) -> Callable[[Row, int, int, Cell], None]:
    def paint(row: Row, start: int, end: int, cell: Cell) -> None:
        row.to(start)
        values = cell.row.spark.get(metric, ())
        if cell.state.believed == "none":
            row.spans((flat(end - start),))
        elif values:
            role = cell.role(metric).replace("text", "dim")
            # Without a top of its own, steady traffic stands at three quarters.
            peak = max((value for value in values if value is not None), default=0.0)
            row.spans(spark_spans(values, end - start, role, top or peak * 1.3))

    return paint


def _figure(
    metric: str, words: Callable[[float | None], str], unit: str = ""
) -> Callable[[Row, int, int, Cell], None]:
    def paint(row: Row, start: int, end: int, cell: Cell) -> None:
        none = cell.state.believed == "none"
        row.right(end, numbers.NONE if none else words(cell.value(metric)), cell.role(metric), unit)

    return paint


def _traffic(row: Row, start: int, end: int, cell: Cell) -> None:
    came, went = cell.value("net_in"), cell.value("net_out")
    total = None if came is None or went is None else came + went
    none = cell.state.believed == "none"
    row.right(end, numbers.NONE if none else numbers.kilobytes(total), cell.role("net_in"))


def _swap(row: Row, start: int, end: int, cell: Cell) -> None:
    if cell.row.without_swap and cell.state.believed != "none":
        row.right(end, cell.words.say("none"), "dim")
    else:
        _figure("swap", numbers.percent, "%")(row, start, end, cell)


def _uptime(row: Row, start: int, end: int, cell: Cell) -> None:
    seconds = cell.row.uptime_seconds
    words = numbers.UNKNOWN if seconds is None else numbers.duration(seconds)
    row.right(end, numbers.NONE if cell.state.believed == "none" else words, "dim")


def _groups(row: Row, start: int, end: int, cell: Cell) -> None:
    row.put(start, " ".join(cell.row.groups), "dim", end)


def _why(row: HostRow, state: State) -> tuple[str, str]:
    role = "text" if state.rank <= LAST_FAULT else "dim"
    if row.why:  # "lost: no answer" beside the state "lost" would say it twice
        return row.why.removeprefix(f"{state.word}: "), role
    if row.cause is not None and state.believed != "fresh":
        return row.cause.what, role
    return row.note, "dim"


_COLUMNS = (
    Column("state", 1, 11, 40, _state, left=True),
    Column("age", 0, 7, 50, _age),
    Column("group", 3, 10, WIDE, _groups, left=True),
    Column("15 min", 3, 8, 76, _spark("cpu", 100.0), left=True, most=99),
    Column("cpu 15 min", 3, 12, 100, _spark("cpu", 100.0), left=True),
    Column("cpu", 0, 6, 30, _figure("cpu", numbers.percent, "%")),
    Column("wait", 0, 6, WIDE, _figure("cpu_iowait", numbers.percent, "%")),
    Column("load", 0, 7, 140, _figure("load1", numbers.decimal)),
    Column("mem", 0, 6, 56, _figure("mem", numbers.percent, "%")),
    Column("swap", 0, 6, WIDE, _swap),
    Column("disk", 0, 6, 56, _figure("disk", numbers.percent, "%")),
    Column("busy", 0, 6, WIDE, _figure("disk_busy", numbers.percent, "%")),
    Column("net 15 min", 2, 12, 110, _spark("net", None), left=True),
    Column("kB/s", 0, 9, 100, _traffic),
    Column("up", 0, 8, WIDE, _uptime),
)
