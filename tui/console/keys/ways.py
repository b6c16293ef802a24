"""Ways along the places that were visited, and out of what is open: pure functions of a journey."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from estate.language import Words, later
from tui.console.journey.orders import Look, Order, Say, Walk
from tui.console.journey.places import Journey

Way = Callable[[Journey, Words], Order]


def up(journey: Journey, words: Words) -> Order:
    """Out of what is open, innermost first: the filter, the marks, the screen."""
    attention = journey.here.attention
    if attention.filter or attention.faults_only or attention.filter_error:
        return Look(replace(attention, filter="", filter_error="", faults_only=False))
    if attention.marks:
        return Look(replace(attention, marks=frozenset()))
    return Walk(journey.up())


def back(journey: Journey, words: Words) -> Order:
    """To the place before, but not out of the console: one q too many must not close the board
    in an incident."""
    if journey.here.screen == "home" or journey.at == 0:
        return Say(words.say(":q leaves; the watch goes on"))
    return Walk(journey.back())


def _through(step: Callable[[Journey], Journey], nowhere: str) -> Way:
    """Through the history; a key that leads nowhere says so."""

    def way(journey: Journey, words: Words) -> Order:
        there = step(journey)
        return Say(words.say(nowhere)) if there == journey else Walk(there)

    return way


#: Ways by the ids of their bindings.
WAYS: Mapping[str, Way] = {
    "up": up,
    "back": back,
    "last": _through(Journey.last, later("no view before this one")),
    "history.back": _through(Journey.back, later("nothing to go back to: this is the first view")),
    "history.forward": _through(
        Journey.forward, later("nothing to go forward to: this is the newest view")
    ),
}
