"""A month that was written is the month that is read."""

from __future__ import annotations

import json
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from estate.ledger.months import Month
from estate.ledger.reading import Computation, read_computation
from estate.ledger.statement import Planned, Promise
from estate.ledger.writing import computation_row, percentage
from estate.quantities import share


@pytest.mark.parametrize("until", [None, 1_795_000_000_123])
def test_there_and_back(until: int | None) -> None:
    said = Computation(
        ZoneInfo("Asia/Hong_Kong"),
        Month(2026, 11),
        Promise(share("99.95%"), 1_320_000),
        down=((1_794_000_000_001, 1_794_000_060_000),),
        unknown=((1_794_100_000_000, 1_794_100_000_500),),
        maintenance=(Planned(1_794_000_000_000, 1_794_000_100_000, 1_793_000_000_000),),
        until=until,
    )
    assert read_computation(json.dumps(computation_row(said)), "it") == said


@pytest.mark.parametrize("text", ["99.95%", "100%", "99%", "99.999%", "0.5%", "99.9499%"])
def test_an_objective_is_written_as_it_was(text: str) -> None:
    assert percentage(share(text)) == text
    assert isinstance(share(text), Fraction)
