"""One host: its charts, and beside them what else is known of it."""

from __future__ import annotations

from estate.document import HostRow, Problem
from estate.language import later
from tui.paint import frame, numbers
from tui.paint.cells import Line, Page, Span
from tui.paint.hardware import hardware
from tui.paint.hostcharts import Charts
from tui.paint.hostparts import Parts
from tui.paint.rows import TEXT, Row, beside, clipped
from tui.paint.states import Standing, ordered, standing, state_since
from tui.paint.view import View

#: From this width on, the parts stand beside the charts instead of below them.
TWO_COLUMNS = 100


def paint(view: View) -> Page:
    """The whole screen; where it is longer than the terminal, the cursor scrolls it."""
    stand = standing(view)
    lines = frame.top(view, stand)
    row = view.document.hosts.get(view.subject)
    if row is None:
        lines += [frame.breadcrumb(view), Line(), _unknown(view)]
        return frame.page(view, lines)
    troubles = _troubles(view, row)
    lines.append(frame.breadcrumb(view, _who(view, row, stand, next(iter(troubles), None))))
    if view.height >= frame.AIRY:
        lines.append(Line())
    room = max(0, view.height - len(lines) - 1)
    body = _body(view, row, stand, room)
    first = frame.scrolled(view, len(body), room)
    shown = body[first : first + room]
    if shown and first + room < len(body):
        shown[-1] = _more(view, shown[-1], len(body) - first - room + 1)
    return frame.page(view, [*lines, *shown], None, first, len(body))


def keys(view: View) -> tuple[str, ...]:
    """The scroll positions, where the page is longer than the screen."""
    stand = standing(view)
    row = view.document.hosts.get(view.subject)
    if row is None:
        return ()
    above = len(frame.top(view, stand)) + (2 if view.height >= frame.AIRY else 1)
    room = max(0, view.height - above - 1)
    return frame.scroll_keys(len(_body(view, row, stand, room)), room)


def _body(view: View, row: HostRow, stand: Standing, room: int) -> list[Line]:
    troubles = _troubles(view, row)
    if view.width < TWO_COLUMNS:
        charts = Charts(view, stand, row, view.width, next(iter(troubles), None))
        parts = Parts(view, stand, row, troubles, view.width)
        if stand.states[row.name].believed == "none":  # what to do, before what was
            said = parts.lines(airy=False)
            return [*said, *charts.lines(max(room - len(said), 12))]
        return [*charts.lines(min(max(room - 5, 12), 20)), *parts.lines(airy=False)]
    left = _left(view)
    charts = Charts(view, stand, row, left, next(iter(troubles), None))
    parts = Parts(view, stand, row, troubles, view.width - left - 1)
    leftward, rightward = charts.lines(room), parts.lines()
    height = max(len(leftward), len(rightward))
    leftward += [Line()] * (height - len(leftward))
    rightward += [Line()] * (height - len(rightward))
    return [beside(a, b, left + 1) for a, b in zip(leftward, rightward, strict=True)]


def _more(view: View, last: Line, hidden: int) -> Line:
    """The last line on the screen, saying in its right column what is below."""
    said = view.words.say("{count:,} more lines ↓", count=hidden)
    more = Row(view.width).put(TEXT, said, "info").line()
    if view.width < TWO_COLUMNS:
        return more
    return beside(clipped(last, _left(view) + 1), more, _left(view) + 1)


def _left(view: View) -> int:
    """The width of the charts where the parts stand beside them."""
    return view.width * 2 // 3 + 3 if view.width < frame.WIDE else view.width - 76


def _troubles(view: View, row: HostRow) -> tuple[Problem, ...]:
    """This host's problems, worst first; those that another's loss explains come last."""
    problems = view.document.problems
    every = [*ordered(problems), *(each for each in problems if each.parent)]
    return tuple(each for each in every if each.where == row.name)


def _who(view: View, row: HostRow, stand: Standing, trouble: Problem | None) -> tuple[Span, ...]:
    """The host's state, what it is, and how old its figures are."""
    words, state = view.words, stand.states[row.name]
    role = next((each.role for each in view.document.sites if each.key == row.site), "")
    word = row.severity.value if state.word == "live" and state.rank < 7 else state.word
    facts = hardware(row, words)
    if row.uptime_seconds is not None and state.believed != "none":
        facts.append(words.say("up {lasted}", lasted=numbers.duration(row.uptime_seconds)))
    if view.width >= frame.WIDE:
        facts += [frame.role_word(role, row.site, words), row.kernel]
    said = " · ".join(fact for fact in facts if fact)
    glyph = state.glyph
    right = [Span(glyph.symbol, glyph.role), Span(f" {words.say(word)} ", glyph.role)]
    if trouble is not None:
        right.append(Span(numbers.duration((view.now - trouble.since) / 1000), "dim"))
    if view.width >= TWO_COLUMNS:
        right.append(Span(f"   {said}", "dim"))
    word, role, quiet = _TRUST[state.believed]
    if view.held_at is not None and state.believed == "fresh":
        word, role = later("HELD"), "warn b"
    age = numbers.age(state_since(row, state, view.now))
    return *right, Span(f"   {words.say(word)}", role), Span(f" {age}", quiet)


#: How far the figures may be believed: the word, its role, and that of the age behind it.
_TRUST = {
    "fresh": (later("LIVE"), "good", "dim"),
    "stale": (later("STALE"), "unk b", "unk"),
    "none": (later("SILENT"), "unk b", "unk"),
}


def _unknown(view: View) -> Line:
    say = view.words.say
    row = Row(view.width).put(TEXT, say("No host is called {name}. ", name=view.subject), "text")
    return row.then("esc", "info").then(say(" goes back"), "dim").line()
