"""What the API says of services: how they are, their months, the rounds behind a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from fastapi import FastAPI, Query, Response

from estate.document import Document
from estate.error import InputError
from estate.ledger.months import Month, month
from estate.ledger.writing import computation_row
from estate.wire import to_json
from watch.api.answers import as_json, as_rows
from watch.error import WatchError
from watch.ledger.months import computation
from watch.ledger.places import identity

if TYPE_CHECKING:
    from estate.model import Service
    from watch.ledger.desk import Desk

#: So many runs of rounds are told at once.
MOST_SIGHTINGS = 5_000


class HasLedger(Protocol):
    """What these routes need of the watch."""

    @property
    def document(self) -> Document: ...
    async def ledger(self) -> Desk: ...
    def now(self) -> int: ...


def add_ledger(app: FastAPI, services: HasLedger) -> None:
    """Services, tenants, and a month of a service as `ledger compute` reads it."""

    @app.get("/v1/services", response_model=None)
    async def services_() -> Response:
        """Every service: its state, its probes, and what is left of its budget this month."""
        return as_rows(services.document.services)

    @app.get("/v1/tenants", response_model=None)
    async def tenants() -> Response:
        """Every tenant over all services that serve it, the worst off first."""
        return as_rows(services.document.tenants)

    @app.get("/v1/tenants/all", response_model=None)
    async def all_tenants() -> Response:
        """All tenants together, one row: down while any of them is. None where there are none."""
        return as_rows(services.document.all_tenants)

    @app.get("/v1/services/{key}/month", response_model=None)
    async def service_month(key: str, month: str) -> Response:
        """A month (2026-11) of a service from the record: what `ledger compute` computes from."""
        desk = await services.ledger()
        service = _service(desk, key)
        if service.objective is None:
            why, do = "the estate promises nothing of it", "give it an objective: available: 99.95%"
            raise WatchError("no budget", key, why, do, status=404)
        asked = _month(month)
        if asked.bounds(desk.zone)[0] > services.now():
            why, do = "it is still to come", "write a month that has begun"
            raise WatchError("no such month", month, why, do, status=400)
        found = await desk.month(service, asked)
        if found is None:
            why, do = "the records can't be read", "see twinwatch records check"
            raise WatchError("no month", f"{key} {month}", why, do, status=503)
        return as_json(computation_row(computation(found, desk.zone, service.objective)))

    @app.get("/v1/services/{key}/rounds", response_model=None)
    async def rounds(key: str, start: int, end: int) -> Response:
        """Rounds in [start, end), UTC ms, that were not good, and the first good one after each."""
        desk = await services.ledger()
        found = await desk.rounds(_service(desk, key).key, start, end)
        return as_rows(found)

    @app.get("/v1/vantage", response_model=None)
    async def vantage(
        since: int = 0, limit: int = Query(1_000, ge=1, le=MOST_SIGHTINGS)
    ) -> Response:
        """What was seen from here of every service, run by run, by the numbers of this watch's
        journal after `since`; and what its clock says. For the watch at another site."""
        desk = await services.ledger()
        found = await desk.journal(since, limit)
        us = identity(services.document)
        said = {"now": services.now(), "watch": us, "sightings": [to_json(each) for each in found]}
        return as_json(said)


def _service(desk: Desk, key: str) -> Service:
    service = desk.service(key)
    if service is None:
        do = "twinwatch services lists them"
        raise WatchError("no such service", key, "the estate does not name it", do, status=404)
    return service


def _month(text: str) -> Month:
    try:
        return month(text)
    except InputError as error:
        raise WatchError("no such month", text, error.what, error.todo, status=400) from error
