"""Which keys the footer does not offer, because they lead nowhere from here."""

from __future__ import annotations

from estate.document import Document
from tui.console.desks.time import OF_NOW, OF_THE_PAST
from tui.console.journey.places import Place

#: Bindings that need a host.
_OF_HOSTS = frozenset(("open", "list.faults", "list.sort", "marks.toggle", "refresh", "runbooks"))


def dead(place: Place, document: Document, *, past: bool) -> frozenset[str]:
    """Bindings without use at `place` on this board, `past` where it is one that was kept."""
    found = set(OF_NOW if past else OF_THE_PAST)
    if place.screen == "help":
        found.add("help")
    if not document.hosts:
        found |= _OF_HOSTS
    if place.screen == "host" and len(document.hosts) < 2:
        found.add("host.next")
    if not document.problems:
        found.add("ack")
    here = (place.screen, place.subject)
    if not any(run.question and here != ("run", run.id) for run in document.runs):
        found.add("runs.decide")
    return frozenset(found)
