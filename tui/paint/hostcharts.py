"""The charts of one host: small multiples over one span, all on the same time axis.

Each chart is one metric with its own scale from zero; what is over its threshold is coloured from
the moment the problem began. Short screens get one row a chart, then fewer charts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len

from estate.document import HostRow, Problem
from estate.language import Words
from tui.paint import numbers
from tui.paint.cells import Line, cut
from tui.paint.charts import Frame, line_chart, nice_top
from tui.paint.glyphs import SEVERITY_ROLES
from tui.paint.rows import TEXT, Label, Row, heading
from tui.paint.states import Standing
from tui.paint.view import Series, View

_LABELS = 17  # cells of the charts' names
_NOW, _PEAK = 9, 8  # cells of the figures at the right


class Chart(NamedTuple):
    """One metric: its words, how its figures are written, and the least top of its scale.

    `rank` says how soon it goes when there is no room, greatest first.
    """

    metric: str
    words: str
    figure: Callable[[float | None], str]
    least: float
    rank: int
    unit: str = ""


class Group(NamedTuple):
    """A heading and its charts."""

    title: str
    note: Callable[[HostRow, Words], str]
    charts: tuple[Chart, ...]


def _megabytes(value: float | None) -> str:
    return numbers.decimal(None if value is None else value / 1e6)


def _cores(row: HostRow, words: Words) -> str:
    if not row.cores:
        return words.say("% by state")
    return words.say("% of {count} cores, by state", count=row.cores)


def _memory(row: HostRow, words: Words) -> str:
    if not row.memory_bytes:
        return "GiB"
    return words.say("GiB of {total}", total=numbers.gibibytes(row.memory_bytes))


def _pressure(row: HostRow, words: Words) -> str:
    return words.say("and pressure, % of time that work waits")


GROUPS: tuple[Group, ...] = (
    Group(
        "CPU",
        _cores,
        (
            Chart("cpu_user", "user", numbers.percent, 10, 0, "%"),
            Chart("cpu_system", "system", numbers.percent, 10, 5, "%"),
            Chart("cpu_iowait", "waiting on disk", numbers.percent, 10, 3, "%"),
            Chart("cpu_steal", "stolen", numbers.percent, 10, 9, "%"),
        ),
    ),
    Group(
        "MEMORY",
        _memory,
        (
            Chart("mem_used", "used", numbers.gibibytes, 0, 1),
            Chart("swap_used", "swap", numbers.gibibytes, 2**30, 8),
        ),
    ),
    Group(
        "NETWORK",
        lambda row, words: "MB/s",
        (
            Chart("net_in", "in", _megabytes, 1e5, 2),
            Chart("net_out", "out", _megabytes, 1e5, 4),
        ),
    ),
    Group(
        "DISK",
        lambda row, words: "",
        (
            Chart("disk", "fullest", numbers.percent, 100, 2, "%"),
            Chart("disk_write", "write MB/s", _megabytes, 1e6, 6),
            Chart("disk_read", "read MB/s", _megabytes, 1e6, 10),
            Chart("disk_busy", "busy", numbers.percent, 10, 11, "%"),
        ),
    ),
    Group(
        "LOAD",
        _pressure,
        (
            Chart("load1", "load 1 min", numbers.decimal, 1, 7),
            Chart("psi_cpu", "for cpu", numbers.percent, 10, 12, "%"),
            Chart("psi_memory", "for memory", numbers.percent, 10, 13, "%"),
            Chart("psi_io", "for disk", numbers.percent, 10, 12, "%"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Charts:
    """What all charts of one host share: figures, problems, and the columns they stand in."""

    view: View
    stand: Standing
    row: HostRow
    width: int  # the last column is free
    trouble: Problem | None  # the host's worst problem, whose start is marked

    def lines(self, room: int) -> list[Line]:
        """The charts and their axis in at most `room` lines."""
        groups = _chosen(room - 2, self._known())
        heights, airy = _heights(groups, room - 2)
        lines: list[Line] = []
        for group in groups:
            if airy and lines:
                lines.append(Line())
            lines.append(self._heading(group))
            for chart in group.charts:
                lines += self._chart(chart, heights[chart.metric])
        return [*lines, *self._axis()] if groups else [self._no_history()]

    def _known(self) -> tuple[Group, ...]:
        """Groups with what this host has: kernels without pressure figures get no such charts."""
        detail = self.view.detail
        known = set(self.row.values) | (set(detail.series) if detail is not None else set())
        groups = (
            group._replace(charts=tuple(chart for chart in group.charts if chart.metric in known))
            for group in GROUPS
        )
        return tuple(group for group in groups if group.charts)

    def _no_history(self) -> Line:
        said = self.view.words.say("Nothing was ever measured here.")
        return Row(self.width).put(TEXT, said, "dim").line()

    def _heading(self, group: Group) -> Line:
        end, words = self.width - 1, self.view.words
        labels = (Label(end - _PEAK, words.say("now")), Label(end, words.say("peak")))
        return heading(self.width, words.say(group.title), group.note(self.row, words), labels)

    @property
    def _columns(self) -> int:
        return max(4, self.width - 1 - TEXT - _LABELS - _NOW - _PEAK)

    def _chart(self, chart: Chart, height: int) -> list[Line]:
        series = self._series(chart.metric)
        hot = self.stand.hot.get((self.row.name, chart.metric), "")
        frame = self._frame(chart, series, hot, height)
        drawn = line_chart(series, frame) if series is not None else ()
        limits = frame.dashed()
        lines = []
        for at in range(height):
            row = Row(self.width)
            last = at == height - 1
            if last:
                name = self.view.words.say(chart.words)
                row.put(TEXT, name, "text" if hot else "dim", TEXT + _LABELS)
            row.to(TEXT + _LABELS)
            row.spans(drawn[at] if drawn else ())
            if drawn and at in limits:  # the threshold's figure, behind its dashes
                row.put(TEXT + _LABELS + self._columns + 1, chart.figure(limits[at]), "mute")
            if last:
                self._figures(row, chart, series, hot)
            lines.append(row.line())
        return lines

    def _figures(self, row: Row, chart: Chart, series: Series | None, hot: str) -> None:
        """Now and the peak of the span, now included; both unknown where nothing was measured."""
        end = self.width - 1
        believed = self.stand.states[self.row.name].believed
        value = self.row.values.get(chart.metric) if believed != "none" else None
        words = numbers.NONE if believed == "none" else chart.figure(value)
        if chart.metric == "swap_used" and believed != "none" and self.row.without_swap:
            words = self.view.words.say("none")
        role = "unk" if believed == "stale" else f"{hot} b" if hot else "text"
        row.right(end - _PEAK, words, role, chart.unit)
        peaks = [high for _, _, _, high in series.points] if series is not None else []
        peaks += [value] if value is not None and believed == "fresh" else []
        row.right(end, chart.figure(max(peaks)) if peaks else numbers.NONE, "dim")

    def _series(self, metric: str) -> Series | None:
        detail = self.view.detail
        return detail.series.get(metric) if detail is not None else None

    def _frame(self, chart: Chart, series: Series | None, hot: str, height: int) -> Frame:
        start, end = self._span()
        if chart.metric == "mem_used" and self.row.memory_bytes:
            top = self.row.memory_bytes
        else:
            peak = max((mean for _, _, mean, _ in series.points), default=0.0) if series else 0.0
            top = nice_top(peak, chart.least)
        limits = self.view.detail.thresholds.get(chart.metric, ()) if self.view.detail else ()
        return Frame(
            self._columns,
            height,
            start,
            end,
            top,
            self.trouble.since if self.trouble is not None else None,
            hot or "dim",
            tuple(limit for limit in limits if limit is not None),
        )

    def _span(self) -> tuple[int, int]:
        """The time that the charts show: that of the series, else the span that was asked for."""
        detail = self.view.detail
        for series in detail.series.values() if detail is not None else ():
            return series.start, series.end
        return self.view.now - _SPANS.get(self.view.attention.span, _SPANS["1h"]), self.view.now

    def _axis(self) -> list[Line]:
        start, end = self._span()
        left, columns = TEXT + _LABELS, self._columns
        words = [_moment(self.view, at, end - start) for at in (start, (start + end) // 2, end)]
        row = Row(self.width)
        for span, name in (("1h", "1 h"), ("24h", "24 h"), ("7d", "7 d")):
            chosen = span == self.view.attention.span
            row.put(max(TEXT, row.at), name, "info b" if chosen else "dim", left).then("  ")
        row.put(left, words[0], "dim")
        row.put(left + (columns - cell_len(words[1])) // 2, words[1], "dim")
        row.right(left + columns, words[2], "dim")
        return [row.line(), self._mark(start, end)]

    def _mark(self, start: int, end: int) -> Line:
        """What began where `┆` stands."""
        if self.trouble is None or not start <= self.trouble.since < end:
            return Line()
        left, columns = TEXT + _LABELS, self._columns
        at = left + Frame(columns, 1, start, end, 1.0).column(self.trouble.since)
        words = cut(self.trouble.what.partition(":")[0], at - TEXT - 1)
        role = SEVERITY_ROLES[self.trouble.severity]
        row = Row(self.width).put(max(TEXT, at - 1 - cell_len(words)), words, role)
        return row.put(at, "┆", "dim").line()


_SPANS = {"1h": 3_600_000, "24h": 86_400_000, "7d": 7 * 86_400_000}


def _moment(view: View, at: int, span: int) -> str:
    timezone = view.document.timezone
    if span > 2 * 86_400_000:
        return numbers.day(at, timezone, view.words)
    return numbers.minute(at, timezone)


def _chosen(room: int, groups: Sequence[Group]) -> list[Group]:
    """The charts that have room at one row each; the least wanted are left out first."""
    charts = sorted((chart.rank for group in groups for chart in group.charts), reverse=True)
    chosen = list(groups)
    while chosen and sum(1 + len(group.charts) for group in chosen) > room:
        worst = charts.pop(0)
        chosen = [
            group._replace(charts=tuple(chart for chart in group.charts if chart.rank < worst))
            for group in chosen
        ]
        chosen = [group for group in chosen if group.charts]
    return chosen


def _heights(groups: Sequence[Group], room: int) -> tuple[dict[str, int], bool]:
    """Rows of each chart, and whether blank lines part the groups: the room shared out in turns."""
    heights = {chart.metric: 1 for group in groups for chart in group.charts}
    left = room - sum(1 + len(group.charts) for group in groups)
    airy = left >= len(groups) - 1 + 4
    if airy:
        left -= len(groups) - 1
    wanted = sorted((chart for group in groups for chart in group.charts), key=lambda c: c.rank)
    for _ in range(3):
        for chart in wanted:
            if left > 0:
                heights[chart.metric] += 1
                left -= 1
    return heights, airy
