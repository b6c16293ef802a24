"""What stands on one host: the last word of each probe, as rows and as figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from collectors.probes import PROBES
from collectors.services.served import CADENCE_MS
from estate.asked import Asked
from estate.document import Document
from estate.model import Host
from estate.proxies import Backend
from estate.samples import Probed
from estate.standing import Measured
from watch.standing import (
    backups,
    certificates,
    configuration,
    patches,
    proxies,
    replication,
)
from watch.standing.told import Figures, Told

#: Rows of one kind, by the field of the document that shows them.
Rows = Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of row: the field that shows it, who tells it, and whether the host is asked it."""

    field: str
    rows: Callable[[Told], tuple[Measured, ...]]
    asked: Callable[[Asked], bool]


def _has(part: str, asked: Asked) -> bool:
    return bool(getattr(asked, part))


#: What each probe tells of.
KINDS: Mapping[str, Kind] = {
    "postgresql": Kind("replication", replication.rows, partial(_has, "postgresql")),
    "mysql": Kind("replication", replication.rows, partial(_has, "mysql")),
    "haproxy": Kind("proxies", proxies.rows, partial(_has, "haproxy")),
    "keepalived": Kind("addresses", proxies.addresses, partial(_has, "keepalived")),
    certificates.FILES: Kind(
        "certificates", certificates.rows, lambda asked: any(c.file for c in asked.certificates)
    ),
    certificates.SERVED: Kind(
        "certificates", certificates.rows, lambda asked: any(c.serves for c in asked.certificates)
    ),
    "packages": Kind("patches", patches.rows, partial(_has, "packages")),
    "backups": Kind("backups", backups.rows, partial(_has, "backups")),
    "configuration": Kind("configuration", configuration.rows, partial(_has, "configuration")),
}
FIELDS = tuple(dict.fromkeys(kind.field for kind in KINDS.values()))

_FIGURES: Mapping[str, Callable[[Sequence[Any], int], Figures]] = {
    "replication": replication.figures,
    "proxies": proxies.figures,
    "certificates": certificates.figures,
    "patches": patches.figures,
    "backups": backups.figures,
}


class OnHost:
    """One host's rows. `version` grows with every change of them."""

    def __init__(self) -> None:
        self._told: dict[str, Told] = {}
        self._restored: dict[str, tuple[Any, ...]] = {}
        self._emptied: dict[str, tuple[str, ...]] = {}
        self.rows: Rows = {}
        self.version = 0

    def describe(self, host: Host, names: Mapping[str, str]) -> None:
        """What the estate asks of the host now; what was told of the rest is forgotten."""
        told: dict[str, Told] = {}
        for probe, kind in KINDS.items():
            if kind.asked(host.asked):
                known = self._told.get(probe) or Told(host, probe, _cadence_ms(probe))
                told[probe] = replace(known, host=host, names=names)
        self._told = told
        self._make()

    def restored(self, document: Document, host: str) -> None:
        """Begin with what the records show, with its age."""
        for field in FIELDS:
            found = tuple(row for row in getattr(document, field) if row.host == host)
            if found:
                self._restored[field] = found
        self._make()

    def take(self, probed: Probed) -> None:
        """Take in an answer."""
        known = self._told.get(probed.probe)
        if known is not None:
            self._told[probed.probe] = known.then(probed)
            self._make()

    def figures(self, now: int) -> Figures:
        """What of it is judged, at `now`: by metric and subject. What nobody has told of yet is
        absent, what nobody can tell now is NaN."""
        found: dict[str, Mapping[str, float]] = {}
        for field, rows in self.rows.items():
            of_kind = _FIGURES.get(field)
            if of_kind is not None and any(row.at is not None for row in rows):
                found.update(of_kind(rows, now))
        return found

    def blames(self, metric: str, subject: str) -> tuple[str, ...]:
        """The servers at the other end whose loss would explain that `subject` is in trouble."""
        name = subject.removeprefix("/")
        if metric in ("replication_broken", "replication_lag_seconds"):
            peers = [each.peer for row in self.rows.get("replication", ()) for each in row.streams]
            return (name,) if name in peers else ()
        if metric == "backend_down":
            return next((each.down for each in self._backends() if each.name == name), ())
        return ()

    def taken_out(self, metric: str, subject: str) -> tuple[str, ...] | None:
        """The servers of a backend of which every one was taken out by intent, if all have names.

        None where `subject` is in trouble for another reason, or was last: once it is well again
        the trouble stands for as long as it is held, and is what it was.
        """
        return self._emptied.get(subject.removeprefix("/")) if metric == "backend_down" else None

    def _backends(self) -> Iterator[Backend]:
        return (each for row in self.rows.get("proxies", ()) for each in row.backends)

    def _make(self) -> None:
        made: dict[str, tuple[Any, ...]] = {}
        for probe, told in self._told.items():
            kind = KINDS[probe]
            before = _said_by(probe, self._restored.get(kind.field, ()))
            rows = before if told.at is None and before else kind.rows(told)
            made[kind.field] = (*made.get(kind.field, ()), *rows)
        if made != self.rows:
            self.rows = made
            self.version += 1
            self._emptied = dict(self._looked_into())

    def _looked_into(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The backends that were emptied when they were in trouble last, and their servers."""
        for each in self._backends():
            if each.emptied:
                yield each.name, each.out if len(each.out) == each.drained else ()
            elif each.name in self._emptied and each.serving and not each.down:
                yield each.name, self._emptied[each.name]


def _said_by(probe: str, rows: Sequence[Any]) -> tuple[Any, ...]:
    """Those of a field's rows that `probe` tells."""
    source = {certificates.FILES: "file", certificates.SERVED: "served"}.get(probe)
    if source is not None:
        return tuple(row for row in rows if row.source == source)
    return tuple(row for row in rows if getattr(row, "system", probe) in (probe, "apt", "dnf", ""))


def _cadence_ms(probe: str) -> int:
    return CADENCE_MS if probe == certificates.SERVED else PROBES[probe].cadence_ms
