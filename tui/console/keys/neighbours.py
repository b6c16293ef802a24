"""The host beside the one that is shown, as the hosts screen lists them."""

from __future__ import annotations

from dataclasses import replace

from estate.language import Words
from tui.console.journey.places import Journey
from tui.paint.screens import keys
from tui.paint.view import View


def neighbour(view: View, journey: Journey, step: int) -> Journey | str:
    """The journey with the host `step` further shown instead; why not, where there is none.

    It goes by the order and under the filter of the hosts screen. Stepping through hosts is one
    visit, so that q goes back to where the person came from.
    """
    here, attention = journey.here, journey.go("hosts").here.attention
    listed = keys(replace(view, screen="hosts", subject="", attention=attention))
    names = [key.removeprefix("host:") for key in listed if key.startswith("host:")]
    if here.subject not in names or len(names) == 1:
        return _alone(here.subject, attention.filter, here.subject in names, view.words)
    place = replace(here, subject=names[(names.index(here.subject) + step) % len(names)])
    visited = (*journey.visited[: journey.at], place, *journey.visited[journey.at + 1 :])
    return replace(journey, visited=visited)


def _alone(host: str, text: str, is_listed: bool, words: Words) -> str:
    """Why there is no host beside this one to step to."""
    place = words.say("on the hosts screen")
    if text:
        place = words.say("on the hosts screen under its filter {text!r}", text=text)
    if is_listed:
        said = words.say(
            "{host} is the only one {place}: there is no other", host=host, place=place
        )
    else:
        said = words.say("{host} is not {place}: there is no other", host=host, place=place)
    return said
