"""What the API says of what stands on hosts: the rows of each kind that a filter selects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from fastapi import FastAPI, Response

from estate import standingfields
from estate.document import Document
from estate.fields import Field
from watch.api.answers import as_rows, filter_of


class HasBoard(Protocol):
    """What these routes need of the watch."""

    @property
    def document(self) -> Document: ...
    def now(self) -> int: ...


class _Kind(NamedTuple):
    """One list: its field of the document, what it holds, and what a filter can ask of a row."""

    field: str
    words: str
    catalogue: Mapping[str, Field]
    fields_of: Callable[[Any, int], Mapping[str, object]]


_KINDS = (
    _Kind(
        "certificates",
        "Certificates in files and as they are served.",
        standingfields.CERTIFICATE_FIELDS,
        standingfields.certificate_fields,
    ),
    _Kind(
        "patches",
        "What waits to be installed on each host.",
        standingfields.PATCH_FIELDS,
        standingfields.patch_fields,
    ),
    _Kind(
        "replication",
        "Database servers, their standbys, and how far these are behind.",
        standingfields.REPLICATION_FIELDS,
        standingfields.replication_fields,
    ),
    _Kind(
        "proxies",
        "Backends of each proxy, and their servers.",
        standingfields.PROXY_FIELDS,
        standingfields.proxy_fields,
    ),
    _Kind(
        "addresses",
        "Service addresses, and which host holds them.",
        standingfields.ADDRESS_FIELDS,
        standingfields.address_fields,
    ),
    _Kind(
        "backups",
        "The newest copy of each backup.",
        standingfields.BACKUP_FIELDS,
        standingfields.backup_fields,
    ),
)


def add_standing(app: FastAPI, services: HasBoard) -> None:
    """A list of each kind."""
    for kind in _KINDS:
        app.get(f"/v1/{kind.field}", response_model=None, description=kind.words, name=kind.field)(
            _rows(kind, services)
        )


def _rows(kind: _Kind, services: HasBoard) -> Callable[..., Any]:
    async def rows(where: str = "") -> Response:
        selects, now = filter_of(where, kind.catalogue), services.now()
        every = getattr(services.document, kind.field)
        return as_rows(row for row in every if selects.matches(kind.fields_of(row, now)))

    return rows
