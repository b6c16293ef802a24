"""The tenants screen: each one's month, the worst and the mean, and what they share.

A tenant is down while any of its services is. What one group of hosts does to many of them is one
incident, so the groups that several share are named.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from estate.availability import ServiceRow, TenantRow, percent
from tui.paint import frame, glyphs, numbers
from tui.paint.budgetwords import ROLES, left
from tui.paint.budgetwords import name as service_name
from tui.paint.budgetwords import state as service_state
from tui.paint.cells import Line, Page, fit
from tui.paint.glyphs import Glyph
from tui.paint.lists import window
from tui.paint.rows import TEXT, Label, Row, heading, lead
from tui.paint.states import standing
from tui.paint.view import View

#: Columns from the right: worst, best, unseen, down.
_WORST, _BEST, _UNSEEN, _DOWN = 1, 11, 21, 30
_KEY = 8
#: Rows kept under the list for the tenant at the cursor.
_BELOW = 6


def paint(view: View) -> Page:
    """The whole screen."""
    say, width, rows = view.words.say, view.width, view.document.tenants
    lines = [*frame.top(view, standing(view)), frame.breadcrumb(view)]
    if not rows:
        lines.append(heading(width, say("TENANTS")))
        said = say("The estate names no tenants that its services serve.")
        lines.append(Row(width).put(TEXT, said, "dim", width - 1).line())
        return frame.page(view, lines)
    lines.append(_summary(view))
    labels = [
        Label(width - _DOWN, say("down")),
        Label(width - _UNSEEN, say("unseen")),
        Label(width - _BEST, say("best %")),
        Label(width - _WORST, say("worst %")),
    ]
    lines.append(heading(width, say("TENANTS"), f"{len(rows):,}", labels))
    known = keys(view)
    cursor = known.index(view.attention.cursor) if view.attention.cursor in known else 0
    room = max(1, view.height - 1 - len(lines) - _BELOW)
    first = window(len(rows), room, cursor, view.attention.first)
    at = len(lines) + cursor - first
    for number, row in enumerate(rows[first : first + room], first):
        lines.append(_line(view, row, number == cursor))
    lines += _about(view, rows[cursor])
    return frame.page(view, lines, at, first, len(rows))


def keys(view: View) -> tuple[str, ...]:
    """Every tenant, shown or not."""
    return tuple(f"tenant:{row.key}" for row in view.document.tenants)


def called(view: View, row: TenantRow) -> str:
    """What the tenant is called in the person's language."""
    return row.names.get(view.words.language) or row.name


def _summary(view: View) -> Line:
    """The worst tenant, the mean of all, what all lost together, and when any was without."""
    say, rows = view.words.say, view.document.tenants
    worst = rows[0]
    lost = sum(row.down_ms for row in rows)
    row = Row(view.width).put(TEXT, f"{say('worst')} ", "dim")
    row.then(f"{worst.key} ", "strong").then(f"{percent(worst.best)}%", "text")
    row.then(f"   {say('mean')} ", "dim").then(f"{percent(mean_of(rows))}%", "text")
    row.then(f"   {say('tenant-minutes lost')} ", "dim")
    row.then(tenant_minutes(lost), "text", view.width - 1)
    for together in view.document.all_tenants:
        row.then(f"   {say('any down')} ", "dim", view.width - 1)
        row.then(left(together.down_ms), "text", view.width - 1)
    return row.line()


def mean_of(rows: tuple[TenantRow, ...]) -> str | None:
    """The mean of all tenants' best case, exact; None where nothing was agreed with any."""
    known = [Fraction(row.best) for row in rows if row.best is not None]
    return str(sum(known, Fraction(0)) / len(known)) if known else None


def tenant_minutes(milliseconds: int) -> str:
    """Two tenants without a service for a minute lost two tenant-minutes; cut to a tenth."""
    tenths = milliseconds // 6_000
    return f"{tenths // 10:,}.{tenths % 10}"


def _line(view: View, row: TenantRow, cursor: bool) -> Line:
    width = view.width
    line = lead(width, _glyph(view, row), cursor=cursor)
    line.put(TEXT, fit(row.key, _KEY), "strong b" if cursor else "strong")
    line.put(TEXT + _KEY + 1, called(view, row), "text", width - _DOWN - 8)
    line.right(width - _DOWN, left(row.down_ms), "text" if row.down_ms else "dim")
    line.right(width - _UNSEEN, left(row.unknown_ms), "unk" if row.unknown_ms else "dim")
    line.right(width - _BEST, percent(row.best), "text")
    line.right(width - _WORST, percent(row.worst), "unk" if row.unknown_ms else "text")
    return line.line("sel" if cursor else "", f"tenant:{row.key}")


def _glyph(view: View, row: TenantRow) -> Glyph:
    """How the worst of its services is now."""
    states = {each.state for each in _services(view, row)}
    for word in ("down", "unknown", "degraded"):
        if word in states:
            return glyphs.WARNING if word == "degraded" else glyphs.glyph(word)
    return glyphs.OK


def _services(view: View, row: TenantRow) -> list[ServiceRow]:
    return [each for each in view.document.services if each.key in row.services]


def _about(view: View, row: TenantRow) -> list[Line]:
    """The tenant at the cursor: its services as they are, and the groups that it shares."""
    say, width = view.words.say, view.width
    lines = [Line(), heading(width, row.key, called(view, row))]
    line = Row(width).put(TEXT, say("services"), "dim").to(TEXT + 12)
    for each in _services(view, row):
        line.then(f"{service_name(each, view.words)} ", "text", width - 1)
        role = ROLES.get(each.state, "text")
        line.then(f"{service_state(each.state, view.words)}   ", role, width - 1)
    lines.append(line.line())
    sharing = Counter(group for each in view.document.tenants for group in each.groups)
    line = Row(width).put(TEXT, say("groups"), "dim").to(TEXT + 12)
    for others in dict.fromkeys(sharing[group] - 1 for group in row.groups):
        groups = [group for group in row.groups if sharing[group] - 1 == others]
        line.then(f"{' '.join(groups)} ", "text", width - 1)
        many = view.words.say_many("with {count:,} other", "with {count:,} others", others)
        said = many if others else say("alone")
        line.then(f"{said}   ", "dim", width - 1)
    lines.append(line.line())
    if not row.groups:
        lines[-1] = Row(width).put(TEXT, say("groups"), "dim").put(15, numbers.NONE, "dim").line()
    note = say("a tenant is down while any of its services is")
    return [*lines, Row(width).put(TEXT, note, "mute", width - 1).line()]
