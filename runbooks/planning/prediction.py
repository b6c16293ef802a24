"""How long steps will take: from our own history, else from what the author expects.

Never shown as more than it is: every span names where it comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, hypot

from runbooks.fingerprint import fingerprint
from runbooks.paths import bound_ms
from runbooks.runbook import Gate, Rolling, Step
from runbooks.spare import turns

#: Fewer runs of a step are no history.
LEAST_RUNS = 5

#: How long a step took on a host each time it ended well, ms, by its fingerprint.
History = Callable[[str], Sequence[int]]


class Source(StrEnum):
    """Where a span comes from."""

    HISTORY = "history"
    TAKES = "takes"
    TIMEOUT = "timeout"
    PEOPLE = "people"  # nobody can say
    SUM = "sum"


@dataclass(frozen=True, slots=True)
class Span:
    """In half of the runs at most `p50_ms`, in nine of ten at most `p90_ms`."""

    p50_ms: int
    p90_ms: int
    source: Source


def predicted(step: Step, hosts: int, history: History) -> Span:
    """How long `step` takes on `hosts` hosts at once; a rolling one batch after batch."""
    if isinstance(step, Rolling):
        return _rolled(step, hosts, history)
    past = sorted(history(fingerprint(step)))
    if len(past) >= LEAST_RUNS:
        return Span(_rank(past, 50), _rank(past, 90), Source.HISTORY)
    if step.takes_ms is not None:
        return Span(step.takes_ms, step.takes_ms, Source.TAKES)
    bound = bound_ms(step, hosts)
    if isinstance(step, Gate) or bound is None:
        return Span(0, bound or 0, Source.PEOPLE)
    return Span(bound, bound, Source.TIMEOUT)


def total(spans: Iterable[Span]) -> Span:
    """All one after the other, taken to be independent: their lateness adds up as squares do."""
    each = tuple(spans)
    p50 = sum(span.p50_ms for span in each)
    late = hypot(*(span.p90_ms - span.p50_ms for span in each))
    return Span(p50, p50 + round(late), Source.SUM)


def _rolled(step: Rolling, hosts: int, history: History) -> Span:
    if step.takes_ms is not None:
        return Span(step.takes_ms, step.takes_ms, Source.TAKES)
    turn = [predicted(inner, 1, history) for inner in (*step.each, *step.then_always)]
    turn.append(Span(step.soak_ms, step.soak_ms, Source.TAKES))
    return total(turn * turns(step, hosts))


def _rank(past: Sequence[int], percent: int) -> int:
    """The nearest rank: a value that was measured, not one between two."""
    return past[ceil(percent * len(past) / 100) - 1]
