"""Charts where there is nothing but characters: one glyph a day, a host, or a stretch of time.

No mark means its state by colour, so all of them read in black on white.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.cells import cell_len, set_cell_size

from snapshots.page import Chart, Curve, Curves, Fleet, Ribbon, TimeLine

#: Days of a ribbon by their word, and hosts by their role.
DAYS: Mapping[str, str] = {"up": "▪", "degraded": "!", "down": "✘", "unknown": "?", "": "·"}
CELLS: Mapping[str, str] = {"good": "▪", "warn": "!", "crit": "✘", "unk": "?", "info": "~"}
_HEIGHTS = "▁▂▃▄▅▆▇█"
#: Cells of a name, of a curve and of a bar; hosts that a group names.
_LEAST_NAME, _MOST_NAME, _CURVE, _BAR, _MOST_ILL = 12, 30, 40, 36, 4


def strokes(chart: Chart, width: int) -> Iterator[str]:
    """The chart, line by line; names give way where `width` cells are too few for all of it."""
    if isinstance(chart, Ribbon):
        yield from _ribbon(chart, width)
    elif isinstance(chart, Curves):
        yield from _named([(each.title.text, _curve(each)) for each in chart.curves], width)
    elif isinstance(chart, Fleet):
        yield from _fleet(chart, width)
    else:
        yield from _time_line(chart, width)


def _ribbon(ribbon: Ribbon, width: int) -> Iterator[str]:
    yield ribbon.title.text
    rows = []
    for row in ribbon.rows:
        days = "".join(DAYS.get(day, "?") for day in row.days)
        rows.append((row.name.text, f"{days}  {row.note.text}"))
    yield from _named(rows, width)
    yield "  ".join(f"{DAYS[state]} {said.text}" for state, said in ribbon.legend)


def _curve(curve: Curve) -> str:
    drawn = "".join(_height(value, curve.top) for value in sampled(curve, _CURVE))
    return f"{drawn}  {curve.note.text}"


def sampled(curve: Curve, most: int) -> list[float | None]:
    """At most `most` values of a curve, each the highest of those that it stands for; where more of
    those are unknown than known, it is unknown too."""
    values = [value for _, value in curve.points]
    step = max(1, -(-len(values) // most))
    found: list[float | None] = []
    for start in range(0, len(values), step):
        near = values[start : start + step]
        known = [value for value in near if value is not None]
        found.append(max(known) if len(known) * 2 >= len(near) else None)
    return found


def _height(value: float | None, top: float) -> str:
    """Zero has the lowest mark, the unknown has "?"."""
    if value is None:
        return "?"
    share = min(1.0, max(0.0, value / top)) if top > 0 else 0.0
    return _HEIGHTS[min(7, int(share * 8))]


def _fleet(fleet: Fleet, width: int) -> Iterator[str]:
    yield fleet.title.text
    rows = []
    for group in fleet.groups:
        name = f"{group.group.text} · {group.site.text}"
        marks = "".join(CELLS.get(cell.state.role, "?") for cell in group.cells)
        ill = [
            f"{cell.host.text} {cell.state.text}"
            for cell in group.cells
            if cell.state.role != "good"
        ]
        more = " …" if len(ill) > _MOST_ILL else ""
        rows.append((name, f"{marks}  {' · '.join(ill[:_MOST_ILL])}{more}"))
    yield from _named(rows, width)
    yield "  ".join(f"{CELLS.get(said.role, '?')} {said.text}" for _, said in fleet.counts)


def _time_line(line: TimeLine, width: int) -> Iterator[str]:
    yield f"{line.title.text} · {line.note.text}"
    length = line.ends - line.starts
    rows = []
    for bar in line.bars:
        first = min(_BAR - 1, max(0, (bar.starts - line.starts) * _BAR // length))
        end = line.end_of(bar)
        last = min(_BAR, max(first + 1, -(-(end - line.starts) * _BAR // length)))
        drawn = f"{' ' * first}{'━' * (last - first)}{' ' * (_BAR - last)}"
        rows.append((bar.name.text, f"{drawn}  {bar.note.text}"))
    if line.ticks:
        left, right = line.ticks[0][1].text, line.ticks[-1][1].text
        gap = max(1, _BAR - cell_len(left) - cell_len(right))
        rows.append(("", f"{left}{' ' * gap}{right}"))
    yield from _named(rows, width)


def _named(rows: list[tuple[str, str]], width: int) -> Iterator[str]:
    """Rows behind their names, which are as wide as the widest of them needs and may be."""
    widest = max((cell_len(name) for name, _ in rows), default=0)
    drawn_cells = max((cell_len(drawn) for _, drawn in rows), default=0)
    cells = min(widest, max(_LEAST_NAME, min(_MOST_NAME, width - 2 - drawn_cells)))
    for name, drawn in rows:
        yield f"{_cells(name, cells)}  {drawn}"


def _cells(text: str, cells: int) -> str:
    """`text` in exactly so many cells, cut with an ellipsis."""
    if cell_len(text) > cells:
        return set_cell_size(f"{set_cell_size(text, cells - 1).rstrip()}…", cells)
    return set_cell_size(text, cells)
