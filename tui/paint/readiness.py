"""The readiness screen: could this service move now, how long would it take, and every reason.

One service stands at the top, the one that was asked for, else the one that is worst off; the
others stand under it. The remedy of the row under the cursor is said beneath the list.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from estate.readiness import Bearing, FindingRow, ReadinessRow, Verdict
from tui.paint import frame, numbers
from tui.paint.budgetwords import left
from tui.paint.cells import Line, Page, Span, cut, fit
from tui.paint.digits import large
from tui.paint.lists import window
from tui.paint.readypanel import key_of
from tui.paint.readywords import (
    BEARING_GLYPHS,
    VERDICT_GLYPHS,
    VERDICT_ROLES,
    called,
    source,
    span,
    verdict,
    waivers,
    why,
    worst_first,
)
from tui.paint.rows import TEXT, Label, Row, heading, lead
from tui.paint.states import standing
from tui.paint.view import View

#: From this width on there is room for whoever was asked.
_WIDE = 100
#: From this width on the verdicts of others may begin where they do on a wider page.
_ROOMY = 76
#: Where the bar and the words beside the big number begin.
_SIDE, _BAR = 20, 33
#: Rows of other services that are kept on a short screen.
_LEAST_OTHERS = 2


def paint(view: View) -> Page:
    """The whole screen."""
    lines, chosen = frame.top(view, standing(view)), subject(view)
    if chosen is None:
        say = view.words.say
        lines += [frame.breadcrumb(view), heading(view.width, say("READINESS"))]
        said = say("No service is meant to move: give one a runbook (runbooks: fails:).")
        lines.append(Row(view.width).put(TEXT, said, "dim", view.width - 1).line())
        return frame.page(view, lines)
    airy = view.height >= frame.AIRY
    blank = [Line()] if airy else []
    lines.append(frame.breadcrumb(view, _asked(view, chosen)))
    lines += [*blank, *_question(view, chosen), *blank, *_time(view, chosen, airy), *blank]
    others = _others(view, chosen)
    room = view.height - 1 - len(lines)
    below = min(len(others), max(_LEAST_OTHERS, room - len(chosen.findings) - 4))
    below_lines = below + 1 + len(blank) if below else 0
    listing = Listing(view, chosen, others, max(1, room - 2 - below_lines))
    at = listing.line_of_cursor(len(lines), len(blank))
    lines += [*listing.lines(), listing.remedy()]
    if below:
        lines += [*blank, *listing.other_lines(below)]
    return frame.page(view, lines, at, listing.first, len(chosen.findings))


def keys(view: View) -> tuple[str, ...]:
    """Every finding of the service at the top, then every other service."""
    chosen = subject(view)
    if chosen is None:
        return ()
    return (*_finding_keys(chosen), *map(key_of, _others(view, chosen)))


def subject(view: View) -> ReadinessRow | None:
    """The service that stands at the top."""
    rows = view.document.readiness
    asked = next((row for row in rows if row.key == view.subject), None)
    return asked or next(iter(worst_first(rows)), None)


def _others(view: View, chosen: ReadinessRow) -> list[ReadinessRow]:
    return [row for row in worst_first(view.document.readiness) if row.key != chosen.key]


def _finding_keys(row: ReadinessRow) -> list[str]:
    return [f"finding:{row.key}:{number}" for number in range(len(row.findings))]


# ── the answer ──


def _asked(view: View, row: ReadinessRow) -> list[Span]:
    """When hosts were asked, how many things were looked at, and by which runbook."""
    say = view.words.say
    parts = []
    if row.asked_at is not None:
        ago = numbers.age(view.now - row.asked_at)
        parts.append(say("hosts asked {age} ago", age=ago))
    parts.append(
        view.words.say_many(
            "{count:,} check, read-only", "{count:,} checks, read-only", len(row.findings)
        )
    )
    if row.runbook and view.width >= _WIDE:
        version = f" v{row.version}" if row.version is not None else ""
        parts.append(f"{row.runbook}{version}")
    said = frame.beside_trail(view, parts)
    return [Span(said, "dim")] if said else []


def _question(view: View, row: ReadinessRow) -> list[Line]:
    say, end = view.words.say, view.width - 1
    glyph, role = VERDICT_GLYPHS[row.verdict], VERDICT_ROLES[row.verdict]
    line = lead(view.width, glyph)
    asked = say("Can {service} move to {site} now?", service=called(row, view.words), site=row.to)
    line.put(TEXT, asked, "strong b", end).then("  ").then(_answer(view, row), role, end)
    said = say("Nothing stands against it.")
    if row.against:
        said = why(row.against[0], view.words)
    if waivers(row):
        said = say("An approver must waive: {what}", what=said)
    return [line.line(), Row(view.width).put(TEXT, said, "dim", end).line()]


def _answer(view: View, row: ReadinessRow) -> str:
    say, words = view.words.say, view.words
    if waivers(row):
        if row.verdict is Verdict.NOT_KNOWN:
            return say("NOT KNOWN, {count:,} to waive", count=waivers(row))
        return words.say_many(
            "YES, with {count:,} waiver", "YES, with {count:,} waivers", waivers(row)
        )
    return {
        Verdict.READY: say("YES"),
        Verdict.NOT_READY: say("NO"),
        Verdict.NOT_KNOWN: say("NOT KNOWN"),
    }[row.verdict]


# ── how long ──


def _time(view: View, row: ReadinessRow, airy: bool) -> list[Line]:
    """The predicted time, large where there is room, against what is promised."""
    say, end = view.words.say, view.width - 1
    sure = f"{span(row.p90_ms)} p90"
    limit = say("of {limit}", limit=span(row.limit_ms)) if row.limit_ms is not None else ""
    if not airy:
        line = Row(view.width).put(TEXT, span(row.p50_ms), "strong b").then(" p50", "dim")
        line.then(f"  {sure}", "dim").then(f"  {limit}", "dim")
        line.put(_BAR, _source(view, row), "dim", end)
        return [line.line()]
    rows = [Row(view.width) for _ in range(3)]
    for part, line in zip(large(span(row.p50_ms)), rows, strict=True):
        line.put(TEXT, part, "strong")
    rows[0].put(_SIDE, "p50", "dim").to(_BAR).spans(_bar(row, end - _BAR - 7))
    if row.limit_ms is not None:
        rows[0].right(end, span(row.limit_ms), "strong b")
    rows[1].put(_SIDE, sure, "text").put(_BAR, _source(view, row), "dim", end)
    rows[2].put(_SIDE, limit, "dim").put(_BAR, _cost(view, row), "dim", end)
    return [line.line() for line in rows]


def _bar(row: ReadinessRow, cells: int) -> list[Span]:
    """Half of all runs end by the end of the strong part, nine of ten by the end of the other."""
    if row.p50_ms is None or row.p90_ms is None or not row.limit_ms or cells < 2:
        return []
    half = min(cells, row.p50_ms * cells // row.limit_ms)
    most = min(cells, max(half, row.p90_ms * cells // row.limit_ms))
    late = "crit" if row.p50_ms > row.limit_ms else "warn"
    return [
        Span("━" * half, "strong" if row.p50_ms <= row.limit_ms else late),
        Span("━" * (most - half), late),
        Span("─" * (cells - most), "mute"),
        Span(" ┃", "strong"),
    ]


def _source(view: View, row: ReadinessRow) -> str:
    """Where the prediction comes from, and the last time it was done."""
    say = view.words.say
    told = {
        "history": say("from its own history"),
        "takes": say("as its author expects"),
        "timeout": say("by its steps' time-outs"),
        "people": say("without what people take to decide"),
        "sum": say("added up from its steps"),
    }.get(row.predicted_from, "")
    if row.done_at is None:
        return f"{told} · {say('never done')}" if told else say("never done")
    day = numbers.day(row.done_at, view.document.timezone, view.words, weekday=False)
    kind = say("last run") if row.in_earnest else say("last drill")
    return f"{told} · {kind} {day} {span(row.took_ms)}"


def _cost(view: View, row: ReadinessRow) -> str:
    """What would be left of the month's budget."""
    service = next((each for each in view.document.services if each.key == row.key), None)
    if service is None or service.budget is None or row.p50_ms is None:
        return ""
    rest, said = service.budget.left_best_ms - row.p50_ms, service.budget
    return view.words.say(
        "leaves {rest} of the month's {limit}", rest=left(rest), limit=left(said.limit_ms)
    )


