"""All routes of the API, on one application."""

from __future__ import annotations

from functools import partial
from typing import Any, Protocol

from fastapi import FastAPI

from estate.version import VERSION
from watch.api.answers import add_refusals
from watch.api.board import HasBoard, add_board
from watch.api.guard import Guarded
from watch.api.records import HasRecords, add_records
from watch.api.steering import Steered, add_steering
from watch.attention.routes import HasAttention, add_attention
from watch.handover.routes import HasHandovers, add_handover
from watch.ledger.routes import HasLedger, add_ledger
from watch.notices.routes import HasNotices, add_notices
from watch.past.asof import AsOf
from watch.past.routes import HasPast, add_past
from watch.queues.routes import HasQueues, add_queues
from watch.readiness.routes import HasReadiness, add_readiness
from watch.runs.routes import HasRuns, add_runs
from watch.standing.routes import add_standing


class Services(
    Guarded,
    HasBoard,
    HasRecords,
    Steered,
    HasRuns,
    HasLedger,
    HasQueues,
    HasHandovers,
    HasReadiness,
    HasAttention,
    HasPast,
    HasNotices,
    Protocol,
):
    """What the API needs of the watch."""


def application(services: Services) -> FastAPI:
    """The API over `services`, each answer as of the moment that is asked."""
    services = AsOf(services)
    app = FastAPI(title="twinwatch", version=VERSION, docs_url=None, redoc_url=None)
    app.openapi = partial(_described, app)  # type: ignore[method-assign]
    add_board(app, services)
    add_records(app, services)
    add_steering(app, services)
    add_runs(app, services)
    add_ledger(app, services)
    add_queues(app, services)
    add_standing(app, services)
    add_handover(app, services)
    add_readiness(app, services)
    add_attention(app, services)
    add_past(app, services)
    add_notices(app, services)
    add_refusals(app)
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    from watch.api.openapi import describe  # asked for once in a watch's life, if ever

    return describe(app)
