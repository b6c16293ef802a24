"""The problems screen: every problem, worst first, its consequences folded under it."""

from __future__ import annotations

from tui.paint import frame
from tui.paint.cells import Page
from tui.paint.lists import window
from tui.paint.problemtable import Entry, entries, note, nothing, problem_table
from tui.paint.states import standing
from tui.paint.view import View


def paint(view: View) -> Page:
    """The whole screen."""
    stand = standing(view)
    listed = entries(view)
    lines = frame.top(view, stand)
    lines.append(frame.breadcrumb(view))
    total = sum(not each.parent for each in view.document.problems)
    matching = sum(not entry.tree for entry in listed)
    filtering = frame.filter_line(view, matching, total)
    if filtering is not None:
        lines.append(filtering)
    room = max(0, view.height - len(lines) - 2)
    cursor = _cursor(view, listed)
    first = window(len(listed), room, cursor, view.attention.first)
    below = len(listed) - first - room
    table = problem_table(view, view.width, until=any(e.problem.until is not None for e in listed))
    more = view.words.say("{count:,} more ↓", count=below) if below > 0 else ""
    lines.append(table.heading(view.words.say("PROBLEMS"), note(view), more))
    at = len(lines) + cursor - first if listed else None
    lines += [
        table.line(view, entry, index == cursor)
        for index, entry in enumerate(listed[first : first + room], first)
    ]
    if not listed:
        lines.append(nothing(view, view.width))
    return frame.page(view, lines, at, first, len(listed))


def keys(view: View) -> tuple[str, ...]:
    """Every row of the list, shown or not."""
    return tuple(entry.key for entry in entries(view) if entry.key)


def _cursor(view: View, listed: list[Entry]) -> int:
    """Where the cursor row is in the list; the first row when it has gone."""
    keys = [entry.key for entry in listed]
    for key in (view.attention.cursor, view.attention.cursor.removeprefix("fold:")):
        if key and key in keys:
            return keys.index(key)
    return 0