# ── every reason ──


@dataclass(frozen=True, slots=True)
class Listing:
    """The findings of one service in `room` rows, and the other services."""

    view: View
    row: ReadinessRow
    others: list[ReadinessRow]
    room: int

    @property
    def cursor(self) -> str:
        """The key of the cursor's row: the first one, where nothing else was chosen."""
        wanted, known = self.view.attention.cursor, keys(self.view)
        return wanted if wanted in known else next(iter(known), "")

    @property
    def first(self) -> int:
        """The first finding shown."""
        known = _finding_keys(self.row)
        at = known.index(self.cursor) if self.cursor in known else 0
        return window(len(known), self.room, at, self.view.attention.first)

    def line_of_cursor(self, start: int, blank: int) -> int | None:
        """On which line of the page the cursor is; the findings' heading is its line `start`."""
        known = _finding_keys(self.row)
        if self.cursor in known:
            return start + 1 + known.index(self.cursor) - self.first
        listed = [key_of(each) for each in self.others]
        shown = min(self.room, len(known) - self.first)
        if self.cursor in listed:
            return start + 1 + shown + 1 + blank + 1 + listed.index(self.cursor)
        return None

    def lines(self) -> list[Line]:
        """The heading and the findings, the worst first."""
        say, width = self.view.words.say, self.view.width
        counts = {each: len(self.row.of(each)) for each in Bearing}
        words = self.view.words
        said = {
            Bearing.STOPS: words.say_many(
                "{count:,} stops it", "{count:,} stop it", counts[Bearing.STOPS]
            ),
            Bearing.UNKNOWN: say("{count:,} not known", count=counts[Bearing.UNKNOWN]),
            Bearing.NOTE: say("{count:,} to know", count=counts[Bearing.NOTE]),
            Bearing.PASSES: words.say_many(
                "{count:,} passes", "{count:,} pass", counts[Bearing.PASSES]
            ),
        }
        note = " · ".join(said[each] for each in Bearing if counts[each])
        labels = [Label(width - 1, say("asked of"))] if width >= _WIDE else []
        above, below = self.first, max(0, len(self.row.findings) - self.first - self.room)
        more = [
            *([say("{count:,} more ↑", count=above)] if above else []),
            *([say("{count:,} more ↓", count=below)] if below else []),
        ]
        if more:
            labels.insert(0, Label(width - (12 if labels else 1), " ".join(more), "info"))
        title = words.say_in("of readiness", "WHY NOT")
        lines = [heading(width, title, note, labels)]
        shown = self.row.findings[self.first : self.first + self.room]
        for number, each in enumerate(shown, self.first):
            lines.append(self._finding(each, f"finding:{self.row.key}:{number}"))
        return lines

    def _finding(self, each: FindingRow, key: str) -> Line:
        width, chosen, glyph = self.view.width, key == self.cursor, BEARING_GLYPHS[each.bearing]
        asked = 46 if width >= _WIDE else 36
        quiet = each.bearing is Bearing.PASSES
        line = lead(width, glyph, cursor=chosen)
        role = "strong b" if each.bearing is Bearing.STOPS else "dim" if quiet else "text"
        line.put(TEXT, cut(self.view.words.retold(each.asked), asked - 1), role)
        by = cut(source(each, self.view.words), 14) if width >= _WIDE else ""
        end = width - 1 - (cell_len(by) + 2 if by else 0)
        line.put(TEXT + asked, self._said(each), "dim" if quiet else "text", end)
        if by:
            line.right(width - 1, by, "dim")
        return line.line("sel" if chosen else "", key)

    def _said(self, each: FindingRow) -> str:
        """What was found; what is older than a few cadences, with its age."""
        say = self.view.words.say
        said = self.view.words.retold(each.said)
        said = said or (say("yes") if each.bearing is Bearing.PASSES else "")
        if each.at is not None and self.view.now - each.at > 60_000:
            age = say("{age} ago", age=numbers.age(self.view.now - each.at))
            said = f"{said} · {age}" if said else age
        return said

    def remedy(self) -> Line:
        """What to do about the finding under the cursor."""
        row, known = Row(self.view.width), _finding_keys(self.row)
        if self.cursor not in known:
            return row.line()
        each = self.row.findings[known.index(self.cursor)]
        if not each.todo:
            return row.line()
        row.put(TEXT, self.view.words.say("remedy"), "info").then("  ")
        return row.then(self.view.words.retold(each.todo), "text", self.view.width - 1).line()

    def other_lines(self, rows: int) -> list[Line]:
        """The other services, each with its times."""
        say, width = self.view.words.say, self.view.width
        labels = [
            Label(width - 29, "p50"),
            Label(width - 21, "p90"),
            Label(width - 10, say("last done")),
            Label(width - 1, say("took")),
        ]
        lines = [heading(width, say("OTHER SERVICES"), "", labels)]
        for row in self.others[:rows]:
            lines.append(self._other(row, key_of(row) == self.cursor))
        return lines if self.others else []

    def _other(self, row: ReadinessRow, chosen: bool) -> Line:
        view, width = self.view, self.view.width
        names = 22 if width >= _WIDE else 15 if width >= _ROOMY else 13
        line = lead(width, VERDICT_GLYPHS[row.verdict], cursor=chosen)
        line.put(TEXT, fit(called(row, view.words), names - 1), "text")
        role = VERDICT_ROLES[row.verdict] if row.verdict is not Verdict.READY else "dim"
        line.put(TEXT + names, verdict(row, view.words), role)
        at = max(TEXT + names + 11, line.at + 1)
        if row.against and at < width - 35:
            line.put(at, why(row.against[0], view.words), "dim", width - 35)
        line.right(width - 29, span(row.p50_ms), "text")
        line.right(width - 21, span(row.p90_ms), "text")
        done = numbers.NONE
        if row.done_at is not None:
            done = numbers.day(row.done_at, view.document.timezone, view.words, weekday=False)
        line.right(width - 10, done, "dim").right(width - 1, span(row.took_ms), "text")
        return line.line("sel" if chosen else "", key_of(row))
