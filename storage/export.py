"""Samples as CSV or JSON lines, for other tools."""

from __future__ import annotations

import csv
import io
import json
import struct
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from math import isnan

from estate.metrics import METRICS

#: (host, UTC milliseconds, values in the order of `METRICS`)
Row = tuple[str, int, tuple[float, ...]]


def as_csv(rows: Iterable[Row]) -> Iterator[str]:
    """A header line and a line for each row; what was not measured is empty, never 0."""
    yield _csv_line(["time", "host", *(metric.name for metric in METRICS)])
    for host, at, values in rows:
        cells = ["" if isnan(value) else _shortest(value) for value in values]
        # A spreadsheet would run a cell that begins like a formula.
        name = f"'{host}" if host[:1] in "=+-@\t\r" else host
        yield _csv_line([_iso(at), name, *cells])


def as_json_lines(rows: Iterable[Row]) -> Iterator[str]:
    """An object a line, {"time": …, "host": …, "cpu": 12.5}; what was not measured is absent."""
    for host, at, values in rows:
        known = {
            metric.name: float(_shortest(value))
            for metric, value in zip(METRICS, values, strict=False)
            if not isnan(value)
        }
        yield json.dumps({"time": _iso(at), "host": host, **known}, ensure_ascii=False) + "\n"


def _csv_line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _iso(at: int) -> str:
    seconds, milliseconds = divmod(at, 1000)
    moment = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{milliseconds:03d}Z"


def _shortest(value: float) -> str:
    """A float32 in as few digits as tell it from its neighbours: 0.1, not 0.10000000149."""
    for digits in (7, 8):
        text = f"{value:.{digits}g}"
        if struct.pack("<f", float(text)) == struct.pack("<f", value):
            return text
    return f"{value:.9g}"  # nine always do
