"""One queue over time: what it was, its limits, and dotted what becomes of it if this lasts."""

from __future__ import annotations

from rich.cells import cell_len

from estate.document import Series
from estate.queues import QueueRow
from tui.paint import numbers, queuewords
from tui.paint.cells import Line, Span
from tui.paint.charts import Frame, line_chart, nice_top
from tui.paint.rows import TEXT, Row
from tui.paint.view import View

_LABELS = 14  # cells of the figures at the left, and of the spans below them
_NAMES = 11  # cells of the limits' names at the right
_SPANS = {"1h": 3_600_000, "24h": 86_400_000, "7d": 7 * 86_400_000}
#: So much of the paper's width is the future, at the most, where something is in sight.
_FUTURE = 0.3


def queue_chart(view: View, row: QueueRow, rows: int) -> list[Line]:
    """The chart in `rows` lines and its axis below."""
    width = view.width
    columns = max(10, width - 1 - TEXT - _LABELS - _NAMES)
    past = _SPANS.get(view.attention.span, _SPANS["1h"])
    ahead = _ahead(row, past)
    start, end = view.now - past, view.now + ahead
    queue, series = view.queue_series or ("", None)
    series = series if queue == row.key else None
    frame = _frame(row, series, (columns, rows), (start, end))
    before = line_chart(series, frame) if series is not None else ((Span(" " * columns),),) * rows
    after = line_chart(_future(view, row, ahead, frame), frame) if ahead else None
    dashed = frame.dashed()
    lines = []
    for at in range(rows):
        line = Row(width)
        limit = dashed.get(at)
        if limit is not None:
            line.right(TEXT + _LABELS - 1, f"{int(limit):,}", "dim")
        elif at == 0:
            line.right(TEXT + _LABELS - 1, f"{int(frame.top):,}", "mute")
        line.to(TEXT + _LABELS)
        now = frame.column(view.now)
        line.spans(_spliced(before[at], after[at], now) if after else before[at])
        if limit is not None:
            name, role = _limit_name(view, row, limit)
            line.put(TEXT + _LABELS + columns + 1, name, role, width - 1)
        lines.append(line.line())
    return [*lines, _axis(view, frame, start, end)]


def _frame(
    row: QueueRow, series: Series | None, size: tuple[int, int], span: tuple[int, int]
) -> Frame:
    peak = max((high for _, _, _, high in series.points), default=0.0) if series else 0.0
    peak = max(peak, float(row.depth or 0))
    limits = [limit for limit in (row.warn, row.critical, row.full) if limit]
    # The next limit above what there was is shown, so that it is seen how far it is.
    above = [limit for limit in limits if limit >= peak]
    filling = row.full if row.full_in_seconds is not None else None
    top = float(filling or (min(above) if above and min(above) <= 20 * max(peak, 1) else 0))
    top = max(top * 1.04, 0.0) or nice_top(peak, 10)
    shown = tuple(float(limit) for limit in limits)
    loud = queuewords.loud(row)
    return Frame(
        *size,
        *span,
        max(top, peak),
        row.since if loud else None,
        queuewords.role(row) if loud else "dim",
        shown,
    )


def _ahead(row: QueueRow, past: int) -> int:
    """How much of the future is shown: up to the end that is in sight, in reason."""
    seconds = row.full_in_seconds if row.full_in_seconds is not None else row.empty_in_seconds
    if seconds is None or row.depth is None:
        return 0
    return int(min(seconds * 1000, past * _FUTURE / (1 - _FUTURE)))


def _future(view: View, row: QueueRow, ahead: int, frame: Frame) -> Series:
    """The straight line to the end that is in sight, every other half column of it."""
    depth, net = float(row.depth or 0), row.net_per_minute or 0.0
    step = max(1, (frame.end - frame.start) // (2 * frame.columns))
    points = []
    for at in range(view.now, view.now + ahead, 2 * step):
        value = max(0.0, depth + net * (at - view.now) / 60_000)
        points.append((at, value, value, value))
    return Series("depth", frame.start, frame.end, 1, tuple(points))


def _spliced(before: tuple[Span, ...], after: tuple[Span, ...], column: int) -> tuple[Span, ...]:
    """What was, up to `column`, then what will be."""
    return (*_cut(before, 0, column), *_cut(after, column, 10**6))


def _cut(spans: tuple[Span, ...], begin: int, end: int) -> list[Span]:
    found, at = [], 0
    for span in spans:
        text = span.text[max(0, begin - at) : max(0, end - at)]
        if text:
            found.append(Span(text, span.role))
        at += len(span.text)
    return found


def _limit_name(view: View, row: QueueRow, limit: float) -> tuple[str, str]:
    if limit == row.full:
        return view.words.say_in("of a queue's limit", "full"), "crit"
    if limit == row.critical:
        return view.words.say("critical"), "crit"
    return view.words.say("warning"), "warn"


def _axis(view: View, frame: Frame, start: int, end: int) -> Line:
    """The spans to choose from, when it began, what is now, and when it ends.

    Where `┆` stands is told, too: unnamed it was taken for now. "now" begins at its column.
    """
    row = Row(view.width)
    for span, name in queuewords.SPANS:
        chosen = span == view.attention.span
        if max(TEXT, row.at) + cell_len(name) >= TEXT + _LABELS:
            break
        row.put(max(TEXT, row.at), name, "info b" if chosen else "mute").then(" ")
    left = TEXT + _LABELS
    row.put(left, _moment(view, start, end - start), "dim").then(" ")
    now = view.words.say("now")
    at = left + min(frame.column(view.now), frame.columns - cell_len(now))
    if at > row.at:
        _mark(view, frame, row, left, at - 1)
        row.then("─" * (at - row.at - 1), "faint").to(at)
        row.put(at, now, "strong b").then(" ")
    last = _moment(view, end, end - start)
    stop = left + frame.columns - cell_len(last)
    if end > view.now and stop > row.at:
        row.then("─" * (stop - row.at - 1), "faint").then(" ").then(last, "dim")
    return row.line()


def _mark(view: View, frame: Frame, row: Row, left: int, end: int) -> None:
    """`since 02:58 ┆` with the mark in its column, before `end`; the words behind it if need be."""
    if frame.since is None or not frame.start <= frame.since < frame.end:
        return
    at = left + frame.column(frame.since)
    if not row.at <= at <= end:
        return
    words = view.words.say("since {time}", time=_moment(view, frame.since, frame.end - frame.start))
    begin = at - 1 - cell_len(words)
    before = begin > row.at
    row.then("─" * ((begin if before else at) - row.at - 1), "faint")
    if before:
        row.to(begin).then(words, "dim")
    row.to(at).then("┆", "mute")
    if not before and row.at + cell_len(words) + 2 <= end:
        row.then(f" {words} ", "dim")


def _moment(view: View, at: int, span: int) -> str:
    timezone = view.document.timezone
    if span > 2 * 86_400_000:
        return numbers.day(at, timezone, view.words, weekday=False)
    return numbers.minute(at, timezone)
