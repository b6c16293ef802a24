"""The hosts screen: every host of every site, worst first, filtered, folded and marked.

Both sites always stand on the screen: each site has its own window into its own list, and the
window that holds the cursor follows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from estate.document import HostRow
from estate.language import Words, later
from tui.paint import frame
from tui.paint.cells import Line, Page, Span
from tui.paint.hosttable import Entry, HostTable, host_table
from tui.paint.lists import shares, window
from tui.paint.matching import host_test
from tui.paint.rows import TEXT, Row
from tui.paint.states import Standing, natural, standing, state_since
from tui.paint.view import View

#: A site with less room than this gets no window of its own; the list then scrolls as one.
LEAST_ROOM = 5


@dataclass(frozen=True, slots=True)
class Section:
    """One site's heading and its entries, in order."""

    site: str
    hosts: tuple[str, ...]
    entries: tuple[Entry, ...]


def paint(view: View) -> Page:
    """The whole screen."""
    stand = standing(view)
    sections, matching = _sections(view, stand)
    table = host_table(view, view.width)
    lines = frame.top(view, stand)
    lines.append(frame.breadcrumb(view, _order(view)))
    filtering = frame.filter_line(view, matching, len(view.document.hosts))
    if filtering is not None:
        lines.append(filtering)
    lines.append(table.heading(view.words.say("HOST")))
    room = max(0, view.height - len(lines) - 1)
    drawn = Drawn([_nothing(view)])
    if matching:
        drawn = Listing(view, stand, table, sections, _cursor(view, sections)).drawn(room)
    at = None if drawn.cursor is None else len(lines) + drawn.cursor
    total = sum(len(section.entries) for section in sections)
    return frame.page(view, [*lines, *drawn.lines], at, drawn.first, total)


def keys(view: View) -> tuple[str, ...]:
    """Every row of the list, shown or not."""
    sections, _ = _sections(view, standing(view))
    return tuple(entry.key for section in sections for entry in section.entries)


# ── what is in the list ─────────────────────────────────────────────────────────────────────────


def _sections(view: View, stand: Standing) -> tuple[list[Section], int]:
    document, attention = view.document, view.attention
    matches = host_test(view)
    chosen = [
        row
        for row in document.hosts.values()
        if (not attention.faults_only or stand.faulty(row.name)) and matches(row)
    ]
    by_site: dict[str, list[HostRow]] = {site.key: [] for site in document.sites}
    for row in chosen:
        by_site.setdefault(_home_site(row, view), []).append(row)
    order = _order_key(view, stand)
    backwards = view.attention.sort == "name" and not view.attention.descending
    sections = []
    for site, rows in by_site.items():
        if rows:
            rows.sort(key=order, reverse=backwards)
            sections.append(
                Section(site, tuple(row.name for row in rows), _entries(view, stand, site, rows))
            )
    return sections, len(chosen)


def _home_site(row: HostRow, view: View) -> str:
    """Hosts behind a cause stand with it, whatever site they are of."""
    cause = view.document.hosts.get(row.behind) if row.behind else None
    return cause.site if cause is not None else row.site


def _entries(view: View, stand: Standing, site: str, rows: Sequence[HostRow]) -> tuple[Entry, ...]:
    """Hosts in order; those behind a folded cause as one row in the place of the first."""
    folds: dict[str, list[str]] = {}
    if view.attention.sort == "state":
        for row in rows:
            if stand.states[row.name].follows:
                folds.setdefault(_cause_key(view, row, site), []).append(row.name)
    entries: list[Entry] = []
    for row in rows:
        cause = _cause_key(view, row, site)
        behind = folds.get(cause, ()) if stand.states[row.name].follows else ()
        if len(behind) < 2 or not view.attention.unfolded.isdisjoint((cause, f"fold:{cause}")):
            entries.append(Entry(f"host:{row.name}", row.name))
        elif row.name == behind[0]:
            entries.append(Entry(f"fold:{cause}", row.behind, tuple(behind)))
    return tuple(entries)


