"""The settings screen: what can be chosen, what is chosen, and about the watch it speaks to."""

from __future__ import annotations

from tui.paint import frame, numbers
from tui.paint.cells import Line, Page
from tui.paint.lists import window
from tui.paint.rows import TEXT, Row, heading, lead
from tui.paint.states import standing
from tui.paint.view import View

_WORDS = {
    "theme": "dark, light, ansi (16 colours), mono; auto asks the terminal",
    "low_bandwidth": "16 colours, and the clock moves every 10 s",
    "ascii": "no glyphs beyond ASCII; auto asks the locale",
    "bell": "rings once for a new critical problem",
    "mouse": "click and wheel; off leaves selecting to the terminal",
    "language": "of the estate’s names",
}
_VALUE, _MEANING = 21, 32


def paint(view: View) -> Page:
    """The whole screen."""
    lines = frame.top(view, standing(view))
    lines.append(frame.breadcrumb(view))
    lines.append(heading(view.width, "SETTINGS"))
    names = list(view.settings)
    cursor = _cursor(view, names)
    about = _about(view)
    room = max(1, view.height - len(lines) - 1)
    shown = min(len(names), max(1, room - (len(about) if room > len(names) + len(about) else 0)))
    first = window(len(names), shown, cursor, view.attention.first)
    at = len(lines) + cursor - first if names else None
    for index, name in enumerate(names[first : first + shown], first):
        lines.append(_setting(view, name, index == cursor))
    if not names:
        lines.append(Row(view.width).put(TEXT, "Nothing can be chosen here.", "dim").line())
    lines += about
    return frame.page(view, lines, at, first, len(names))


def keys(view: View) -> tuple[str, ...]:
    """A row for each setting."""
    return tuple(f"setting:{name}" for name in view.settings)


def _cursor(view: View, names: list[str]) -> int:
    kind, _, name = view.attention.cursor.partition(":")
    return names.index(name) if kind == "setting" and name in names else 0


def _setting(view: View, name: str, cursor: bool) -> Line:
    key = f"setting:{name}"
    row = lead(view.width, None, cursor=cursor)
    row.put(TEXT, name.replace("_", " "), "text", _VALUE - 1)
    row.put(_VALUE, view.settings[name], "strong b", _MEANING - 1)
    row.put(_MEANING, _WORDS.get(name, ""), "dim", view.width - 1)
    return row.line("sel" if cursor else "", key)


def _about(view: View) -> list[Line]:
    watch, document = view.document.watch, view.document
    user = f" as {watch.user}" if watch.user else ""
    alone = "of this user alone" if watch.standalone else "shared by everybody on this machine"
    facts = [
        ("version", watch.version or numbers.UNKNOWN),
        ("process", f"{watch.pid}{user}, {alone}" if watch.pid else numbers.UNKNOWN),
        ("since", numbers.moment(watch.started_at, view.now, document.timezone)),
        ("records", (watch.records and f"not kept: {watch.records}") or "kept"),
        ("estate", f"{document.estate}, {len(document.hosts):,} hosts"),
        ("cadence", f"every {document.every_ms / 1000:g} s"),
        ("times", document.timezone),
    ]
    lines = [Line(), heading(view.width, "THIS WATCH", watch.name)]
    for title, words in facts:
        row = Row(view.width).put(TEXT, title, "dim", _VALUE - 1)
        lines.append(row.put(_VALUE, words, "text", view.width - 1).line())
    return lines
