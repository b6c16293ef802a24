"""The files that `twinwatch ledger` computes from: JSON in, values out, every problem at once.

Read as strictly as an estate: unknown keys, times without an offset and intervals that end before
they begin are refused with their line.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from estate.error import FileRefused, InputError
from estate.ledger.months import Month, month
from estate.ledger.rounds import Round, Seen
from estate.ledger.spans import Interval, spans
from estate.ledger.statement import Planned, Promise, Statement, state
from estate.quantities import share
from estate.shapes import (
    Choice,
    Key,
    ListOf,
    Reading,
    Record,
    Refused,
    Schema,
    Shape,
    Text,
    Truth,
    Whole,
)
from estate.strict import Node, Problem, read_tree

T = TypeVar("T")

#: A month has 2,678,400 seconds at most; more than this is a mistake, not a limit.
MOST_SECONDS = 2_678_400

#: Vantages that one file may name.
MOST_VANTAGES = 16


class LedgerFileError(FileRefused):
    """A file that nothing can be computed from."""

    kind = "ledger file"


@dataclass(frozen=True, slots=True)
class Computation:
    """What `ledger compute` is asked: a month, a promise, and what happened."""

    zone: ZoneInfo
    month: Month
    promise: Promise
    down: tuple[Interval, ...] = ()
    unknown: tuple[Interval, ...] = ()
    maintenance: tuple[Planned, ...] = ()
    until: int | None = None

    def statement(self) -> Statement:
        return state(
            self.promise,
            self.month.bounds(self.zone),
            down=spans(self.down),
            unknown=spans(self.unknown),
            maintenance=self.maintenance,
            until=self.until,
        )


@dataclass(frozen=True, slots=True)
class Observation:
    """What `ledger replay` is asked: rounds of a few vantages, times in seconds."""

    cadence: int
    vantages: tuple[str, ...]
    rounds: tuple[Round, ...]


def read_computation(text: str, source: str) -> Computation:
    """Raises `LedgerFileError` with every problem at once."""
    return _read(text, source, _COMPUTATION)


def read_observation(text: str, source: str) -> Observation:
    """Raises `LedgerFileError` with every problem at once."""
    return _read(text, source, _OBSERVATION)


def _read(text: str, source: str, shape: Shape[T]) -> T:
    _check_json(text, source)
    # Read as YAML, of which JSON is a part, for the lines; which has no tabs, and JSON has them
    # only between its parts.
    tree, problems = read_tree(text.replace("\t", " "))
    reading = Reading(problems=list(problems))
    value: T | None = None
    if tree.value is not None:
        try:
            value = shape.read(tree, reading)
        except Refused:
            pass  # what is wrong was noted
    problems = reading.finish(value)
    if value is None and not problems:
        problems = (Problem(tree.line, "nothing here", "write one JSON object"),)
    if value is None or problems:
        raise LedgerFileError(source, problems)
    return value


def _check_json(text: str, source: str) -> None:
    try:
        json.loads(text, parse_int=str)  # its range refuses a number of thousands of digits
    except json.JSONDecodeError as error:
        todo = "correct the syntax there" if text.strip() else "write one JSON object"
        problem = Problem(error.lineno, f"not JSON: {error.msg.lower()}", todo)
        raise LedgerFileError(source, (problem,)) from None
    except RecursionError:
        problem = Problem(1, "it is nested too deeply", "write one JSON object")
        raise LedgerFileError(source, (problem,)) from None


# ── what the places of such a file may hold ──


def _moment(text: str) -> int:
    """An ISO 8601 time with an offset, as UTC milliseconds; finer than that is refused."""
    todo = "write a date, a time and an offset: 2026-11-10T03:00:00+08:00"
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no time", todo) from None
    if at.tzinfo is None:
        raise InputError(f"{text!r} has no offset", todo)
    if at.microsecond % 1000:
        raise InputError(f"{text!r} is finer than a millisecond", todo)
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise InputError(f"no timezone {text!r}", "write one such as Asia/Hong_Kong") from None


MOMENT = Text(_moment, "a time such as 2026-11-10T03:00:00+08:00")


@dataclass(frozen=True, slots=True)
class OrNothing(Generic[T]):
    """null, or what `shape` takes."""

    shape: Shape[T]

    def read(self, node: Node, reading: Reading) -> T | None:
        return None if node.value is None else self.shape.read(node, reading)

    def schema(self) -> Schema:
        return {"anyOf": [{"type": "null"}, self.shape.schema()]}


@dataclass(frozen=True, slots=True)
class Pair:
    """`[from, to]`."""

    def read(self, node: Node, reading: Reading) -> Interval:
        if not isinstance(node.value, tuple) or len(node.value) != 2:
            raise reading.refuse(node.line, f"{node.kind} here", "write [from, to]")
        start, to = (MOMENT.read(each, reading) for each in node.value)
        if to < start:
            raise reading.refuse(node.line, "it ends before it begins", "write [from, to]")
        return start, to

    def schema(self) -> Schema:
        return {"type": "array", "items": MOMENT.schema(), "minItems": 2, "maxItems": 2}


@dataclass(frozen=True, slots=True)
class RoundRow:
    """`[seconds, "o", "x", …]`: a mark for each vantage."""

    def read(self, node: Node, reading: Reading) -> Round:
        if not isinstance(node.value, tuple) or len(node.value) < 2:
            raise reading.refuse(node.line, f"{node.kind} here", 'write [30, "o", "x"]')
        at = Whole(0, 10**12).read(node.value[0], reading)
        marks = Choice(tuple(Seen))
        return Round(at, tuple(Seen(marks.read(each, reading)) for each in node.value[1:]))

    def schema(self) -> Schema:
        return {"type": "array", "minItems": 2}


def _planned(starts: int, ends: int, declared_at: int) -> Planned:
    if ends < starts:
        raise InputError("maintenance ends before it begins", "write from, then to")
    return Planned(starts, ends, declared_at)


_PLANNED: Record[Planned] = Record(
    "maintenance",
    _planned,
    (
        Key("from", MOMENT, to="starts", required=True),
        Key("to", MOMENT, to="ends", required=True),
        Key("declared_at", MOMENT, required=True),
    ),
)


def _computation(
    timezone: ZoneInfo,
    month: Month,
    objective: Fraction,
    flat_limit_s: int | None = None,
    maintenance_counts: bool = True,
    **happened: Any,
) -> Computation:
    flat_ms = None if flat_limit_s is None else flat_limit_s * 1000
    return Computation(timezone, month, Promise(objective, flat_ms, maintenance_counts), **happened)


_COMPUTATION: Record[Computation] = Record(
    "a computation",
    _computation,
    (
        Key("timezone", Text(_zone, "a timezone such as Asia/Hong_Kong"), required=True),
        Key("month", Text(month, "a month such as 2026-11"), required=True),
        Key("objective", Text(share, "a share such as 99.95%"), required=True),
        Key("flat_limit_s", OrNothing(Whole(0, MOST_SECONDS))),
        Key("until", OrNothing(MOMENT)),
        Key("maintenance_counts", Truth()),
        Key("down", ListOf(Pair())),
        Key("unknown", ListOf(Pair())),
        Key("maintenance", ListOf(_PLANNED)),
    ),
)


def _observation(cadence_s: int, vantages: Sequence[str], rounds: tuple[Round, ...]) -> Observation:
    if not 1 <= len(vantages) <= MOST_VANTAGES:
        raise InputError(f"{len(vantages)} vantages", f"name 1 to {MOST_VANTAGES} of them")
    last = None
    for each in rounds:
        if len(each.seen) != len(vantages):
            what = f"the round at {each.at} has {len(each.seen)} marks for {len(vantages)} vantages"
            raise InputError(what, "write a mark for each vantage: o, x or -")
        if last is not None and each.at <= last:
            raise InputError(f"the round at {each.at} is not later than {last}", "sort the rounds")
        last = each.at
    return Observation(cadence_s, tuple(vantages), rounds)


_OBSERVATION: Record[Observation] = Record(
    "an observation",
    _observation,
    (
        Key("cadence_s", Whole(1, 86_400), required=True),
        Key("vantages", ListOf(Text(str, "a name")), required=True),
        Key("rounds", ListOf(RoundRow()), required=True),
    ),
)
