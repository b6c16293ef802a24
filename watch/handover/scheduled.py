"""Shifts and planned work of a time that is over, as they were then. Pure.

What is not on record is told by what was known next, at last by the estate as it is today, and said
to be so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

from estate.model import Maintenance
from estate.schedule import Schedule, Stretch
from snapshots.snapshot import (
    ESTATE,
    SCHEDULE_FIRST_KEPT,
    SCHEDULE_OF_TODAY,
    Duty,
    Rota,
    Turn,
    Unseen,
    Work,
)
from watch.handover.duty import duty_at, turns_within

#: Who was on duty is named one by one in a period so long; of a longer one the shifts are told.
NAMED_MS = 3 * 86_400_000


@dataclass(frozen=True, slots=True)
class Scheduled:
    """What a report says of shifts and planned work, and what of it is not on record."""

    duty: Duty
    rotas: tuple[Rota, ...]
    turns: tuple[Turn, ...]
    work: tuple[Work, ...]
    unseen: tuple[Unseen, ...]


class _Piece(NamedTuple):
    """A stretch, and the schedule that it is told by."""

    starts: int
    ends: int
    schedule: Schedule
    recorded: bool


def scheduled(stretches: Sequence[Stretch], today: Schedule) -> Scheduled:
    """What is told of `stretches`, one period without a gap; `today` is the present estate's."""
    pieces = _told_by(stretches, today)
    rotas = tuple(_rotas(pieces))
    last = pieces[-1]
    whole = last.ends - pieces[0].starts
    return Scheduled(
        duty=duty_at(last.schedule.shifts, last.schedule.timezone, last.ends),
        rotas=rotas,
        turns=tuple(_turns(rotas) if whole <= NAMED_MS else ()),
        work=_work(pieces),
        unseen=tuple(_unseen(stretches)),
    )


def _told_by(stretches: Sequence[Stretch], today: Schedule) -> list[_Piece]:
    pieces: list[_Piece] = []
    known = today
    for each in reversed(stretches):
        known = each.schedule or known
        pieces.append(_Piece(each.starts, each.ends, known, each.schedule is not None))
    return pieces[::-1]


def _unseen(stretches: Sequence[Stretch]) -> Iterator[Unseen]:
    for each, following in zip(stretches, (*stretches[1:], None), strict=True):
        if each.schedule is None:
            why = SCHEDULE_OF_TODAY if following is None else SCHEDULE_FIRST_KEPT
            lost = each.ends - each.starts
            yield Unseen("records", ESTATE, why, each.starts, each.ends, lost)


def _rotas(pieces: Sequence[_Piece]) -> Iterator[Rota]:
    """Pieces of equal shifts together."""

    def same(piece: _Piece) -> object:
        return piece.schedule.timezone, piece.schedule.shifts, piece.recorded

    for _, group in groupby(pieces, same):
        first, *others = group
        ends = others[-1].ends if others else first.ends
        schedule = first.schedule
        yield Rota(first.starts, ends, schedule.timezone, schedule.shifts, first.recorded)


def _turns(rotas: Sequence[Rota]) -> list[Turn]:
    """Who was on duty; a turn that the next shifts leave as it is goes on."""
    turns: list[Turn] = []
    for rota in rotas:
        for name, starts, ends in turns_within(rota.shifts, rota.timezone, rota.starts, rota.ends):
            before = Turn(name, starts, starts)
            found = [at for at, turn in enumerate(turns) if replace(turn, starts=starts) == before]
            if found:
                turns[found[0]] = replace(turns[found[0]], ends=ends)
            else:
                turns.append(Turn(name, starts, ends))
    return turns


def _work(pieces: Sequence[_Piece]) -> tuple[Work, ...]:
    """Every window of the period that the estate named in it, once for each time that it began to.

    A window that nobody took out before its end was not withdrawn.
    """
    begins, ends = pieces[0].starts, pieces[-1].ends
    found: list[Work] = []
    standing: dict[Maintenance, Work] = {}
    for piece in pieces:
        named = dict.fromkeys(piece.schedule.maintenance)
        for window in [each for each in standing if each not in named]:
            gone = piece.starts if piece.starts < window.ends else None
            found.append(replace(standing.pop(window), withdrawn_at=gone))
        for window in named:
            work = standing.get(window) or _begun(window, piece, begins)
            under_way = window.starts < piece.ends and window.ends > piece.starts
            recorded = work.recorded and (piece.recorded or not under_way)
            standing[window] = replace(work, recorded=recorded)
    found += standing.values()
    of_it = (each for each in found if each.starts < ends and each.ends > begins)
    return tuple(
        sorted(of_it, key=lambda each: (each.starts, each.where, each.declared_at or begins))
    )


def _begun(window: Maintenance, piece: _Piece, begins: int) -> Work:
    declared = None if piece.starts == begins else piece.starts
    return Work(
        window.where, window.starts, window.ends, window.reason, window.owner, declared_at=declared
    )
