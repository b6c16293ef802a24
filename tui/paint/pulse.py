"""One row for the whole estate: processors, memory, traffic, and the disk that fills first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len

from estate.document import HostRow
from tui.paint import numbers
from tui.paint.cells import Line, Span
from tui.paint.charts import bar
from tui.paint.rows import TEXT, Row
from tui.paint.states import Standing
from tui.paint.view import View


@dataclass(frozen=True, slots=True)
class Pulse:
    """Sums over the hosts whose values are fresh; None where no host said."""

    hosts: int
    cores: int
    cpu: float | None  # percent of `cores`
    memory_bytes: float
    memory: float | None  # percent of `memory_bytes`
    net_in: float | None
    net_out: float | None
    fullest: tuple[str, float] | None


def pulse(view: View, stand: Standing) -> Pulse:
    """Means weighted by what they are shares of, not means of means."""
    hosts = cores = 0
    busy = room = used = came = went = 0.0
    said_cpu = said_net = False
    fullest: tuple[str, float] | None = None
    for name, row in view.document.hosts.items():
        if stand.states[name].believed != "fresh":
            continue
        hosts += 1
        values = row.values
        if row.cores and "cpu" in values:
            cores, busy, said_cpu = cores + row.cores, busy + values["cpu"] * row.cores, True
        if row.memory_bytes and "mem" in values:
            room, used = room + row.memory_bytes, used + values["mem"] * row.memory_bytes
        if "net_in" in values and "net_out" in values:
            came, went, said_net = came + values["net_in"], went + values["net_out"], True
        disk = values.get("disk")
        if disk is not None and (fullest is None or disk > fullest[1]):
            fullest = name, disk
    return Pulse(
        hosts,
        cores,
        busy / cores if said_cpu else None,
        room,
        used / room if room else None,
        came if said_net else None,
        went if said_net else None,
        fullest,
    )


def pulse_line(view: View, stand: Standing, width: int) -> Line:
    """The row, its least important words dropped where `width` is short."""
    now, say = pulse(view, stand), view.words.say
    row = Row(width).to(TEXT)
    if not now.hosts:
        hosts = view.document.hosts
        return row.then(unmeasured(view, hosts.values()) if hosts else "", "dim").line()
    roomy = width >= 100
    cells = 16 if width >= 140 else 10 if roomy else 0
    # A host's first sample says no share of time yet: nobody knows of how many cores it would be.
    cores = say(" of {count:,} cores", count=now.cores) if now.cores else ""
    size = numbers.size(now.memory_bytes)
    memory = say(" of {size}", size=size) if now.memory_bytes else ""
    groups: list[tuple[Span, ...]] = [
        (*_share(say("cpu"), now.cpu, cells), Span(cores, "dim")),
        (*_share(say("mem"), now.memory, cells), Span(memory, "dim")),
        (Span(f"{say('in')} ", "dim"), Span(numbers.rate(now.net_in), "text")),
        (Span(f"{say('out')} ", "dim"), Span(numbers.rate(now.net_out), "text")),
    ]
    for group in groups:
        _append(row, group, width)
    if roomy and now.fullest is not None:
        name, disk = now.fullest
        role = stand.hot.get((name, "disk"), "text")
        words = f"{say('fullest')} {name} "
        end = width - 1
        begin = end - cell_len(words) - len(numbers.percent(disk)) - 1
        if begin > row.at + 2:
            row.put(begin, words, "dim", action=("open", "host", name))
            row.right(end, numbers.percent(disk), role, "%")
    return row.line()


def unmeasured(view: View, rows: Iterable[HostRow]) -> str:
    """Where none of `rows` has a fresh value: since when that is so, as far as anybody knows."""
    newest = max((row.at for row in rows if row.at is not None), default=None)
    if newest is None:
        return view.words.say("Nothing measured yet.")
    at = numbers.moment(newest, view.now, view.document.timezone, view.words)
    return view.words.say("Nothing measured since {time}.", time=at)


def _share(title: str, percent: float | None, cells: int) -> tuple[Span, ...]:
    drawn = (*bar(None if percent is None else percent / 100, cells), Span(" ")) if cells else ()
    return (
        Span(f"{title} ", "dim"),
        *drawn,
        Span(numbers.percent(percent), "text"),
        Span("%", "dim"),
    )


def _append(row: Row, spans: tuple[Span, ...], width: int) -> None:
    gap = 0 if row.at <= TEXT else 3
    if row.at + gap + sum(cell_len(span.text) for span in spans) <= width - 1:
        row.to(row.at + gap).spans(spans)
