"""Home: what is wrong, how the fleet stands, what is promised, what waits, what could move, what
happened.

Where a panel stands is said by `homeplan`. On a wide screen an aside explains the row under the
cursor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module

from estate.document import Event, HostRow
from estate.runs import RunRow
from tui.paint import frame
from tui.paint.aside import aside
from tui.paint.cells import Line, Page
from tui.paint.eventtable import event_key, event_table
from tui.paint.fleet import paint_fleet
from tui.paint.homeplan import Plan, plan, zoomed
from tui.paint.hosttable import Entry as HostEntry
from tui.paint.hosttable import host_table
from tui.paint.lists import window
from tui.paint.problemtable import Entry as ProblemEntry
from tui.paint.problemtable import entries, note, nothing, problem_table
from tui.paint.pulse import pulse_line
from tui.paint.rows import TEXT, Row, beside, heading
from tui.paint.states import Standing, natural, standing
from tui.paint.view import View

#: Cells that the aside takes, with the gap before it.
ASIDE = 76

#: A panel's heading and as many rows as there is room for; the one with the cursor's key is marked.
Panel = Callable[[View, int, int, str], list[Line]]

#: Panels of what not every estate has, each by its file and function: loaded where there is some.
_PANELS: Mapping[str, tuple[str, str]] = {
    "services": ("servicepanel", "services_panel"),
    "queues": ("queues", "queues_panel"),
    "readiness": ("readypanel", "readiness_panel"),
}


def _plan(view: View) -> Plan:
    """The plan of this view; zoomed, the problems have the page to themselves."""
    if view.attention.zoom:
        return zoomed(view.height)
    board = view.document
    return plan(
        view.height,
        len(board.sites),
        services=len(board.services),
        queues=len(board.queues),
        readiness=len(board.readiness),
    )


def paint(view: View) -> Page:
    """The whole screen."""
    home = _home(view)
    wide = view.width >= frame.WIDE
    width = view.width - ASIDE if wide else view.width
    lines = frame.top(view, home.stand)
    going = home.run_line()
    if going is not None and len(lines) > 2 and (not lines[2].spans or home.asked):
        lines[2], going = going, None  # a question goes before what else must be known
    if home.rows.airy or len(lines) == 2:  # a short screen's strip gives way to a notice
        lines.append(going or home.strip(width))
    starts: dict[str, int] = {}
    for panel, rows in home.rows.rows.items():
        if home.rows.airy:
            lines.append(Line())
        starts[panel] = len(lines)
        lines += (home.panel(panel, width, rows) + [Line()] * rows)[: rows + 1]
    lines += [Line()] * (view.height - 1 - len(lines))
    if wide:
        right = aside(view, home.stand, home.cursor, starts, view.height - 1)
        for row, line in right.items():
            lines[row] = beside(lines[row], line, width + 4)
    at = next((at for at, line in enumerate(lines) if line.key and line.key == home.cursor), None)
    return frame.page(view, lines, at, home.first, len(home.problems))


def keys(view: View) -> tuple[str, ...]:
    """Problems, shown or not, and the hosts and events that are shown."""
    return _home(view).keys


@dataclass(frozen=True, slots=True)
class Home:
    """What is listed on home, and where the cursor is."""

    view: View
    stand: Standing
    rows: Plan
    problems: list[ProblemEntry]
    hosts: list[HostEntry]
    events: tuple[Event, ...]
    run: RunRow | None  # the open run that needs a look most
    keys: tuple[str, ...]  # every row that the cursor can stand on, in order
    cursor: str  # the key of the cursor row, "" when there is no row

    @property
    def first(self) -> int:
        """The first problem shown: the panel scrolls with the cursor while that is inside."""
        keys, cursor = [entry.key for entry in self.problems], self.cursor
        if not cursor or cursor not in keys:
            return 0
        asked = self.view.attention.first
        return window(len(keys), self.rows.of("problems"), keys.index(cursor), asked)

    @property
    def asked(self) -> bool:
        """Whether the run waits for a person."""
        return self.run is not None and bool(self.run.question)

    def run_line(self) -> Line | None:
        """The run in a row of the page's whole width, None while none is open."""
        if self.run is None:
            return None
        from tui.paint.runline import run_line

        return run_line(self.view, self.run, cursor=self.cursor == f"run:{self.run.id}")

    def strip(self, width: int) -> Line:
        """The tightest budget in one row, else the estate's pulse; the filter, if there is one."""
        matching = sum(not entry.tree for entry in self.problems)
        causes = sum(not each.parent for each in self.view.document.problems)
        filtering = frame.filter_line(self.view, matching, causes)
        return filtering or self._budget(width) or pulse_line(self.view, self.stand, width)

    def _budget(self, width: int) -> Line | None:
        if not self.view.document.services:
            return None
        from tui.paint.budgetstrip import budget_strip, tightest

        row = tightest(self.view.document.services)
        return budget_strip(self.view, row, width) if row is not None else None

    def panel(self, name: str, width: int, rows: int) -> list[Line]:
        """A panel's heading and its rows."""
        if name in _PANELS:
            return _painted(self.view, name, width, rows, self.cursor)
        match name:
            case "problems":
                return self._problems(width, rows)
            case "fleet":
                return paint_fleet(self.view, self.stand, width, rows)
            case "hosts":
                return self._hosts(width)
        return self._events(width)

    def _problems(self, width: int, rows: int) -> list[Line]:
        view, cursor, first, say = self.view, self.cursor, self.first, self.view.words.say
        shown = self.problems[first : first + rows]
        below = len(self.problems) - first - len(shown)
        above = [say("{count:,} more ↑", count=first)] if first else []
        more = [*above, say("{count:,} more ↓", count=below)] if below else above
        table = problem_table(view, width)
        lines = [table.heading(say("PROBLEMS"), note(view), " ".join(more))]
        lines += [table.line(view, entry, entry.key == cursor) for entry in shown]
        return lines if self.problems else [*lines, nothing(view, width)]

    def _hosts(self, width: int) -> list[Line]:
        view, cursor = self.view, self.cursor
        table = host_table(view, width)
        lines = [table.heading(view.words.say("HOSTS"))]
        lines += [table.line(view, self.stand, each, each.key == cursor) for each in self.hosts]
        if not self.hosts:
            said = view.words.say("No hosts.")
            if view.document.hosts:
                said = view.words.say("Every host stands behind a cause above.")
            lines.append(Row(width).put(TEXT, said, "dim").line())
        return lines

    def _events(self, width: int) -> list[Line]:
        cursor, table, say = self.cursor, event_table(self.view, width), self.view.words.say
        lines = [heading(width, say("EVENTS"), action=("screen", "events"))]
        lines += [table.line(self.view, each, event_key(each) == cursor) for each in self.events]
        if not self.events:
            lines.append(Row(width).put(TEXT, say("Nothing has happened yet."), "dim").line())
        return lines


