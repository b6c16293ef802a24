"""What each binding comes to, but for those of the desks: orders and requests, from what is shown.

Which keys have a binding is in `keymap`; moves of the cursor are in `moves`, ways through the
places visited in `ways`, what enter opens in `openings`. The rest are of `tui.console.desks`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from estate.language import Words, later
from tui.console.journey.orders import Filter, Go, Hold, Order, Outcome, Say, ShowNewest, Type, Walk
from tui.console.journey.places import Journey
from tui.console.keys.moves import row_at
from tui.console.keys.neighbours import neighbour
from tui.console.keys.openings import opening
from tui.console.requests.board import AskReadiness, Refresh, Revive
from tui.console.requests.console import Copy, Export, Leave, Redraw, Suspend
from tui.console.requests.request import Request
from tui.paint.cells import Page
from tui.paint.screens import keys as rows_of
from tui.paint.view import Attention, Link, View

#: What comes to the same wherever it is pressed.
ALWAYS: Mapping[str, Outcome] = {
    "leave": Leave(),
    "suspend": Suspend(),
    "redraw": Redraw(),
    "export": Export(),
    "pause": Hold(),
    "filter": Type("filter"),
    "command": Type("command"),
    "palette": Type("palette"),
    "help": Go("help"),
    "time": Go("timeline"),
    **{
        screen: Go(screen)
        for screen in (
            *("services", "budget", "readiness", "queues"),
            *("certificates", "patches", "handover"),
        )
    },
}

SPANS = {"span.hour": "1h", "span.day": "24h", "span.week": "7d"}


def preset(digit: str, presets: Mapping[str, str], words: Words) -> Order:
    """The saved filter of that number."""
    if text := presets.get(digit, ""):
        return Filter(text)
    said = later("no preset {digit}: name a filter in settings.yaml, presets: {digit}")
    return Say(words.say(said, digit=digit))


def copied(page: Page, attention: Attention) -> Request:
    """What is marked, else the row at the cursor, else the page."""
    if attention.marks:
        return Copy("\n".join(sorted(key.partition(":")[2] for key in attention.marks)))
    if page.cursor is None:
        return Copy("\n".join(line.text for line in page.lines))
    return Copy(page.lines[page.cursor].text.lstrip("▌> "))


def refreshed(view: View | None, link: Link) -> tuple[Outcome, ...]:
    """Ask the host here, else all of them; the watch itself, where it is lost."""
    if not link.attached:
        return (Revive(),)
    if view is None:
        return (Refresh(None),)
    row = row_at(view.attention, rows_of(view))
    host = view.subject if view.screen == "host" else row.removeprefix("host:")
    return (ShowNewest(), Refresh(host if host in view.document.hosts else None))


def _open(view: View, journey: Journey) -> tuple[Outcome, ...]:
    rows = rows_of(view)
    return (opening(row_at(view.attention, rows), view),) if rows else ()


def _ask_readiness(view: View, journey: Journey) -> tuple[Outcome, ...]:
    from tui.paint.readiness import subject

    row = subject(view)
    if row is None:
        return ()
    said = view.words.say("asking the hosts of {service}", service=row.key)
    return (Say(said), AskReadiness(row.key))


def _beside(step: int) -> Callable[[View, Journey], tuple[Outcome, ...]]:
    def host(view: View, journey: Journey) -> tuple[Outcome, ...]:
        beside = neighbour(view, journey, step)
        return (Walk(beside) if isinstance(beside, Journey) else Say(beside),)

    return host


#: What speaks of the screen that is shown.
OF_THE_SCREEN: Mapping[str, Callable[[View, Journey], tuple[Outcome, ...]]] = {
    "open": _open,
    "readiness.ask": _ask_readiness,
    "host.next": _beside(1),
    "host.previous": _beside(-1),
}
