"""`twinwatch history`: one metric of one host over time; what was not measured is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.show import emit, emit_json
from tui.commands.tables import Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, checked_metric, hosts_like, metrics_like, milliseconds

if TYPE_CHECKING:
    from estate.document import Series

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

    series = from_json(Series, said)
    emit(f"{host} {metric}, the last {span} in parts of {_part(series)}, {estate['timezone']}")
    rows = list(_rows(series, estate["every_ms"], estate["timezone"]))
    emit_table(_COLUMNS, rows, f"nothing was measured in the last {span}")


def _part(series: Series) -> str:
    from tui.paint.numbers import age

    return age(series.step)


def _rows(series: Series, every_ms: int, zone: str) -> Iterator[tuple[Cell, ...]]:
    from tui.commands.host import figure
    from tui.paint.numbers import moment

    longest = max(series.step * 3 // 2, 3 * every_ms)
    expected = series.start
    for at, low, mean, high in series.points:
        if at - expected > longest:
            yield _gap(expected, series, zone)
        yield (
            Cell(moment(at, series.end, zone), "dim"),
            *(Cell(figure(series.metric, value)) for value in (low, mean, high)),
        )
        expected = at + series.step
    if series.points and series.end - expected > longest:
        yield _gap(expected, series, zone)


def _gap(start: int, series: Series, zone: str) -> tuple[Cell, ...]:
    from tui.paint.numbers import UNKNOWN, moment

    return (Cell(moment(start, series.end, zone), "dim"), *([Cell(UNKNOWN, "unk")] * 3))