def _home(view: View) -> Home:
    stand, rows = standing(view), _plan(view)
    problems, hosts = entries(view), worst_hosts(view, stand, rows.of("hosts"))
    events = view.document.events[: max(0, rows.of("events"))]
    run = _foremost(view)
    rest = (
        *(entry.key for entry in problems if entry.key),
        *_keys_of(view, rows),
        *(entry.key for entry in hosts),
        *(event_key(event) for event in events),
    )
    # As asked for; the cause, when its folded consequences were just unfolded; else the first.
    wanted = view.attention.cursor
    keys = (f"run:{run.id}", *rest) if run else rest
    found = (key for key in (wanted, wanted.removeprefix("fold:")) if key in keys)
    cursor = next(found, next(iter((*rest, *keys)), ""))
    return Home(view, stand, rows, problems, hosts, events, run, keys, cursor)


def _keys_of(view: View, rows: Plan) -> Iterator[str]:
    """The rows that the panels of `_PANELS` show."""
    for name in _PANELS:
        if rows.of(name) > 0:
            painted = _painted(view, name, view.width, rows.of(name), "")
            yield from (line.key for line in painted if line.key)


def _painted(view: View, name: str, width: int, rows: int, cursor: str) -> list[Line]:
    module, function = _PANELS[name]
    paint_panel: Panel = getattr(import_module(f"tui.paint.{module}"), function)
    return paint_panel(view, width, rows, cursor)


def _foremost(view: View) -> RunRow | None:
    """The open run that needs a look most. Its painter is loaded where there is a run."""
    if not view.document.runs:
        return None
    from tui.paint.runline import foremost

    return foremost(view)


def worst_hosts(view: View, stand: Standing, rows: int) -> list[HostEntry]:
    """The hosts most worth a look: by state, then by how full their disks are, in steps of 5%.

    Disks fill slowly, so rows change places when a state changes and not at every sample. Hosts
    behind a cause are left out: the cause stands for them.
    """
    if rows <= 0:
        return []

    def order(row: HostRow) -> tuple[object, ...]:
        state = stand.states[row.name]
        level = row.values.get("disk", 0.0) // 5
        rank = 9 if state.word == "connecting" else state.rank  # first those with figures
        return rank, -level if state.believed == "fresh" else 0.0, natural(row.name)

    rest = [row for row in view.document.hosts.values() if not stand.states[row.name].follows]
    return [HostEntry(f"host:{row.name}", row.name) for row in sorted(rest, key=order)[:rows]]
