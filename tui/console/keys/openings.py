"""What opening a row leads to. A pure function of its key."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from estate.document import Document
from tui.console.journey.orders import Choose, Go, Look, Outcome, Say
from tui.console.keys.moves import MOVES
from tui.console.preferences.settings import CHOICES, next_choice
from tui.console.requests.board import AskBoard
from tui.paint.view import View

#: Events of these are about the watch itself: the settings screen has its state in full.
_OF_THE_WATCH = ("watch", "estate", "records")

#: Problems of services and queues, and the screen that tells more of them.
_OF_SERVICES = {"service": "services", "budget": "budget", "queue": "queues"}

#: Rows that are opened on a screen of their own.
_PLACES = {"run": "run", "runbook": "plan", "readiness": "readiness"}

#: Rows of what has a screen without a subject.
_LISTED = {"service": "services", "queue": "queues"}

#: Rows that are opened where they stand.
_UNFOLDED = ("fold", "item", "note")


def opening(key: str, view: View) -> Outcome:
    """What enter on the row `key` of the screen in `view` comes to."""
    kind, _, name = key.partition(":")
    if kind in _UNFOLDED:
        return Look(MOVES["list.fold"](view.attention, (key,), 1))
    if kind == "setting" and name in CHOICES:
        return Choose(name, next_choice(name, view.settings[name]))
    if kind == "moment":
        return AskBoard(int(name))
    if kind == "refused":
        return Say(view.words.say("it is refused: twinwatch runbook lint {file}", file=name))
    there = opened(key, view.document)
    return there if there is not None else Say(view.words.say("nothing to open here"))


def opened(key: str, document: Document) -> Go | None:
    """Where enter on the row `key` ("host:mta-c03") goes; None where there is nothing to open."""
    kind, _, name = key.partition(":")
    if kind == "host":
        return Go("host", name) if name in document.hosts else None
    if kind in _PLACES:
        return Go(_PLACES[kind], name)
    if kind in _LISTED:
        return Go(_LISTED[kind])
    if kind in ("site", "group"):
        return Go("hosts", filter=f"{kind}:{name}")
    found = _FOUND.get(kind)
    return found(name, document) if found is not None else None


def _finding(name: str, document: Document) -> Go | None:
    """To what said it: a host, the runbook's plan, the run, the month."""
    service, _, number = name.rpartition(":")
    row = next((each for each in document.readiness if each.key == service), None)
    if row is None or not number.isdecimal() or int(number) >= len(row.findings):
        return None
    source = row.findings[int(number)].source
    places = {
        "hosts": Go("hosts", filter=f"site:{row.to}"),
        "plan": Go("plan", row.runbook),
        "runs": Go("run", row.done_run) if row.done_run else Go("plan", row.runbook),
        "ledger": Go("budget"),
        "watch": Go("settings"),
    }
    return Go("host", source) if source in document.hosts else places.get(source)


def _problem(name: str, document: Document) -> Go | None:
    problem = next((each for each in document.problems if each.id == name), None)
    if problem is None:
        return None
    if problem.kind in _OF_SERVICES:
        return Go(_OF_SERVICES[problem.kind])
    return _hosts(problem.hosts or (problem.where,), document)


def _event(name: str, document: Document) -> Go | None:
    event = next((each for each in document.events if str(each.id) == name), None)
    if event is None:
        return None
    if event.where in _OF_THE_WATCH:
        return Go("settings")
    if any(event.where == each.key for each in document.services):
        return Go("services")
    return _hosts((event.where,), document)


def _hosts(names: tuple[str, ...], document: Document) -> Go | None:
    known = [name for name in names if name in document.hosts]
    if not known:
        return None
    if len(known) == 1:
        return Go("host", known[0])
    return Go("hosts", filter=f"host:{','.join(known)}")


#: Rows that lead to what they speak of.
_FOUND: Mapping[str, Callable[[str, Document], Go | None]] = {
    "problem": _problem,
    "event": _event,
    "finding": _finding,
}
