"""`twinwatch vantage`: what this watch saw of services, line by line, for one at another site.

Another watch runs it over SSH and reads on for ever. What it prints is on this watch's disk: a line
that was told is never taken back.
"""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from tui.commands.show import emit
from tui.commands.target import target_of

#: The watch is asked so often, and a sign of life is given at least so often.
_EVERY_SECONDS = 1.0
_LIFE_SECONDS = 2.0
_PAGE = 1_000


def vantage(
    context: typer.Context,
    *,
    since: Annotated[
        int, typer.Option(metavar="SEQ", min=0, help="Only what came after this number.")
    ] = 0,
    follow: Annotated[bool, typer.Option("--follow", help="Go on as rounds are made.")] = False,
) -> None:
    """Print what this watch saw of every service: a JSON object a line, each run of rounds once.

    Lines with `now` say that the watch is there, what its clock says, and up to which number all
    was told. A run that grows is told again, with a later `seq`.
    """
    from estate.ledger.sightings import Sighting
    from estate.ledger.telling import Present, line
    from estate.wire import from_json

    client = target_of(context).client()
    alive_at = -_LIFE_SECONDS
    while True:
        said = client.get("/v1/vantage", {"since": since, "limit": _PAGE})
        told = [from_json(Sighting, each) for each in said["sightings"]]
        for each in told:
            emit(line(each))
            since = max(since, each.seq)
        if len(told) == _PAGE:
            continue  # there is more
        if time.monotonic() - alive_at >= _LIFE_SECONDS or not follow:
            alive_at = time.monotonic()
            emit(line(Present(said["now"], since, said["watch"])))
        sys.stdout.flush()
        if not follow:
            return
        time.sleep(_EVERY_SECONDS)
