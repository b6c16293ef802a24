"""A report as it is said, before it is set: sections of paragraphs, lists, tables and charts.

`telling/` makes it in a language, `rendering/` sets it as text, Markdown or HTML. Every text in it
is a `Phrase`, and a phrase is never markup, never a formula and never longer than a row can bear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Longer texts are cut: a row of a report is read, not searched.
LONGEST_PHRASE = 400
#: What a spreadsheet takes for the beginning of a formula, narrow and wide: a table of a report is
#: pasted into one sooner or later (OWASP, CSV injection).
_FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text and the role that it is set in: good, warn, crit, unk, info, dim, strong or ""."""

    text: str
    role: str = ""

    def __post_init__(self) -> None:
        text = self.text
        if len(text) > 1 and text.lstrip()[:1] in _FORMULA and text.strip():
            text = f"'{text}"
        if len(text) > LONGEST_PHRASE:
            text = f"{text[: LONGEST_PHRASE - 1]}…"
        object.__setattr__(self, "text", text)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or several."""

    said: Phrase


@dataclass(frozen=True, slots=True)
class Heading:
    """What comes under it, within a section."""

    said: Phrase


@dataclass(frozen=True, slots=True)
class Points:
    """A list, one phrase a point."""

    points: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values, one pair a line."""

    pairs: tuple[tuple[Phrase, Phrase], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; figures stand on the right."""

    title: Phrase
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; `more` says what was left out, "" when nothing was."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Phrase, ...], ...]
    more: Phrase = Phrase("")


@dataclass(frozen=True, slots=True)
class RibbonRow:
    """A month of one service: for each day its worst word ("" is to come), and a figure behind."""

    name: Phrase
    days: tuple[str, ...]
    note: Phrase = Phrase("")


@dataclass(frozen=True, slots=True)
class Ribbon:
    """Months day by day under each other; `legend` says each word that `days` use."""

    title: Phrase
    rows: tuple[RibbonRow, ...]
    legend: tuple[tuple[str, Phrase], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """A figure over time, from 0 to `top`: `points` are (UTC ms, value), None where it is unknown.

    `scale` names heights and `ticks` moments.
    """

    title: Phrase
    note: Phrase
    starts: int
    ends: int
    top: float
    points: tuple[tuple[int, float | None], ...]
    scale: tuple[tuple[float, Phrase], ...] = ()
    ticks: tuple[tuple[int, Phrase], ...] = ()
    role: str = "info"


@dataclass(frozen=True, slots=True)
class Curves:
    """Curves beside each other, as small multiples."""

    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class FleetCell:
    """A host on the map: its name, how it is in a word, and its role."""

    host: Phrase
    state: Phrase


@dataclass(frozen=True, slots=True)
class FleetGroup:
    """The hosts of a group at a site."""

    site: Phrase
    group: Phrase
    cells: tuple[FleetCell, ...]


@dataclass(frozen=True, slots=True)
class Fleet:
    """Every host of the estate, a cell each; `counts` are the states there are, in words."""

    title: Phrase
    groups: tuple[FleetGroup, ...]
    counts: tuple[tuple[str, Phrase], ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time with its words; without an end it goes on."""

    name: Phrase
    starts: int
    ends: int | None
    note: Phrase = Phrase("")


@dataclass(frozen=True, slots=True)
class TimeLine:
    """Bars under one time axis; `target` is when it should have been done, `now` where a bar ends
    that goes on: the axis may reach beyond it."""

    title: Phrase
    note: Phrase
    starts: int
    ends: int
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[int, Phrase], ...] = ()
    target: int | None = None
    now: int | None = None

    def end_of(self, bar: Bar) -> int:
        """Where `bar` is drawn to."""
        if bar.ends is not None:
            return bar.ends
        return self.ends if self.now is None else self.now


Chart = Ribbon | Curves | Fleet | TimeLine
Block = Paragraph | Heading | Points | Facts | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part. `blocks` is never empty: what there is nothing of says so. One that is
    `folded` is looked up rather than read: a phone shows its title until somebody asks for it."""

    number: int
    key: str  # an anchor, ASCII: "budgets"
    title: Phrase
    blocks: tuple[Block, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report. `worry` is its one sentence; `language` its BCP 47 tag; `unfold` asks for
    a section that is folded."""

    language: str
    title: Phrase
    subtitle: Phrase
    worry: Phrase
    sections: tuple[Section, ...]
    colophon: tuple[Phrase, ...] = ()
    unfold: Phrase = Phrase("")


def table(
    titles: Sequence[str], rows: Sequence[Sequence[Phrase]], right: str = "", more: str = ""
) -> Table:
    """A table; `right` has a ">" for each column of figures, as in "  >>"."""
    columns = tuple(
        Column(Phrase(title), right[number : number + 1] == ">")
        for number, title in enumerate(titles)
    )
    return Table(columns, tuple(tuple(row) for row in rows), Phrase(more, "dim"))
