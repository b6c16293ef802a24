"""Hours in which nobody watched, as the watch tells of them when it starts again.

The event is a sentence that knows its bounds, so that whoever counts what was not seen need not
read them out of words. One that was recorded before they were part of it has none.
"""

from __future__ import annotations

from estate.document import Event, Severity
from estate.told import Told, told

_BEGINNINGS = ("not watching ", "started; what was before can't be read: ")


def unwatched(starts: int, ends: int, span: str, time: str) -> str:
    """What is said of [starts, ends), UTC ms; `span` and `time` are both ends and the length in
    words."""
    return told(
        "not watching {span} ({time})", span=span, time=time, starts=str(starts), ends=str(ends)
    )


def unread(why: str, ends: int) -> str:
    """What is said where nobody knows since when nobody watched until `ends`, UTC ms: `why` the
    records could not be read."""
    return told("started; what was before can't be read: {why}", why=why, ends=str(ends))


def is_unwatched(event: Event) -> bool:
    """Whether `event` tells that nobody watched until then."""
    said = event.what.startswith(_BEGINNINGS)
    return said and event.where == "watch" and event.severity is not Severity.OK


def bounds_of(event: Event) -> tuple[int | None, int]:
    """From when to when nobody watched, UTC ms; None where the event does not know since when.

    A watch tells of it as soon as it watches again: its own time is the end where it knows none.
    """
    parts = event.what.parts if isinstance(event.what, Told) else {}
    try:
        ends = int(parts["ends"])
        return (int(parts["starts"]) if "starts" in parts else None), ends
    except (KeyError, ValueError):
        return None, event.at
