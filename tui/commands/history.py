"""`twinwatch history`: one metric of one host over time; what was not measured is said."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.show import emit, emit_json
from tui.commands.speech import words_for
from tui.commands.tables import Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, checked_metric, hosts_like, metrics_like, milliseconds

if TYPE_CHECKING:
    from estate.document import Series
    from estate.language import Words

#: Of what is older than samples are kept there are figures of so long.
_KEPT_MS = (60_000, 600_000)
_COLUMNS = (Column("FROM"), Column("LOW", ">"), Column("MEAN", ">"), Column("HIGH", ">"))


def history(
    context: typer.Context,
    host: Annotated[
        str, typer.Argument(metavar="HOST", help="A host of the estate.", autocompletion=hosts_like)
    ],
    metric: Annotated[
        str,
        typer.Argument(
            metavar="METRIC", help="cpu, mem, disk, net_in …", autocompletion=metrics_like
        ),
    ],
    *,
    span: Annotated[str, typer.Option(metavar="AGE", help="How far back: 1h, 24h, 30d.")] = "1h",
    points: Annotated[int, typer.Option(min=1, max=2000, help="Into how many parts.")] = 60,
    as_json: AsJson = False,
) -> None:
    """Print a metric of a host over time: low, mean and high, and where nothing was measured."""
    from watch.clock import now_ms

    checked_metric(metric)
    end = now_ms()
    start = end - milliseconds(span, "--span")
    client = target_of(context).client()
    estate = client.get("/v1/estate")
    # A part shorter than a few samples would be empty as often as not.
    most = max(1, (end - start) // (2 * estate["every_ms"]))
    asked = {
        "host": host,
        "metric": metric,
        "start": start,
        "end": end,
        "points": min(points, most),
    }
    said = client.get("/v1/history", asked)
    if as_json:
        emit_json(said)
        return
    from estate.document import Series
    from estate.wire import from_json

    series, words = from_json(Series, said), words_for(estate.get("language", ""))
    which = words.say("the last {span} in parts of {part}", span=span, part=_part(series))
    emit(f"{host} {metric}, {which}, {estate['timezone']}")
    rows = list(_rows(series, estate["timezone"], words))
    empty = words.say("nothing was measured in the last {span}", span=span)
    emit_table(_COLUMNS, rows, empty, words)


def _part(series: Series) -> str:
    from tui.paint.numbers import age

    return age(_width(series))


def _width(series: Series) -> int:
    """Milliseconds of a part: the step, or that of the minutes and ten minutes that are kept."""
    step, begins = series.step, [at for at, *_ in series.points]
    apart = min((after - at for at, after in pairwise(begins)), default=step)
    kept = {-(-step // slot) * slot for slot in _KEPT_MS}
    return apart if apart <= step * 3 // 2 or apart in kept else step


def _rows(series: Series, zone: str, words: Words) -> Iterator[tuple[Cell, ...]]:
    """The parts, and a row without figures where one or more are missing in between."""
    from tui.commands.host import figure
    from tui.paint.numbers import moment

    width, expected = _width(series), series.start
    for at, low, mean, high in series.points:
        if at - expected >= width:
            yield _gap(expected, series, zone, words)
        yield (
            Cell(moment(at, series.end, zone, words), "dim"),
            *(Cell(figure(series.metric, value)) for value in (low, mean, high)),
        )
        expected = at + width
    if series.points and series.end - expected >= width:
        yield _gap(expected, series, zone, words)


def _gap(start: int, series: Series, zone: str, words: Words) -> tuple[Cell, ...]:
    from tui.paint.numbers import UNKNOWN, moment

    return (Cell(moment(start, series.end, zone, words), "dim"), *([Cell(UNKNOWN, "unk")] * 3))
