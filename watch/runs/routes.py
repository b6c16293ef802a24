"""The API of runs: HTTP to the desk. What that needs is loaded once somebody asks it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any, Protocol

from fastapi import FastAPI, Query, Request, Response

from watch.access import STEERING, Peer, groups_of
from watch.api.answers import as_json, as_rows
from watch.clock import now_ms
from watch.error import WatchError
from watch.runs.arming import Arming

if TYPE_CHECKING:
    from estate.runs import FeltRow, RunView
    from watch.ledger.desk import Desk
    from watch.runbookfiles import Shelved
    from watch.runs.desk import RunDesk
    from watch.runs.permission import Person

#: A run is shown without what users felt of it if the ledger can't say it within this time.
LEDGER_SECONDS = 1.0
#: Of output in one answer.
MOST_OUTPUT = 4 << 20


class HasRuns(Protocol):
    """What the routes need of the watch."""

    @property
    def owner(self) -> int: ...
    @property
    def roles(self) -> Mapping[str, Sequence[str]]: ...
    async def runs(self) -> RunDesk: ...
    async def ledger(self) -> Desk: ...
    async def runbooks(self) -> Sequence[Shelved]: ...


def add_runs(app: FastAPI, watch: HasRuns) -> None:
    """The routes of runs, on `app`."""
    arming = Arming(token_urlsafe)
    _looking(app, watch)
    _arming(app, watch, arming)
    _acting(app, watch, arming)


async def _felt(watch: HasRuns, view: RunView) -> tuple[FeltRow, ...]:
    """What users felt of it, by the ledger; nothing while that is still being opened."""
    try:
        async with asyncio.timeout(LEDGER_SECONDS):
            return await (await watch.ledger()).felt(view)
    except (TimeoutError, WatchError):
        return ()


def _looking(app: FastAPI, watch: HasRuns) -> None:
    @app.get("/v1/runs", response_model=None)
    async def runs(at: int | None = None) -> Response:
        """Every run on record, the newest first; as they were `at` a moment, UTC ms."""
        desk = await watch.runs()
        return as_rows(desk.all_rows() if at is None else await desk.rows_then(at))

    @app.get("/v1/runs/{run}", response_model=None)
    async def run(run: str, at: int | None = None) -> Response:
        """Everything about a run, but for what its steps printed; as it was `at` a moment, UTC ms,
        and then without what users felt of it."""
        from estate.wire import to_json

        desk = await watch.runs()
        if at is not None:
            return as_json(to_json(await desk.then(run, at)))
        view = await desk.view(run)
        return as_json(to_json(replace(view, felt=await _felt(watch, view))))

    @app.get("/v1/runs/{run}/output", response_model=None)
    async def output(
        request: Request,
        run: str,
        name: str,
        offset: int = 0,
        limit: int = Query(1 << 16, ge=1, le=MOST_OUTPUT),
    ) -> Response:
        """What an attempt printed, raw, secrets redacted; from its end for a negative offset."""
        from watch.runs import asked

        person = await _person(request, watch)
        printed = await asked.output(
            await watch.runs(), run, person, name, offset=offset, limit=limit
        )
        return Response(printed, media_type="application/octet-stream")


def _arming(app: FastAPI, watch: HasRuns, arming: Arming) -> None:
    @app.get("/v1/runbooks", response_model=None)
    async def runbooks() -> Response:
        """The runbooks there are, and why those that can't be run can't."""
        from watch.runs.consoles import catalogue

        return as_json(catalogue(await watch.runbooks()))

    @app.post("/v1/arm", response_model=None)
    async def arm(request: Request) -> Response:
        """Arm a console: the `word` that it gives as `armed` in what it asks for, `until` when."""
        person = await _person(request, watch)
        armed = arming.arm(person.name, now_ms())
        return as_json({"word": armed.word, "until": armed.until})

    @app.post("/v1/disarm", response_model=None)
    async def disarm(body: dict[str, Any]) -> Response:
        """Make the console with the word `armed` read-only again."""
        arming.disarm(str(body.get("armed", "")))
        return as_json({"armed": False})


def _acting(app: FastAPI, watch: HasRuns, arming: Arming) -> None:
    @app.post("/v1/plan", response_model=None)
    async def plan(request: Request, body: dict[str, Any]) -> Response:
        """What a run of `runbook` with `set` would be, and every reason not to; changes nothing.

        `drill`; with `ask` false hosts are not asked, nor for who may neither run nor approve it.
        """
        from watch.runs import asked

        person = await _person(request, watch)
        return as_json(await asked.plan(await watch.runs(), person, body))

    @app.post("/v1/runs", response_model=None)
    async def start(request: Request, body: dict[str, Any]) -> Response:
        """Begin a run of `runbook` with `set`; `drill`, `reason`, `waive`, `take_over`.

        A console gives `armed`, and what its person saw: `sha256`, `hosts`, and the `confirm` that
        they typed.
        """
        from watch.runs import asked, consoles

        person = await _person(request, watch)
        consoles.check_armed(arming, person, body, now_ms())
        return as_json(await asked.start(await watch.runs(), person, body))

    @app.post("/v1/runs/{run}/{verb}", response_model=None)
    async def steer(request: Request, run: str, verb: str, body: dict[str, Any]) -> Response:
        """`decide` (`step`, `decision`, `reason`, `host`, or `all` that are asked about; `outcome`
        to settle), `pause`, `resume` (`set` for secrets that a restart lost) or `abort` (`now`). A
        console gives `armed`."""
        from watch.runs import asked, consoles

        person = await _person(request, watch)
        consoles.check_armed(arming, person, body, now_ms())
        return as_json(await asked.steer(await watch.runs(), run, verb, person, body))


async def _person(request: Request, watch: HasRuns) -> Person:
    """Who asks; the group database may wait for a directory service."""
    from watch.runs.permission import Person

    peer: Peer = request.state.peer
    groups = await asyncio.to_thread(groups_of, peer)
    owns = peer.uid in (watch.owner, 0)
    held = {role for role, members in watch.roles.items() if groups.intersection(members)}
    operates = owns or bool(held & STEERING)
    return Person(peer.name, owns, groups, in_house=operates, operates=operates)