def _cause_key(view: View, row: HostRow, site: str) -> str:
    """The key of what `row` stands behind; what is no host of the estate folds site by site."""
    known = row.behind in view.document.hosts
    return f"host:{row.behind}" if known else f"host:{row.behind}@{site}"


def _order_key(view: View, stand: Standing) -> Callable[[HostRow], tuple[object, ...]]:
    sort, sign = view.attention.sort, 1 if view.attention.descending else -1
    if sort == "state":

        def by_state(row: HostRow) -> tuple[object, ...]:
            cause = row.behind if stand.states[row.name].follows else ""
            leader = cause if cause in stand.states else row.name
            rank = 0 if cause else stand.states[row.name].rank
            return sign * rank, natural(leader), bool(cause), natural(row.name)

        return by_state
    if sort == "name":
        return lambda row: (natural(row.name),)

    def by_figure(row: HostRow) -> tuple[object, ...]:
        value = _figure(row, sort, view, stand)
        return value is None, -sign * (value or 0.0), natural(row.name)

    return by_figure


def _figure(row: HostRow, sort: str, view: View, stand: Standing) -> float | None:
    state = stand.states[row.name]
    if sort == "age":
        return float(state_since(row, state, view.now))
    if state.believed == "none":
        return None
    if sort == "net":
        came, went = row.values.get("net_in"), row.values.get("net_out")
        return None if came is None or went is None else came + went
    return row.values.get(sort)


# ── how it is shown ─────────────────────────────────────────────────────────────────────────────


def _order(view: View) -> tuple[Span, ...]:
    sort, say = view.attention.sort, view.words.say
    first, last = _SORTED.get(sort, (later("most first"), later("least first")))
    way = say(first if view.attention.descending else last)
    said = say("sorted by {column}, {way} ", column=say(sort), way=way)
    return Span(said, "dim"), Span("o", "info", ("key", "o"))


#: What comes first, and what the other way round; other columns sort by figures.
_SORTED = {
    "state": (later("worst first"), later("best first")),
    "name": (later("a to z"), later("z to a")),
}
#: Columns to sort by that no table has under this name.
_SORT_WORDS = (later("name"), later("net"))


class Drawn(NamedTuple):
    """Lines of the list, which of them holds the cursor, and the first row of its window."""

    lines: list[Line]
    cursor: int | None = None
    first: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """The list on its way to the screen; `cursor` is the key of the cursor row."""

    view: View
    stand: Standing
    table: HostTable
    sections: list[Section]
    cursor: str

    def drawn(self, room: int) -> Drawn:
        """The list in `room` lines: a window for each site; one for all where room is short, or
        where the person wants the list alone (zoom)."""
        needs = [1 + len(section.entries) for section in self.sections]
        apart = room // len(needs) >= LEAST_ROOM and not self.view.attention.zoom
        if sum(needs) <= room or apart:
            return self._windows(shares(needs, room))
        return self._one_window(room)

    def _windows(self, rooms: list[int]) -> Drawn:
        lines: list[Line] = []
        at, first_shown = None, 0
        for section, room in zip(self.sections, rooms, strict=True):
            lines.append(_site_heading(self.view, self.stand, section))
            hidden = len(section.entries) > room - 1
            inside = room - 2 if hidden else room - 1
            keys = [entry.key for entry in section.entries]
            index = keys.index(self.cursor) if self.cursor in keys else -1
            asked = self.view.attention.first if index >= 0 else 0
            first = window(len(keys), inside, index, asked)
            if index >= 0:
                at, first_shown = len(lines) + index - first, first
            lines += [self._line(entry) for entry in section.entries[first : first + inside]]
            if hidden:
                lines.append(_more(self.view, self.stand, section.entries, first, inside))
        return Drawn(lines, at, first_shown)

    def _one_window(self, room: int) -> Drawn:
        rows: list[Section | Entry] = []
        for section in self.sections:
            rows += [section, *section.entries]
        index = next(
            at for at, row in enumerate(rows) if isinstance(row, Entry) and row.key == self.cursor
        )
        inside = room - 1 if len(rows) > room > 2 else room
        first = window(len(rows), inside, index, self.view.attention.first)
        lines = [
            self._line(row) if isinstance(row, Entry) else _site_heading(self.view, self.stand, row)
            for row in rows[first : first + inside]
        ]
        if inside < room:
            entries = tuple(row for row in rows if isinstance(row, Entry))
            above = sum(isinstance(row, Entry) for row in rows[:first])
            shown = sum(isinstance(row, Entry) for row in rows[first : first + inside])
            lines.append(_more(self.view, self.stand, entries, above, shown))
        return Drawn(lines, index - first, first)

    def _line(self, entry: Entry) -> Line:
        return self.table.line(self.view, self.stand, entry, entry.key == self.cursor)


