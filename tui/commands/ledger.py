"""`twinwatch ledger compute|replay|export`: a disputed figure, computed again by anyone."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.show import emit, emit_json
from tui.commands.target import at_home, target_of
from tui.commands.wanted import AsJson
from watch.error import SourceError

if TYPE_CHECKING:
    from estate.ledger.rounds import Outage, Transition
    from estate.ledger.statement import Statement

ledger = typer.Typer(
    help="Availability: compute it from a file, which needs no watch, or write a month out.",
    rich_markup_mode=None,
    add_completion=False,
)

File = Annotated[str, typer.Argument(metavar="FILE", help="JSON; - reads standard input.")]


@ledger.command()
def compute(file: File, *, as_json: AsJson = False) -> None:
    """A month's best and worst case, budget and verdict, from what was down and unknown."""
    from estate.ledger.reading import read_computation

    said = statement_row(read_computation(_text(file), file).statement())
    if as_json:
        emit_json(said)
        return
    for name, value in said.items():
        emit(f"{name:<24} {'-' if value is None else value}")


@ledger.command()
def replay(file: File, *, as_json: AsJson = False) -> None:
    """The transitions that rounds of probes come to, each outage measured three ways (seconds)."""
    from estate.ledger.reading import read_observation
    from estate.ledger.rounds import outages
    from estate.ledger.rounds import replay as replayed

    seen = read_observation(_text(file), file)
    changes = replayed(seen.cadence, seen.rounds)
    measured = {each.at: each for each in outages(seen.rounds, changes)}
    rows = [_transition_row(change, measured.get(change.at)) for change in changes]
    if as_json:
        emit_json(rows)
        return
    for row in rows:
        emit("  ".join(f"{name} {'-' if value is None else value}" for name, value in row.items()))


@ledger.command()
def export(
    context: typer.Context,
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="As the estate calls it.")],
    *,
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="Which month.")],
    as_json: AsJson = False,
) -> None:
    """Write a service's month from the record as a file that `ledger compute` reads: JSON."""
    from urllib.parse import quote

    from estate.error import InputError
    from estate.ledger.months import month as checked

    try:
        checked(month)
    except InputError as error:
        raise SourceError("no such month", month, error.what, error.todo) from None
    path = f"/v1/services/{quote(service, safe='')}/month"
    # With and without --json it is the same: the file is JSON.
    emit_json(target_of(context).client().get(path, {"month": month}))


def statement_row(said: Statement) -> dict[str, object]:
    """The statement as JSON has it: milliseconds, and reduced fractions as text.

    A budget with a fraction of a millisecond is shown without it: never more than there is.
    """
    return {
        "period_ms": said.period_ms,
        "observed_ms": said.observed_ms,
        "ast_ms": said.ast_ms,
        "budget_ms": int(said.budget),
        "down_ms": said.down_ms,
        "unknown_ms": said.unknown_ms,
        "down_in_maintenance_ms": said.down_in_maintenance_ms,
        "best": _fraction(said.best),
        "worst": _fraction(said.worst),
        "remaining_best_ms": said.remaining_best.__floor__(),
        "remaining_worst_ms": said.remaining_worst.__floor__(),
        "flat_remaining_ms": said.flat_remaining_ms,
        "verdict": str(said.verdict),
    }


def _transition_row(change: Transition, outage: Outage | None) -> dict[str, object]:
    row: dict[str, object] = {
        "at": change.at, "state": str(change.state), "confirmed_at": change.confirmed_at,
    }  # fmt: skip
    if change.state == "down" and outage is not None:
        row |= {
            "counted_s": outage.counted,
            "at_least_s": outage.at_least,
            "at_most_s": outage.at_most,
        }
    return row


def _fraction(share: Fraction | None) -> str | None:
    return None if share is None else str(share)


def _text(file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    path = Path(at_home(file))
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SourceError("ledger file", str(path), why, "name a JSON file") from error
