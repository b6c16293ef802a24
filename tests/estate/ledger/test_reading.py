"""Files for the ledger: read strictly, every problem at once."""

from __future__ import annotations

import json

import pytest

from estate.ledger.reading import LedgerFileError, read_computation, read_observation

NOVEMBER = {
    "timezone": "Asia/Hong_Kong",
    "month": "2026-11",
    "objective": "99.95%",
    "flat_limit_s": 1320,
    "until": None,
    "maintenance_counts": True,
    "down": [["2026-11-10T03:00:00+08:00", "2026-11-10T03:22:00+08:00"]],
    "unknown": [],
    "maintenance": [
        {
            "from": "2026-11-10T03:00:00+08:00",
            "to": "2026-11-10T03:10:00+08:00",
            "declared_at": "2026-11-09T19:00:00Z",
        }
    ],
}


def test_a_file_becomes_a_statement() -> None:
    said = read_computation(json.dumps(NOVEMBER, indent="\t"), "november.json").statement()
    assert (said.down_ms, said.down_in_maintenance_ms) == (1_320_000, 600_000)
    assert said.verdict == "breached"


def test_what_may_be_left_out_is() -> None:
    least = {k: NOVEMBER[k] for k in ("timezone", "month", "objective")}
    said = read_computation(json.dumps(least), "-").statement()
    assert (said.down_ms, said.flat_limit_ms, said.verdict) == (0, None, "met")


def test_every_problem_is_told_at_once() -> None:
    text = """{"timezone": "Asia/Honk_Kong",
 "month": "2026-13",
 "objective": "100.1%",
 "downs": [],
 "down": [["2026-11-10T03:00:00", "2026-11-10T03:22:00+08:00"],
          ["2026-11-10T03:00:00+08:00", "2026-11-10T02:00:00+08:00"],
          ["2026-11-10T03:00:00+08:00"]],
 "maintenance": [{"from": "2026-11-10T03:00:00Z", "to": "2026-11-10T02:00:00Z",
                  "declared_at": "never"}]}"""
    with pytest.raises(LedgerFileError) as caught:
        read_computation(text, "month.json")
    assert str(caught.value).splitlines() == [
        "month.json:1: no timezone 'Asia/Honk_Kong' — write one such as Asia/Hong_Kong",
        "month.json:2: '2026-13' is no month — write year and month: 2026-11",
        "month.json:3: '100.1%' is no percentage — write a number up to 100 and %: 99.95%",
        "month.json:4: no key 'downs' in a computation — did you mean 'down'?",
        "month.json:5: '2026-11-10T03:00:00' has no offset — write a date, a time and an offset:"
        " 2026-11-10T03:00:00+08:00",
        "month.json:6: it ends before it begins — write [from, to]",
        "month.json:7: a list here — write [from, to]",
        "month.json:9: 'never' is no time — write a date, a time and an offset:"
        " 2026-11-10T03:00:00+08:00",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "r.json:1: not JSON: expecting value — write one JSON object"),
        ('{"cadence_s": 30,\n', "r.json:2: not JSON: expecting property name enclosed in double"),
        ("[" * 100_000, "r.json:1: it is nested too deeply — write one JSON object"),
        (
            '{"cadence_s": 30, "vantages": ["a"], "rounds": [[0, "q"]]}',
            "'q' is none of the choices",
        ),
        (
            '{"cadence_s": 30, "vantages": ["a"], "rounds": [[0, "o", "o"]]}',
            "has 2 marks for 1 vantages",
        ),
        (
            '{"cadence_s": 30, "vantages": ["a"], "rounds": [[30, "o"], [30, "o"]]}',
            "is not later than 30",
        ),
        ('{"cadence_s": 0, "vantages": ["a"], "rounds": []}', "0 is out of range"),
        ('{"cadence_s": 30, "vantages": [], "rounds": []}', "0 vantages"),
    ],
)
def test_rounds_that_make_no_sense_are_refused(text: str, problem: str) -> None:
    with pytest.raises(LedgerFileError) as caught:
        read_observation(text, "r.json")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("null", "m.json:1: nothing here — write one JSON object"),
        ("[]", "m.json:1: a list where a computation belongs"),
        (
            json.dumps(NOVEMBER).replace("1320", "9" * 5_000),
            "m.json:1: text here — write a whole number from 0 to 2678400",
        ),
        (
            json.dumps(NOVEMBER).replace('"2026-11"', '"9999-12"'),
            "m.json:1: of 9999-12 there is no ledger — write a month of the years 1971 to 9998",
        ),
    ],
)
def test_months_that_make_no_sense_are_refused_with_a_reason(text: str, problem: str) -> None:
    with pytest.raises(LedgerFileError) as caught:
        read_computation(text, "m.json")
    assert str(caught.value).startswith(problem)
