"""The API's description of itself: the shapes of `estate.document` in its OpenAPI document.

They are described, not validated: answers are written by `estate.wire`, in which a field at its
default is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from estate.availability import AllTenantsRow, ServiceRow, TenantRow
from estate.backups import BackupRow
from estate.certificates import CertificateRow
from estate.document import Change, Document, Event, HostDetail, HostRow, Problem, Series
from estate.patches import PatchRow
from estate.proxies import AddressRow, ProxyRow
from estate.queues import QueueRow
from estate.readiness import ReadinessRow
from estate.replication import ReplicationRow
from estate.suggestions import SuggestedRunbook
from snapshots.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Host:
    """One host: its row, and what is known besides."""

    row: HostRow
    detail: HostDetail


@dataclass(frozen=True, slots=True)
class Refusal:
    """What every error says."""

    what: str
    where: str
    why: str
    do: str


#: What each path answers with, where it is a value of the board.
ANSWERS: Mapping[str, Any] = {
    "/v1/board": Document,
    "/v1/hosts": list[HostRow],
    "/v1/hosts/{name}": Host,
    "/v1/problems": list[Problem],
    "/v1/events": list[Event],
    "/v1/history": Series,
    "/v1/stream": Document | Change,
    "/v1/services": list[ServiceRow],
    "/v1/snapshot": Snapshot,
    "/v1/tenants": list[TenantRow],
    "/v1/tenants/all": list[AllTenantsRow],
    "/v1/certificates": list[CertificateRow],
    "/v1/patches": list[PatchRow],
    "/v1/replication": list[ReplicationRow],
    "/v1/proxies": list[ProxyRow],
    "/v1/addresses": list[AddressRow],
    "/v1/backups": list[BackupRow],
    "/v1/queues": list[QueueRow],
    "/v1/queues/history": Series,
    "/v1/suggestions": list[SuggestedRunbook],
    "/v1/readiness": list[ReadinessRow],
    "/v1/readiness/ask": ReadinessRow,
}
_TYPES = {"/v1/stream": "text/event-stream", "/metrics": "application/openmetrics-text"}
_REF = "#/components/schemas/{model}"


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of `app`, made once."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        for path, methods in document["paths"].items():
            for operation in methods.values():
                _answer(operation, path, schemas)
        app.openapi_schema = document
    return app.openapi_schema


def _answer(operation: dict[str, Any], path: str, schemas: dict[str, Any]) -> None:
    """Say what `operation` answers with, well or not."""
    responses = operation["responses"]
    shape = _schema(ANSWERS[path], schemas) if path in ANSWERS else {}
    responses["200"]["content"] = {_TYPES.get(path, "application/json"): {"schema": shape}}
    refusal = {"application/json": {"schema": _schema(Refusal, schemas)}}
    responses.pop("422", None)  # a request that makes no sense is a 400 in our own form
    responses["default"] = {"description": "What is wrong, and what to do", "content": refusal}


def _schema(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of `kind`, its parts put into `schemas`."""
    schema: dict[str, Any] = _without_unknown(TypeAdapter(kind).json_schema(ref_template=_REF))
    schemas.update(schema.pop("$defs", {}))
    name = schema.get("title") if schema.get("type") == "object" else None
    if name is None:
        return schema
    schemas[name] = schema
    return {"$ref": _REF.format(model=name)}


def _without_unknown(schema: Any) -> Any:
    """The schema without defaults that JSON can't hold: NaN crosses as null, or not at all."""
    if isinstance(schema, dict):
        return {
            key: _without_unknown(part)
            for key, part in schema.items()
            if not (isinstance(part, float) and isnan(part))
        }
    return [_without_unknown(part) for part in schema] if isinstance(schema, list) else schema
