"""Whether a row of slow facts is of the present, and what is said where it is not."""

from __future__ import annotations

from estate.standing import Measured
from tui.paint import numbers
from tui.paint.view import View


def why_not(view: View, row: Measured) -> str:
    """Why its figures are not those of now, with their age; "" where they are."""
    if row.known(view.now):
        return ""
    said = row.gap or view.words.say("not heard of for a while")
    if row.at is None:
        return said
    return view.words.say("{age} old: {why}", age=numbers.age(view.now - row.at), why=said)
