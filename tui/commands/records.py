"""`twinwatch records check|export|prune`: what is kept, as a whole.

A watch that runs is asked. Without one the file itself is read; only the watch tidies it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.commands.contract import FAILED
from tui.commands.show import emit, emit_json, emit_piece
from tui.commands.target import Target, target_of
from tui.commands.wanted import AsJson, hosts_like, milliseconds
from watch.client import Client
from watch.error import NoWatch, WatchError

if TYPE_CHECKING:
    from watch.records import RecordsAtRest, Wanted

records = typer.Typer(
    help="Check what is kept, write it out for other tools, or tidy it now.",
    rich_markup_mode=None,
    add_completion=False,
)

#: Reading all of the records takes seconds for a week of 80 hosts, on a slow disk minutes.
_PATIENCE_SECONDS = 600.0


@records.command()
def check(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Read everything that is kept and say what is wrong with it."""
    target = target_of(context)
    try:
        said = _watch(target).get("/v1/records/check")
    except NoWatch as nobody:
        said = _at_rest(target, nobody).check()
    if as_json:
        emit_json(said)
    else:
        _tell_check(said)
    if said["problems"]:
        raise typer.Exit(FAILED)


def _tell_check(said: dict[str, Any]) -> None:
    from tui.paint.numbers import size

    for problem in said["problems"]:
        emit(f"{said['records']}: {problem}")
    if not said["problems"]:
        emit(f"{said['records']} is sound, {size(said['bytes'])}")


@records.command()
def export(
    context: typer.Context,
    hosts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[HOST]...", help="All, if none.", autocompletion=hosts_like),
    ] = None,
    *,
    span: Annotated[str, typer.Option(metavar="AGE", help="How far back: 1h, 24h, 7d.")] = "24h",
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object a line.")] = False,
) -> None:
    """Print every sample as CSV, host by host; what was not measured is empty, never 0."""
    from watch.clock import now_ms
    from watch.records import Wanted

    end = now_ms()
    start = max(0, end - milliseconds(span, "--span"))
    wanted = Wanted(start, end, tuple(hosts or ()), "jsonl" if as_json else "csv")
    for piece in _exported(target_of(context), wanted):
        emit_piece(piece)


def _exported(target: Target, wanted: Wanted) -> Iterator[str]:
    asked = {
        "start": wanted.start,
        "end": wanted.end,
        "host": wanted.hosts,
        "form": wanted.form,
    }
    try:
        yield from _watch(target).pieces("/v1/records/export", asked)
    except NoWatch as nobody:
        yield from _at_rest(target, nobody).export(wanted)


@records.command()
def prune(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Have the watch tidy now what it tidies by and by: compact, and delete what is too old."""
    from tui.paint.numbers import size

    said = _watch(target_of(context)).post("/v1/records/prune")
    if as_json:
        emit_json(said)
        return
    steps = f"{said['steps']:,} step{'s' * (said['steps'] != 1)}"
    freed = said["bytes_before"] - said["bytes"]
    what = f"{size(freed)} freed, {size(said['bytes'])} left" if freed > 0 else "nothing to free"
    emit(f"{said['records']}: {steps}, {what}")


def _watch(target: Target) -> Client:
    return Client(target.client().socket, _PATIENCE_SECONDS)


def _at_rest(target: Target, nobody: NoWatch) -> RecordsAtRest:
    """The records of the watch that is meant, where `nobody` answers for it."""
    from watch.records import RecordsAtRest

    if target.socket is not None:
        why = "without its watch a socket does not say where its records are"
        do = "name its estate instead: twinwatch --estate FILE records …"
        raise WatchError(nobody.what, nobody.where, why, do) from None
    return RecordsAtRest(target.place().records)
