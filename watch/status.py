"""The watch and its estate in numbers: what `status` and `/v1/estate` say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from estate.document import Document, Problem
from estate.model import Estate
from watch.means import Keeps
from watch.process import Place
from watch.source import Source


def status(
    document: Document,
    estate: Estate,
    now: int,
    *,
    source: Source,
    place: Place,
    keeper: Keeps,
    figures: Mapping[str, float],
) -> dict[str, object]:
    """Who watches, where what is kept, and how the board of `now` (UTC ms) is; `figures` are the
    watch's own."""
    watch, causes = document.watch, [each for each in document.problems if not each.parent]
    reaches = Counter(row.reach.value for row in document.hosts.values())
    severities = Counter(each.severity.value for each in causes)
    return {
        "watch": watch.name,
        "version": watch.version,
        "pid": watch.pid,
        "user": watch.user,
        "started_at": watch.started_at,
        "now": now,
        "board_at": document.at,
        "seq": document.seq,
        "estate": document.estate,
        "estate_problem": watch.estate_problem,
        "left_out": list(estate.left_out),
        "source": str(source.path),
        "socket": str(place.socket),
        "records": str(place.records),
        "records_problem": keeper.status,
        "saved_until": keeper.saved_until,
        "restored_until": watch.restored_until,
        "hosts": {"total": len(document.hosts), **reaches},
        "problems": {"total": len(causes), **severities},
        "in_hand": _in_hand(causes),
        **figures,
    }


def _in_hand(causes: Iterable[Problem]) -> dict[str, int]:
    """How many causes somebody has, and how many are silenced; they are among the problems."""
    held = [each for each in causes if each.until is not None]
    silenced = sum(bool(each.silence) for each in held)
    return {"acknowledged": len(held) - silenced, "silenced": silenced}


def estate_in_numbers(estate: Estate, source: Source, problem: str) -> dict[str, object]:
    """Where the estate comes from and what is in it; `problem` says why a change was refused."""
    return {
        "name": estate.name,
        "source": str(source.path),
        "timezone": estate.timezone,
        "language": estate.language,
        "every_ms": estate.every_ms,
        "problem": problem,
        "sites": list(estate.sites),
        "groups": list(estate.groups()),
        "hosts": len(estate.hosts),
        "services": len(estate.services),
        "tenants": len(estate.tenants),
    }
