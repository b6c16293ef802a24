"""Home: what is wrong, how the fleet stands, who needs a look, what happened.

Every panel has fixed rows for each size of the screen, filled or blank, so that calm and incident
have the same geometry. On a short screen panels drop from the bottom; on a wide one an aside
explains the row under the cursor.
"""

from __future__ import annotations

from typing import NamedTuple

from estate.document import HostRow
from tui.paint import eventtable, frame, problemtable
from tui.paint.aside import aside
from tui.paint.cells import Line, Page
from tui.paint.fleet import paint_fleet
from tui.paint.hosttable import Entry as HostEntry
from tui.paint.hosttable import HostTable, host_table
from tui.paint.lists import window
from tui.paint.problemtable import Entry as ProblemEntry
from tui.paint.problemtable import problem_table
from tui.paint.pulse import pulse_line
from tui.paint.rows import TEXT, Row, beside, heading
from tui.paint.states import Standing, natural, standing
from tui.paint.view import View

#: Cells that the aside takes, with the gap before it.
ASIDE = 76


class Plan(NamedTuple):
    """Rows of each panel without its heading; -1 where the panel is dropped."""

    problems: int
    fleet: int
    hosts: int
    events: int
    airy: bool


def plan(height: int, sites: int) -> Plan:
    """The panels' rows on a screen of `height` lines; a site more costs a host's row."""
    airy = height >= frame.AIRY
    fleet = min(max(2, sites), 4 if height < frame.AIRY else 8)
    if height >= 50:
        problems, events = 9 + (height - 50) // 4, 6 + (height - 50) // 8
    elif airy:
        problems, events = 8, 5
    else:
        problems, events = 5 + max(0, height - 24) // 3, 3 + max(0, height - 24) // 6
    # band, headline and footer; the notice's row, the pulse and a blank before each panel.
    fixed = 3 + (2 + 4 if airy else 1) + 4
    hosts = height - fixed - problems - fleet - events
    if hosts >= 3:
        return Plan(problems, fleet, hosts, events, airy)
    return _short(height - 4, problems, fleet)


def _plan(view: View) -> Plan:
    """The plan of this view; zoomed, the problems have the page to themselves."""
    rows = plan(view.height, len(view.document.sites))
    if view.attention.zoom:
        return Plan(max(1, view.height - (7 if rows.airy else 5)), -1, -1, -1, rows.airy)
    return rows


def _short(room: int, problems: int, fleet: int) -> Plan:
    """Under 24 lines: events go first, then hosts, then the fleet; problems take what is left."""
    hosts = room - (1 + problems) - (1 + fleet) - 1
    if hosts >= 2:
        return Plan(problems, fleet, hosts, -1, False)
    if room >= 1 + 2 + 1 + fleet:
        return Plan(room - 2 - fleet, fleet, -1, -1, False)
    return Plan(room - 1, -1, -1, -1, False)


def paint(view: View) -> Page:
    """The whole screen."""
    stand = standing(view)
    wide = view.width >= frame.WIDE
    width = view.width - ASIDE if wide else view.width
    rows = _plan(view)
    listed = problemtable.entries(view)
    worst = worst_hosts(view, stand, rows.hosts)
    cursor = _cursor(view, _keys(view, listed, worst, rows))

    lines = frame.top(view, stand)
    if rows.airy or len(lines) == 2:  # a short screen's pulse gives way to a notice
        matching = sum(not entry.tree for entry in listed)
        causes = sum(not each.parent for each in view.document.problems)
        filtering = frame.filter_line(view, matching, causes)
        lines.append(filtering or pulse_line(view, stand, width))
    starts = []
    panel, first = _problems(view, listed, rows.problems, width, cursor)
    panels = [panel]
    if rows.fleet >= 0:
        panels.append(paint_fleet(view, stand, width, rows.fleet))
    if rows.hosts >= 0:
        table = host_table(width, [entry.host for entry in worst])
        filled = _hosts(view, stand, worst, table, cursor)
        panels.append(filled + [Line()] * (rows.hosts + 1 - len(filled)))
    if rows.events >= 0:
        panels.append(_events(view, rows.events, width, cursor))
    for panel in panels:
        if rows.airy:
            lines.append(Line())
        starts.append(len(lines))
        lines += panel
    lines += [Line()] * (view.height - 1 - len(lines))
    if wide:
        right = aside(view, stand, cursor, starts, view.height - 1)
        lines = [
            beside(left, right[at], width + 4) if at in right else left
            for at, left in enumerate(lines)
        ]
    at = next((at for at, line in enumerate(lines) if cursor and line.key == cursor), None)
    return frame.page(view, lines, at, first, len(listed))


