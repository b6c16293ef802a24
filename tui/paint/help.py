"""Help: the keys that work now, by section, as they are bound; and what the glyphs mean."""

from __future__ import annotations

from rich.cells import cell_len

from estate.language import later
from tui.paint import frame, glyphs
from tui.paint.cells import Line, Page
from tui.paint.rows import TEXT, Row, beside, heading
from tui.paint.states import standing
from tui.paint.view import View

#: From this width on, sections stand in two columns.
TWO_COLUMNS = 100

_MEANINGS = (
    (glyphs.OK, later("well")),
    (glyphs.WARNING, later("warning")),
    (glyphs.CAUSE, later("down, lost or critical: a cause")),
    (glyphs.FOLLOWS, later("follows from a cause, counts once")),
    (glyphs.UNKNOWN, later("not known, stale or refused")),
    (glyphs.UNTRUSTED, later("host key not trusted")),
    (glyphs.MAINTENANCE, later("maintenance")),
    (glyphs.ACKNOWLEDGED, later("acknowledged: somebody has it")),
    (glyphs.SILENCED, later("silenced: it wakes nobody for a while")),
    (glyphs.MOVING, later("on the way: connecting")),
    (glyphs.DONE, later("done, or well again")),
    (glyphs.Glyph("÷", "dim"), later("÷42 in FLEET: a mark is the worst of 42 hosts")),
    (glyphs.GLYPHS["skipped"], later("no hosts there; no value")),
)


def paint(view: View) -> Page:
    """The whole screen; where it is longer than the terminal, the cursor scrolls it."""
    above = _above(view)
    room = max(0, view.height - len(above) - 1)
    body = _body(view)
    first = frame.scrolled(view, len(body), room)
    return frame.page(view, [*above, *body[first : first + room]], None, first, len(body))


def keys(view: View) -> tuple[str, ...]:
    """The scroll positions, where the page is longer than the screen."""
    return frame.scroll_keys(len(_body(view)), max(0, view.height - len(_above(view)) - 1))


def _above(view: View) -> list[Line]:
    lines = [*frame.top(view, standing(view)), frame.breadcrumb(view)]
    return [*lines, Line()] if view.height >= frame.AIRY else lines


def _body(view: View) -> list[Line]:
    width = view.width if view.width < TWO_COLUMNS else view.width // 2
    sections = _sections(view, width)
    if view.width < TWO_COLUMNS:
        return [line for section in sections for line in section]
    columns: tuple[list[Line], list[Line]] = ([], [])
    half = sum(len(section) + 1 for section in sections) / 2
    for section in sections:
        column = columns[0] if len(columns[0]) + len(section) / 2 <= half else columns[1]
        column += [Line(), *section] if column else section
    height = max(len(columns[0]), len(columns[1]))
    left, right = (column + [Line()] * (height - len(column)) for column in columns)
    return [beside(a, b, width) for a, b in zip(left, right, strict=True)]


def _sections(view: View, width: int) -> list[list[Line]]:
    say = view.words.say
    by_section: dict[str, list[tuple[str, str]]] = {}
    for section, key, words, _id in view.bindings:
        by_section.setdefault(section, []).append((key, words))
    widest = max((cell_len(key) for _, key, _, _ in view.bindings), default=0)
    start = TEXT + min(14, widest) + 2
    sections = []
    for section, keys in by_section.items():
        lines = [heading(width, say(section).upper())]
        for key, words in keys:
            row = Row(width).put(TEXT, key, "info", start - 1)
            lines.append(row.put(start, say(words), "text", width - 1).line())
        sections.append(lines)
    lines = [heading(width, say("GLYPHS"))]
    for glyph, words in _MEANINGS:
        row = Row(width).put(TEXT, glyph.symbol, glyph.role)
        lines.append(row.put(start, say(words), "text", width - 1).line())
    return [*sections, lines]