def _cursor(view: View, sections: list[Section]) -> str:
    """The key of the cursor row: as asked for, the cause of rows just unfolded, or the first."""
    keys = [entry.key for section in sections for entry in section.entries]
    for wanted in (view.attention.cursor, view.attention.cursor.removeprefix("fold:")):
        if wanted in keys:
            return wanted
    return keys[0]


def _site_heading(view: View, stand: Standing, section: Section) -> Line:
    site = next((each for each in view.document.sites if each.key == section.site), None)
    row = Row(view.width).put(TEXT, section.site, "strong b")
    role = frame.role_word(site.role, site.key, view.words) if site is not None else ""
    if role and view.width >= 100:
        row.then(f" {role}", "dim")
    row.then(f"   {counted(section.hosts, stand, view.words)}", "dim", view.width - 1)
    return row.line("band")


def counted(names: tuple[str, ...], stand: Standing, words: Words) -> str:
    """How many are how, worst first: "28 hosts: 1 lost, 9 behind, 2 warn, 16 live"."""
    tally: Counter[str] = Counter()
    for name in names:
        state = stand.states[name]
        word = state.word
        if state.follows:
            word = "behind"
        elif word == "live":
            word = _LIVE_WORDS.get(state.glyph.symbol, "live")
        tally[word] += 1
    parts = [f"{tally[word]:,} {words.say(word)}" for word in _WORDS if tally[word]]
    hosts = words.say_many("{count:,} host", "{count:,} hosts", len(names))
    return f"{hosts}: {', '.join(parts)}"


_LIVE_WORDS = {
    **{"✘": "critical", "!": later("warn"), "?": "unknown"},
    **{"a": later("acked"), "s": "silenced", "~": later("maint")},
}
_WORDS = (
    *("lost", "unreachable", "frozen", "down", "behind", "critical", "warn"),
    *("untrusted", "refused", "stale", "late", "unknown", "connecting"),
    *("acked", "silenced", "maint", "live"),
)


def _more(view: View, stand: Standing, entries: tuple[Entry, ...], first: int, shown: int) -> Line:
    hidden = [
        name
        for entry in (*entries[:first], *entries[first + shown :])
        for name in entry.behind or (entry.host,)
    ]
    below = sum(len(entry.behind) or 1 for entry in entries[first + shown :])
    faults = sum(stand.faulty(name) for name in hidden)
    row, say = Row(view.width), view.words.say
    if first:
        row.put(TEXT, say("{count:,} above ↑  ", count=len(hidden) - below), "dim")
    if below and all(stand.states[name].word == "live" for name in hidden):
        row.put(TEXT, say("{count:,} more live ↓", count=below), "dim")
    elif below:
        row.put(TEXT, say("{count:,} more ↓", count=below), "dim")
    if faults:
        row.then(say("  {count:,} of them in trouble", count=faults), "warn")
    return row.line()


def _nothing(view: View) -> Line:
    row, say = Row(view.width), view.words.say
    if not view.document.hosts:
        return row.put(TEXT, say("No hosts in this estate yet."), "dim").line()
    if view.attention.faults_only and not view.attention.filter:
        row.put(TEXT, say("No host is in trouble. "), "dim").then("!", "info")
        return row.then(say(" shows all"), "dim").line()
    row.put(TEXT, say("No host matches. "), "dim", view.width - 1)
    return row.then("esc", "info").then(say(" clears the filter"), "dim", view.width - 1).line()
