"""The filter as painters use it: a test for rows that never fails while it is being typed.

The grammar is loaded with the first filter, for a first paint has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from estate.document import Event, HostRow, Problem
from estate.language import Words
from estate.states import STATES
from tui.paint.view import View

if TYPE_CHECKING:
    from estate.fields import Field
    from estate.filter import Filter
    from estate.queues import QueueRow


def host_test(view: View) -> Callable[[HostRow], bool]:
    """Whether a host matches `view.attention.filter`; everything does while it can't be read."""
    read, now = _read(_asked(view), "host"), _moment(view)
    if read is None:
        return _everything
    from estate.fields import host_fields

    every_ms = view.document.every_ms
    return lambda row: read.matches(host_fields(row, now, every_ms))


def problem_test(view: View) -> Callable[[Problem], bool]:
    """Whether a problem matches."""
    read, now = _read(_asked(view), "problem"), _moment(view)
    if read is None:
        return _everything
    from estate.fields import problem_fields

    return lambda row: read.matches(problem_fields(row, now))


def event_test(view: View) -> Callable[[Event], bool]:
    """Whether an event matches."""
    read, now = _read(_asked(view), "event"), _moment(view)
    if read is None:
        return _everything
    from estate.fields import event_fields

    return lambda row: read.matches(event_fields(row, now))


def queue_test(view: View) -> Callable[[QueueRow], bool]:
    """Whether a queue matches."""
    read, now = _read(_asked(view), "queue"), _moment(view)
    if read is None:
        return _everything
    from estate.queuefields import queue_fields

    return lambda row: read.matches(queue_fields(row, now))


def fields_of(screen: str) -> Mapping[str, Field]:
    """What the filter of a screen may name."""
    from estate.fields import FIELDS
    from estate.queuefields import QUEUE_FIELDS

    return QUEUE_FIELDS if screen == "queues" else FIELDS


def in_english(text: str, words: Words) -> str:
    """A filter with the states that it names as they are shown in `words` turned into English:
    whatever stands in a STATE column can be typed after `state:`.
    """
    if words.catalogue is None or text.isascii():
        return text
    states = {words.say(state): state for state in STATES}

    def named(found: re.Match[str]) -> str:
        return found[1] + ",".join(states.get(each, each) for each in found[2].split(","))

    return re.sub(r"(\bstate(?:!=|[:=]))(\S+)", named, text)


def _asked(view: View) -> str:
    return in_english(view.attention.filter, view.words)


def _moment(view: View) -> int:
    """When the rows are judged: a list that is held still neither gains nor loses any."""
    return view.now if view.held_at is None else view.held_at


def _everything(row: object) -> bool:
    return True


@lru_cache(maxsize=64)
def _read(text: str, kind: str) -> Filter | None:
    if not text.strip():
        return None
    from estate.fields import EVENT_FIELDS, HOST_FIELDS, PROBLEM_FIELDS
    from estate.filter import FilterError, parse

    catalogues = {"host": HOST_FIELDS, "problem": PROBLEM_FIELDS, "event": EVENT_FIELDS}
    catalogues["queue"] = fields_of("queues")
    try:
        return parse(text, catalogues[kind])
    except FilterError:  # the console shows why; a half-typed filter must not empty the board
        return None
