"""Exports: gaps are empty or absent, numbers as short as they can be, no formula runs."""

import csv
import io
import json
import struct

from hypothesis import given
from hypothesis import strategies as st

from estate.metrics import METRICS
from storage.export import as_csv, as_json_lines

AT = 1_793_145_600_007
NAN = float("nan")


def float32(value: float) -> float:
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def test_csv_leaves_empty_what_was_not_measured() -> None:
    header, line = as_csv([("a", AT, (float32(0.1), NAN, 0.0))])
    assert header.startswith("time,host,cpu,cpu_user,")
    assert line == "2026-10-28T00:00:00.007Z,a,0.1,,0\n"


def test_a_host_named_like_a_formula_is_text() -> None:
    _, line = as_csv([('=cmd|" /C calc"!A1', AT, (1.0,))])
    assert next(csv.reader(io.StringIO(line)))[1] == '\'=cmd|" /C calc"!A1'


def test_json_has_no_key_for_what_was_not_measured() -> None:
    (line,) = as_json_lines([("mta-北", AT, (float32(0.1), NAN, 0.0))])
    assert json.loads(line) == {
        "time": "2026-10-28T00:00:00.007Z",
        "host": "mta-北",
        "cpu": 0.1,
        "cpu_system": 0,
    }


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=25))
def test_every_number_reads_back_as_the_same_float32(values: list[float]) -> None:
    (line,) = as_json_lines([("a", AT, tuple(values))])
    read = json.loads(line)
    names = [metric.name for metric in METRICS[: len(values)]]
    assert [float32(read[name]) for name in names] == values
