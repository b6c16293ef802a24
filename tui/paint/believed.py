"""Whether a row of slow facts is of the present, and what is said where it is not."""

from __future__ import annotations

from estate.samples import Reach
from estate.standing import Measured
from estate.states import host_word
from tui.paint import numbers
from tui.paint.view import View


def why_not(view: View, row: Measured) -> str:
    """Why its figures are not those of now, with their age; "" where they are."""
    said = "" if row.known(view.now) else row.gap or view.words.say("not heard of for a while")
    return dated(view, row, said)


def why_not_now(view: View, row: Measured) -> str:
    """As `why_not`, without the age, of figures that hold for no longer than their host is heard
    of: whether changes flow, or a backend serves, is another thing once it is lost."""
    if not row.known(view.now):
        return row.gap or view.words.say("not heard of for a while")
    host = view.document.hosts.get(row.host)
    if host is None:
        return ""
    word = host_word(host, view.now, view.document.every_ms)
    return "" if word in (Reach.LIVE, Reach.LATE) else view.words.say("host not live")


def dated(view: View, row: Measured, why: str) -> str:
    """`why` figures are not believed, with their age where there are any; "" where they are."""
    if not why or row.at is None:
        return why
    return view.words.say("{age} old: {why}", age=numbers.age(view.now - row.at), why=why)
