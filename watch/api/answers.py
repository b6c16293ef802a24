"""How the API answers: JSON, rows, and every refusal in the one shape of an error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from estate.document import Document
from estate.fields import Field
from estate.filter import Filter, FilterError, parse
from estate.wire import to_json
from watch.error import SourceError, WatchError


def as_json(value: object) -> Response:
    """`value` as JSON without blanks."""
    body = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(body.encode(), media_type="application/json")


def as_rows(rows: Iterable[Any]) -> Response:
    """Values of the board, as JSON."""
    return as_json([to_json(row) for row in rows])


def filter_of(where: str, catalogue: Mapping[str, Field]) -> Filter:
    """What selects rows. Raises WatchError where it makes no sense."""
    try:
        return parse(where, catalogue)
    except FilterError as error:
        place = f"filter {where!r}, column {error.column}"
        what = "the filter is refused"
        raise WatchError(what, place, error.what, error.todo, status=400) from error


# --- refusals -----------------------------------------------------------------------------------


def unknown_host(document: Document, name: str) -> WatchError:
    """There is no such host on the board; one of a like name is named."""
    close = get_close_matches(name, document.hosts, 1)
    do = f"did you mean {close[0]}?" if close else "twinwatch hosts lists them"
    return WatchError("no such host", name, "the estate does not name it", do, status=404)


def refused(status: int, what: str, where: str, why: str, do: str) -> Response:
    """What is wrong, and what to do."""
    said = {"what": what, "where": where, "why": why, "do": do}
    return Response(json.dumps(said), status_code=status, media_type="application/json")


def refused_by(error: WatchError) -> Response:
    """What the watch, or its source, says is wrong."""
    status = error.status or (400 if isinstance(error, SourceError) else 500)
    return refused(status, error.what, error.where, error.why, error.do)


def add_refusals(app: FastAPI) -> None:
    """Whatever goes wrong is said in one shape."""
    app.add_exception_handler(WatchError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_bad_request)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_defect)


async def _on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, WatchError)
    return refused_by(error)


async def _on_bad_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = " ".join(str(part) for part in first["loc"])
    return refused(400, "the request is refused", where, first["msg"], "see /openapi.json")


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    where = f"{request.method} {request.url.path}"
    why, do = str(error.detail), "see /openapi.json"
    return refused(error.status_code, "no such request", where, why, do)


async def _on_defect(request: Request, error: Exception) -> Response:
    where = f"{request.method} {request.url.path}"
    why = f"{type(error).__name__}: {error}"
    return refused(500, "the watch has a defect", where, why, "report it with the watch's log")
