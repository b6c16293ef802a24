"""Section 6: what waits, how old it is, where it goes, and when there is no more room."""

from __future__ import annotations

from collections.abc import Mapping

from estate.language import later
from estate.queues import QueueRow
from snapshots.page import Block, Curve, Curves, Heading, Phrase, table
from snapshots.snapshot import Depths, Kind
from snapshots.telling import figures
from snapshots.telling.teller import Teller

_MOST_ROWS = 40
_MOST_CURVES = 4
#: Points that make a drawing.
_ENOUGH = 12
#: Points of a period that make a drawing of it.
_LEAST = 2
#: A cell of a row's own small chart.
_CELL_MS = 120_000

_STATES: Mapping[str, tuple[str, str]] = {
    "critical": (later("critical"), "crit"),
    "warning": (later("warning"), "warn"),
    "unknown": (later("unknown"), "unk"),
    "ok": (later("ok"), "good"),
}
_TRENDS: Mapping[str, str] = {
    "rising": later("rising"),
    "falling": later("falling"),
    "steady": later("steady"),
}


def tell_queues(t: Teller) -> tuple[Block, ...]:
    """Every queue, the worst first, and the depth of the deepest over time."""
    order = list(_STATES)
    rows = sorted(
        t.snapshot.queues,
        key=lambda row: (
            order.index(row.state) if row.state in order else 2,
            -(row.depth or 0),
            row.key,
            row.site,
        ),
    )
    report = t.snapshot.kind is Kind.REPORT
    then = [_curve_then(t, each, rows) for each in t.snapshot.depths] if report else []
    drawn = _drawn(t, then or _curves_now(t, rows))
    return (*_table(t, rows), *drawn)


def _table(t: Teller, rows: list[QueueRow]) -> tuple[Block, ...]:
    if not rows:
        return ()
    say = t.words.say
    more = len(rows) - _MOST_ROWS
    titles = (say("queue"), say("site"), say("state"), say("depth"), say("oldest"), say("trend"),
              say("a minute"), say("full or empty"), say("why"))  # fmt: skip
    return (
        table(
            titles,
            [_row(t, each) for each in rows[:_MOST_ROWS]],
            right="   >> >  ",
            more=say("and {count:,} more", count=more) if more > 0 else "",
        ),
    )


def _row(t: Teller, row: QueueRow) -> tuple[Phrase, ...]:
    word, role = _STATES.get(row.state, (row.state, "unk"))
    depth = figures.count(row.depth)
    return (
        Phrase(row.name, "strong"),
        Phrase(_site(t, row.site)),
        Phrase(t.words.say(word), role),
        Phrase(f"≥ {depth}" if row.at_least and row.depth is not None else depth),
        Phrase(_seconds(t, row.oldest_seconds)),
        Phrase(t.words.say(_TRENDS.get(row.trend, row.trend)), "dim"),
        Phrase(_net(row.net_per_minute)),
        Phrase(_outlook(t, row), "warn" if row.full_in_seconds is not None else "dim"),
        Phrase(row.why, "dim"),
    )


def _site(t: Teller, key: str) -> str:
    return next((t.name(each) for each in t.snapshot.sites if each.key == key), key)


def _seconds(t: Teller, seconds: float | None) -> str:
    return figures.NONE if seconds is None else t.span(seconds * 1000)


def _net(rate: float | None) -> str:
    if rate is None:
        return figures.NONE
    return f"{'−' if rate < 0 else ''}{abs(rate):,.0f}"


def _outlook(t: Teller, row: QueueRow) -> str:
    if row.full_in_seconds is not None:
        if not row.full_in_seconds:
            return t.words.say("full")
        time = t.span(row.full_in_seconds * 1000)
        if row.at_least:
            return t.words.say("full in {time} at most", time=time)
        return t.words.say("full in {time}", time=time)
    if row.empty_in_seconds is not None:
        return t.words.say("empty in {time}", time=t.span(row.empty_in_seconds * 1000))
    return ""


def _curves_now(t: Teller, rows: list[QueueRow]) -> list[Curve]:
    """Of the queues in which something waits, the worst first."""
    drawn = []
    for row in rows:
        points = _points(t, row)
        if row.depth and any(value is not None for _, value in points):
            title = f"{row.name} · {_site(t, row.site)}"
            note = t.words.say("{depth} waiting", depth=figures.count(row.depth))
            drawn.append(_curve(t, row, points, title, note))
    return drawn


def _curve_then(t: Teller, depths: Depths, rows: list[QueueRow]) -> Curve:
    """Of a queue that was among the deepest in the time of a report; its row may be gone."""
    row = next((row for row in rows if (row.key, row.site) == (depths.key, depths.site)), None)
    title = depths.key if row is None else f"{row.name} · {_site(t, row.site)}"
    highest = max((value for _, value in depths.points if value is not None), default=None)
    note = t.words.say("up to {depth} waiting", depth=figures.count(highest))
    return _curve(t, row, depths.points, title, note)


def _drawn(t: Teller, curves: list[Curve]) -> tuple[Block, ...]:
    if not curves:
        return ()
    return Heading(Phrase(t.words.say("Depth over time"))), Curves(tuple(curves[:_MOST_CURVES]))


def _points(t: Teller, row: QueueRow) -> tuple[tuple[int, float | None], ...]:
    """Over the period where the records have more of it, else the last hour."""
    recent = sum(depth is not None for depth in row.spark)
    for kept in t.snapshot.depths:
        known = sum(value is not None for _, value in kept.points)
        if (kept.key, kept.site) == (row.key, row.site) and known >= min(recent, _ENOUGH) > 0:
            return kept.points
    end = row.at if row.at is not None else t.snapshot.seen_at
    first = end - len(row.spark) * _CELL_MS
    return tuple(
        (first + number * _CELL_MS, None if depth is None else float(depth))
        for number, depth in enumerate(row.spark, 1)
    )


def _axis(t: Teller, points: tuple[tuple[int, float | None], ...]) -> tuple[int, int]:
    """The period of the report, so that what is not known of it is seen as a gap; where hardly any
    of the points are of it, their own."""
    starts, ends = t.snapshot.starts, t.snapshot.made_at
    within = sum(starts <= at <= ends and value is not None for at, value in points)
    if within >= _LEAST and starts < ends:
        return starts, ends
    return points[0][0], max(points[-1][0], points[0][0] + 1)


def _curve(
    t: Teller,
    row: QueueRow | None,
    points: tuple[tuple[int, float | None], ...],
    title: str,
    note: str,
) -> Curve:
    known = [value for _, value in points if value is not None]
    limit = 0 if row is None else row.critical or row.warn or 0
    top = max((*known, float(limit), 1.0))
    starts, ends = _axis(t, points)
    points = tuple(point for point in points if starts <= point[0] <= ends)
    scale = [(0.0, Phrase("0")), (top, Phrase(figures.count(top)))]
    middle = (starts + ends) // 2
    _, role = _STATES.get("" if row is None else row.state, ("", "unk"))
    return Curve(
        Phrase(title),
        Phrase(note),
        starts,
        ends,
        top,
        points,
        scale=tuple(scale),
        ticks=tuple((at, Phrase(t.clock(at))) for at in (starts, middle, ends)),
        role=role if role in ("crit", "warn") else "info",
    )
