"""Charts as inline SVG. Colours are classes of the stylesheet, so that they follow light and dark;
a state is told by height and pattern as well, for print and for eyes that see no colours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from rich.cells import cell_len

from snapshots.page import Curve, FleetGroup, RibbonRow, TimeLine
from snapshots.rendering.elements import e

#: Heights of a day in a ribbon, of `_ROW`.
_ROW = 14
_HEIGHTS = {"up": 5, "degraded": 9, "down": _ROW, "unknown": _ROW, "": 1}
_ROLES = {"up": "good", "degraded": "warn", "down": "crit", "unknown": "unk", "": "dim"}
_DAY = 10

#: Lines of what is stretched stay as thin as they are.
_THIN = "non-scaling-stroke"

#: A curve's paper, in units of its view box; on the left what its scale needs, a cell of letters
#: being so wide at most, up to less than half of it.
_WIDTH, _HEIGHT, _LEAST_LEFT, _TOP, _RIGHT, _FOOT = 340, 150, 44, 10, 12, 20
_LETTER, _MOST_LEFT = 6, 150
#: More points than this are more than a screen has dots there.
_MOST_POINTS = 280

_CELL, _ACROSS = 18, 16
#: What is drawn on a host's cell, for those who see no colours.
_MARKS = {
    "crit": "M5 5l8 8M13 5l-8 8",
    "warn": "M9 4v6M9 12.5v1.5",
    "unk": "M4 9h10",
    "info": "M5 11l2.7-4 2.6 4L13 7",
}


def defs() -> Element:
    """The patterns that charts refer to, once in a document."""
    hatch = e("pattern", e("path", d="M-1 5L5-1M1 7L7 1", class_="hatch"),
              id="hatch", width="6", height="6", patternUnits="userSpaceOnUse")  # fmt: skip
    return e("svg", e("defs", hatch), width="0", height="0", class_="defs", aria_hidden="true")


def days(row: RibbonRow, words: Mapping[str, str]) -> Element:
    """A month of one service, a day each; stretched to whatever width there is. `words` are what
    its states are called."""
    width = max(1, len(row.days)) * _DAY
    paths: dict[str, list[str]] = {}
    for number, day in enumerate(row.days):
        state = day if day in _HEIGHTS else "unknown"
        height = _HEIGHTS[state]
        shape = f"M{number * _DAY + 1} {_ROW - height}h{_DAY - 2}v{height}h{2 - _DAY}z"
        paths.setdefault(state, []).append(shape)
    return e(
        "svg",
        *(
            e("path", d="".join(shapes), class_=f"fill {_ROLES[state]}", vector_effect=_THIN)
            for state, shapes in paths.items()
        ),
        viewBox=f"0 0 {width} {_ROW}",
        preserveAspectRatio="none",
        class_="days",
        role="img",
        aria_label=_in_words(row, words),
    )


def _in_words(row: RibbonRow, words: Mapping[str, str]) -> str:
    """What somebody hears who does not see the ribbon: the days that were not well."""
    ill = [
        f"{number} {words.get(day, day)}"
        for number, day in enumerate(row.days, 1)
        if day not in ("up", "")
    ]
    return f"{row.name.text}: {' · '.join(ill) or '–'}"


def legend(state: str) -> Element:
    """One day of that state."""
    height = _HEIGHTS.get(state, _ROW)
    shape = f"M1 {_ROW - height}h8v{height}h-8z"
    role = _ROLES.get(state, "unk")
    return e("svg", e("path", d=shape, class_=f"fill {role}"), viewBox=f"0 0 {_DAY} {_ROW}",
             width="10", height="14", aria_hidden="true")  # fmt: skip


def curve(chart: Curve) -> Element:
    """A figure over time; where it is not known there is no line."""
    widest = max((cell_len(said.text) for _, said in chart.scale), default=0)
    left = min(_MOST_LEFT, max(_LEAST_LEFT, widest * _LETTER + 8))
    along, up = _WIDTH - left - _RIGHT, _HEIGHT - _TOP - _FOOT
    length, top = max(1, chart.ends - chart.starts), chart.top if chart.top > 0 else 1.0

    def x(at: int) -> float:
        return round(left + along * min(1.0, max(0.0, (at - chart.starts) / length)), 1)

    def y(value: float) -> float:
        return round(_TOP + up * (1 - min(1.0, max(0.0, value / top))), 1)

    drawn: list[Element | None] = []
    for value, said in chart.scale:
        drawn.append(e("path", d=f"M{left} {y(value)}H{_WIDTH - _RIGHT}", class_="rule"))
        drawn.append(
            e("text", said.text, x=left - 5, y=y(value) + 3.5, text_anchor="end", class_="tick")
        )
    for number, (at, said) in enumerate(chart.ticks):
        anchor = "end" if number == len(chart.ticks) - 1 else "middle"
        anchor = "start" if number == 0 else anchor
        drawn.append(
            e("text", said.text, x=x(at), y=_HEIGHT - 5, text_anchor=anchor, class_="tick")
        )
    for stretch in _stretches(chart):
        line = "L".join(f"{x(at)} {y(value)}" for at, value in stretch)
        if len(stretch) == 1:
            line += "h.1"  # round ends make a dot of it
        first, last = x(stretch[0][0]), x(stretch[-1][0])
        drawn.append(e("path", d=f"M{first} {y(0)}L{line}L{last} {y(0)}z",
                       class_=f"area {chart.role}"))  # fmt: skip
        drawn.append(e("path", d=f"M{line}", class_=f"line {chart.role}"))
    title = e("title", f"{chart.title.text}: {chart.note.text}")
    return e("svg", title, *drawn, viewBox=f"0 0 {_WIDTH} {_HEIGHT}", class_="curve", role="img")


def _stretches(chart: Curve) -> Iterator[list[tuple[int, float]]]:
    """Points without a gap between them; of many, each stands for the highest around it, and
    nothing is drawn on from where more is unknown than known."""
    step = max(1, -(-len(chart.points) // _MOST_POINTS))
    found: list[tuple[int, float]] = []
    for start in range(0, len(chart.points), step):
        near = chart.points[start : start + step]
        known = [(value, at) for at, value in near if value is not None]
        if known:
            value, at = max(known)
            found.append((at, value))
        if found and len(known) * 2 < len(near):
            yield found
            found = []
    if found:
        yield found


def hosts(group: FleetGroup) -> Element:
    """A cell for each host of a group, with its name and state behind it."""
    many = len(group.cells)
    across = min(_ACROSS, max(1, many))
    rows = -(-many // across)
    cells = []
    for number, cell in enumerate(group.cells):
        left, top = number % across * _CELL, number // across * _CELL
        role = cell.state.role or "unk"
        mark = _MARKS.get(role)
        cells.append(
            e(
                "g",
                e("title", f"{cell.host.text}: {cell.state.text}"),
                e("rect", x=1, y=1, width=_CELL - 2, height=_CELL - 2, rx=3, class_=f"fill {role}"),
                None if mark is None else e("path", d=mark, class_="mark"),
                transform=f"translate({left} {top})",
            )
        )
    width, height = across * _CELL, rows * _CELL
    said = f"{group.site.text}, {group.group.text}"
    return e("svg", e("title", said), *cells, viewBox=f"0 0 {width} {height}",
             width=width, height=height, class_="hosts", role="img")  # fmt: skip


def bar(line: TimeLine, number: int) -> Element:
    """One bar of a time line under its axis, stretched to whatever width there is."""
    drawn = line.bars[number]
    length = max(1, line.ends - line.starts)
    end = line.end_of(drawn)

    def x(at: int) -> float:
        return round(1000 * min(1.0, max(0.0, (at - line.starts) / length)), 1)

    first = min(x(drawn.starts), 996.0)
    width = max(4.0, round(x(end) - first, 1))
    target = None if line.target is None else x(line.target)
    return e(
        "svg",
        e("path", d="M0 7H1000", class_="rule", vector_effect=_THIN),
        e("rect", x=first, y=2, width=width, height=10, class_=f"fill {drawn.note.role or 'info'}"),
        None
        if target is None
        else e("path", d=f"M{target} 0V14", class_="target", vector_effect=_THIN),
        viewBox="0 0 1000 14",
        preserveAspectRatio="none",
        class_="bar",
        role="img",
        aria_label=f"{drawn.name.text}: {drawn.note.text}",
    )
