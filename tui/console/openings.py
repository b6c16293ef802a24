"""What opening a row leads to. A pure function of its key."""

from __future__ import annotations

from estate.document import Document
from tui.console.commands import Go

#: Events of these are about the watch itself: the settings screen has its state in full.
_OF_THE_WATCH = ("watch", "estate", "records")

#: Rows that are opened on a screen of their own.
_PLACES = {"run": "run", "runbook": "plan"}


def opened(key: str, document: Document) -> Go | None:
    """Where enter on the row `key` ("host:mta-c03") goes; None where there is nothing to open."""
    kind, _, name = key.partition(":")
    if kind == "host":
        return Go("host", name) if name in document.hosts else None
    if kind in _PLACES:
        return Go(_PLACES[kind], name)
    if kind in ("site", "group"):
        return Go("hosts", filter=f"{kind}:{name}")
    if kind == "problem":
        for problem in document.problems:
            if problem.id == name:
                return _hosts(problem.hosts or (problem.where,), document)
    if kind == "event":
        for event in document.events:
            if str(event.id) == name:
                about_watch = event.where in _OF_THE_WATCH
                return Go("settings") if about_watch else _hosts((event.where,), document)
    return None


def _hosts(names: tuple[str, ...], document: Document) -> Go | None:
    known = [name for name in names if name in document.hosts]
    if not known:
        return None
    if len(known) == 1:
        return Go("host", known[0])
    return Go("hosts", filter=f"host:{','.join(known)}")