def keys(view: View) -> tuple[str, ...]:
    """Problems, the hosts that are shown, and the events that are shown."""
    stand = standing(view)
    rows = _plan(view)
    worst = worst_hosts(view, stand, rows.hosts)
    return _keys(view, problemtable.entries(view), worst, rows)


def _keys(
    view: View, listed: list[ProblemEntry], worst: list[HostEntry], rows: Plan
) -> tuple[str, ...]:
    events = view.document.events[: max(0, rows.events)]
    return (
        *(entry.key for entry in listed if entry.key),
        *(entry.key for entry in worst),
        *(eventtable.event_key(event) for event in events),
    )


def _cursor(view: View, keys: tuple[str, ...]) -> str:
    wanted = view.attention.cursor
    for key in (wanted, wanted.removeprefix("fold:")):
        if key in keys:
            return key
    return keys[0] if keys else ""


def _problems(
    view: View, listed: list[ProblemEntry], rows: int, width: int, cursor: str
) -> tuple[list[Line], int]:
    if rows < 0:
        return [], 0
    keys = [entry.key for entry in listed]
    index = keys.index(cursor) if cursor in keys else -1
    first = window(len(listed), rows, index, view.attention.first if index >= 0 else 0)
    shown = listed[first : first + rows]
    below = len(listed) - first - len(shown)
    more = f"{first} ↑ {below} more ↓" if first and below else f"{below} more ↓" if below else ""
    more = more or (f"{first} more ↑" if first else "")
    table = problem_table(width, listed)
    lines = [table.heading(view, "PROBLEMS", problemtable.note(view), more)]
    lines += [table.line(view, entry, entry.key == cursor) for entry in shown]
    if not listed and rows:
        lines.append(problemtable.nothing(view, width))
    return (lines + [Line()] * rows)[: rows + 1], first


def worst_hosts(view: View, stand: Standing, rows: int) -> list[HostEntry]:
    """The hosts most worth a look: by state, then by how full they are, in steps of 5%.

    Steps, so that rows change places when a state changes and not at every sample. Hosts behind a
    cause are left out: the cause stands for them.
    """
    if rows <= 0:
        return []

    def order(row: HostRow) -> tuple[object, ...]:
        state = stand.states[row.name]
        level = max(row.values.get("disk", 0.0), row.values.get("mem", 0.0)) // 5
        rank = 9 if state.word == "connecting" else state.rank  # first those with figures
        return rank, -level if state.believed == "fresh" else 0.0, natural(row.name)

    rest = [row for row in view.document.hosts.values() if stand.states[row.name].rank != 4]
    return [HostEntry(f"host:{row.name}", row.name) for row in sorted(rest, key=order)[:rows]]


def _hosts(
    view: View, stand: Standing, worst: list[HostEntry], table: HostTable, cursor: str
) -> list[Line]:
    lines = [table.heading("HOSTS")]
    return lines + [table.line(view, stand, entry, entry.key == cursor) for entry in worst]


def _events(view: View, rows: int, width: int, cursor: str) -> list[Line]:
    shown = view.document.events[:rows]
    table = eventtable.event_table(width, shown)
    lines = [heading(width, "EVENTS", action=("screen", "events"))]
    lines += [table.line(view, event, eventtable.event_key(event) == cursor) for event in shown]
    if not shown:
        lines.append(Row(width).put(TEXT, "Nothing has happened yet.", "dim").line())
    return (lines + [Line()] * rows)[: rows + 1]
