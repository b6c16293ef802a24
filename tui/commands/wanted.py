"""What a person asks for, checked before anybody is asked: filters, spans, metrics."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from watch.error import SourceError, WatchError

if TYPE_CHECKING:
    from estate.fields import Field

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Where = Annotated[
    str, typer.Option("--where", metavar="FILTER", help="Only what the filter selects.")
]

Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why, for the record.", show_default=False)
]
For = Annotated[
    str,
    typer.Option("--for", metavar="SPAN", help="How long: 30m, 2h, 1d.", show_default=False),
]


def required(text: str, option: str, todo: str) -> str:
    """`text` of `option`, which must be given; raises SourceError."""
    if not text.strip():
        raise SourceError("something is missing", option, "it is not given", todo)
    return text


def run_named(name: str) -> str:
    """`name`, a run's id, which becomes part of an address; raises SourceError."""
    if name and all(each.isalnum() or each in "-_" for each in name):
        return name
    why, todo = "an id is letters, digits and dashes", "twinwatch runs lists them"
    raise SourceError("no such run", repr(name), why, todo)


def checked_filter(text: str, fields: Mapping[str, Field]) -> str:
    """`text`, a filter over `fields`; raises SourceError as the watch would word it."""
    from estate.filter import FilterError, parse

    try:
        parse(text, fields)
    except FilterError as error:
        where = f"filter {text!r}, column {error.column}"
        raise SourceError("the filter is refused", where, error.what, error.todo) from None
    return text


def milliseconds(text: str, option: str) -> int:
    """A duration such as 24h, for `option`; raises SourceError."""
    from estate.quantities import QuantityError, duration_ms

    try:
        span = duration_ms(text)
    except QuantityError as error:
        raise SourceError("the duration is refused", option, error.what, error.todo) from None
    if span == 0:
        why, do = "it lasts no time", "write one such as 1h"
        raise SourceError("the duration is refused", option, why, do)
    return span


def checked_metric(name: str) -> str:
    """`name`, a sampled metric; raises SourceError."""
    from estate.metrics import INDEX

    if name not in INDEX:
        near = get_close_matches(name, INDEX, 1)
        todo = f"did you mean {near[0]}?" if near else f"write one of {', '.join(INDEX)}"
        raise SourceError("no such metric", name, "it is not among those sampled", todo)
    return name


def hosts_like(context: typer.Context, incomplete: str) -> list[str]:
    """Hosts of the board that begin so, for the shell; none where no watch answers."""
    return _known(context, "/v1/hosts", "name", incomplete)


def runs_like(context: typer.Context, incomplete: str) -> list[str]:
    """Runs whose names begin so, the newest first, for the shell; none where no watch answers."""
    return _known(context, "/v1/runs", "id", incomplete)


def problems_like(context: typer.Context, incomplete: str) -> list[str]:
    """Problems whose ids begin so, for the shell; none where no watch answers."""
    return _known(context, "/v1/problems", "id", incomplete)


def acknowledged_like(context: typer.Context, incomplete: str) -> list[str]:
    """Problems that somebody has, whose ids begin so, for the shell."""
    return _known(context, "/v1/acknowledgements", "problem", incomplete)


def silences_like(context: typer.Context, incomplete: str) -> list[str]:
    """Silences whose ids begin so, for the shell."""
    return _known(context, "/v1/silences", "id", incomplete)


def _known(context: typer.Context, path: str, name: str, incomplete: str) -> list[str]:
    from tui.commands.target import Target

    said = context.find_root().params
    target = Target(said.get("socket"), said.get("estate"), said.get("ssh_config"))
    try:
        rows = target.client().get(path)
    except WatchError:
        return []
    return [row[name] for row in rows if row[name].startswith(incomplete)]


def runbooks_like(incomplete: str) -> list[str]:
    """Runbooks that begin so, for the shell: those beside the estate that is found, and behind."""
    import os

    from tui.commands.target import Target
    from watch.runbookfiles import places, shelf

    try:
        estate = Target().source().path
    except WatchError:
        estate = None
    try:
        found = shelf(places(os.environ, estate))
    except WatchError:
        return []
    return [each.name for each in found if each.runbook and each.name.startswith(incomplete)]


def metrics_like(incomplete: str) -> list[str]:
    """Sampled metrics that begin so, for the shell."""
    from estate.metrics import INDEX

    return [name for name in INDEX if name.startswith(incomplete)]
