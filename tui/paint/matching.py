"""The filter as painters use it: a test for rows that never fails while it is being typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from estate.document import Event, HostRow, Problem
from estate.fields import (
    EVENT_FIELDS,
    HOST_FIELDS,
    PROBLEM_FIELDS,
    Field,
    event_fields,
    host_fields,
    problem_fields,
)
from estate.filter import Filter, FilterError, parse
from tui.paint.view import View

_CATALOGUES: Mapping[str, Mapping[str, Field]] = {
    "host": HOST_FIELDS,
    "problem": PROBLEM_FIELDS,
    "event": EVENT_FIELDS,
}


def host_test(view: View) -> Callable[[HostRow], bool]:
    """Whether a host matches `view.attention.filter`; everything does while it can't be read."""
    read, now = _read(view.attention.filter, "host"), view.now
    return lambda row: read is None or read.matches(host_fields(row, now))


def problem_test(view: View) -> Callable[[Problem], bool]:
    """Whether a problem matches."""
    read, now = _read(view.attention.filter, "problem"), view.now
    return lambda row: read is None or read.matches(problem_fields(row, now))


def event_test(view: View) -> Callable[[Event], bool]:
    """Whether an event matches."""
    read, now = _read(view.attention.filter, "event"), view.now
    return lambda row: read is None or read.matches(event_fields(row, now))


@lru_cache(maxsize=64)
def _read(text: str, kind: str) -> Filter | None:
    if not text.strip():
        return None
    try:
        return parse(text, _CATALOGUES[kind])
    except FilterError:  # the console shows why; a half-typed filter must not empty the board
        return None
