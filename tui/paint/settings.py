"""The settings screen: what can be chosen, what of a person's files is not used, and the watch.

It is one list: whatever is longer than the screen scrolls with the cursor, and nothing is cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from estate.language import later
from tui.paint import frame, glyphs, numbers
from tui.paint.cells import Line, Page, wrapped
from tui.paint.lists import window
from tui.paint.rows import TEXT, Row, heading, lead
from tui.paint.states import standing
from tui.paint.view import View

#: Each setting that a person can choose: what it is called here, and what it means.
_WORDS = {
    "theme": (
        later("theme"),
        later("dark, light, ansi (16 colours), mono; auto asks the terminal"),
    ),
    "low_bandwidth": (
        later("low bandwidth"),
        later("16 colours, and the clock moves every 10 s"),
    ),
    "ascii": (later("ascii"), later("no glyphs beyond ASCII; auto asks the locale")),
    "bell": (later("bell"), later("rings once for a new critical problem")),
    "mouse": (later("mouse"), later("click and wheel; off leaves selecting to the terminal")),
    "language": (later("language"), later("en, zh-Hant; auto: the estate’s, if it can be shown")),
}
_VALUE, _MEANING = 21, 32


class Entry(NamedTuple):
    """One row: a setting by its name, a line of text under its title, or a heading with a note."""

    key: str  # "" where the cursor can't stand
    title: str
    words: str = ""
    role: str = "text"


def paint(view: View) -> Page:
    """The whole screen."""
    lines = frame.top(view, standing(view))
    lines.append(frame.breadcrumb(view))
    entries = list(_entries(view))
    cursor = _cursor(view, entries)
    room = max(1, view.height - len(lines) - 1)
    first = window(len(entries), room, cursor, view.attention.first)
    if first == 1:  # the heading above the first row comes back with it
        first = 0 if cursor < room else 1
    at = len(lines) + cursor - first if entries[cursor].key else None
    for index, entry in enumerate(entries[first : first + room], first):
        lines.append(_line(view, entry, index == cursor))
    return frame.page(view, lines, at, first, len(entries))


def keys(view: View) -> tuple[str, ...]:
    """A row for each setting, and for each line of what is said below them."""
    return tuple(entry.key for entry in _entries(view) if entry.key)


def _cursor(view: View, entries: Sequence[Entry]) -> int:
    places = [index for index, entry in enumerate(entries) if entry.key]
    wanted = (index for index in places if entries[index].key == view.attention.cursor)
    return next(wanted, places[0] if places else 0)


def _entries(view: View) -> Iterator[Entry]:
    say = view.words.say
    yield Entry("", say("SETTINGS"))
    for name, chosen in view.settings.items():
        title, _ = _WORDS.get(name, (name.replace("_", " "), ""))
        yield Entry(f"setting:{name}", say(title), chosen)
    if not view.settings:
        yield Entry("", "", say("Nothing can be chosen here."), "dim")
    if view.complaints:
        yield Entry("", "")
        yield Entry("", say("NOT USED"), say("of your files; the defaults hold"))
        for number, complaint in enumerate(view.complaints):
            yield from _wrapped(view, f"complaint:{number}", glyphs.WARNING.symbol, complaint)
    yield Entry("", "")
    yield Entry("", say("THIS WATCH"), view.document.watch.name)
    for title, words, role in _about(view):
        yield from _wrapped(view, f"watch:{title}", say(title), words, role)


def _wrapped(view: View, key: str, title: str, words: str, role: str = "text") -> Iterator[Entry]:
    """`words` in as many rows as they need: this is where they can be read whole."""
    room = max(8, view.width - 1 - _start(title))
    for number, part in enumerate(wrapped(words, room) or [""]):
        yield Entry(f"{key}:{number}", title if number == 0 else " " * cell_len(title), part, role)


def _start(title: str) -> int:
    return TEXT if cell_len(title) == 1 else _VALUE


def _line(view: View, entry: Entry, cursor: bool) -> Line:
    kind, _, name = entry.key.partition(":")
    if not entry.key:
        if entry.title:
            return heading(view.width, entry.title, entry.words)
        return Row(view.width).put(TEXT, entry.words, entry.role).line()
    if kind == "complaint":
        glyph = glyphs.WARNING if entry.title.strip() else None
        row = lead(view.width, glyph, cursor=cursor).put(TEXT, entry.words, "warn", view.width - 1)
    elif kind == "setting":
        row = lead(view.width, None, cursor=cursor).put(TEXT, entry.title, "text", _VALUE - 1)
        row.put(_VALUE, entry.words, "strong b", _MEANING - 1)
        _, meaning = _WORDS.get(name, ("", ""))
        row.put(_MEANING, view.words.say(meaning), "dim", view.width - 1)
    else:
        row = lead(view.width, None, cursor=cursor).put(TEXT, entry.title, "dim", _VALUE - 1)
        row.put(_VALUE, entry.words, entry.role, view.width - 1)
    return row.line("sel" if cursor else "", entry.key)


def _about(view: View) -> Iterator[tuple[str, str, str]]:
    """What is known of the watch: title, words and their role."""
    watch, document, words = view.document.watch, view.document, view.words
    say = words.say
    user = say(" as {user}", user=watch.user) if watch.user else ""
    alone = say("shared by everybody on this machine")
    alone = say("of this user alone") if watch.standalone else alone
    process = f"{watch.pid}{user}, {alone}" if watch.pid else numbers.UNKNOWN
    started = numbers.moment(watch.started_at, view.now, document.timezone, words)
    hosts = words.say_many("{count:,} host", "{count:,} hosts", len(document.hosts))
    yield later("version"), watch.version or numbers.UNKNOWN, "text"
    yield later("process"), process, "text"
    yield later("since"), started, "text"
    if watch.records:
        yield later("records"), say("not kept: {why}", why=watch.records), "warn"
    else:
        yield later("records"), say("kept"), "text"
    yield later("estate"), f"{document.estate}, {hosts}", "text"
    if watch.estate_problem:
        refused = say("{why}; the old estate holds", why=watch.estate_problem)
        yield later("refused"), refused, "warn"
    yield later("cadence"), say("every {seconds:g} s", seconds=document.every_ms / 1000), "text"
    yield later("times"), document.timezone, "text"
