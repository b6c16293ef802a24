"""The plan: what a run would do where, how long it would take, and every reason not to start it.

It is one list: whatever is longer than the screen scrolls with the cursor, and nothing is cut off.
What is not in sight is counted in the last line: a plan whose steps are below looks like a short
one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from estate.plans import PlannedStepView, PlanView
from tui.paint import frame, glyphs, numbers
from tui.paint.asked import asked_lines, awaited
from tui.paint.cells import Line, Page, Span, wrapped
from tui.paint.glyphs import Glyph
from tui.paint.lists import window
from tui.paint.rows import TEXT, Row, heading, lead
from tui.paint.runwords import SOURCES
from tui.paint.states import folded, standing
from tui.paint.view import View

_TITLE = 19
_TIME = 13


class Entry(NamedTuple):
    """One row: `key` "" where the cursor can't stand; `note` at the right."""

    key: str
    words: str = ""
    role: str = "text"
    glyph: Glyph | None = None
    title: str = ""
    note: str = ""
    indent: int = 0


def paint(view: View) -> Page:
    """The whole screen."""
    plan = _plan(view)
    lines = frame.top(view, standing(view))
    if plan is None:
        said = view.words.say("Asking the watch, and the watch its hosts, for a plan.")
        lines += [frame.breadcrumb(view), *awaited(view, said)]
        lines += asked_lines(view, view.asked, view.height - len(lines) - 1) if view.asked else []
        return frame.page(view, lines)
    lines.append(_breadcrumb(view, plan))
    entries = list(_entries(view, plan))
    places = [index for index, entry in enumerate(entries) if entry.key]
    wanted = (index for index in places if entries[index].key == view.attention.cursor)
    cursor = next(wanted, places[0] if places else 0)
    below = asked_lines(view, view.asked, max(3, view.height // 2)) if view.asked else []
    room = max(1, view.height - len(lines) - len(below) - 1)
    cut = len(entries) > room > 2  # of three lines one may go to what is not in sight
    room -= cut
    first = window(len(entries), room, cursor, view.attention.first)
    if first == 1:  # the heading above the first row comes back with it
        first = 0 if cursor < room else 1
    at = len(lines) + cursor - first if places else None
    shown = entries[first : first + room]
    lines += [_line(view, each, index == cursor) for index, each in enumerate(shown, first)]
    if cut:
        lines.append(_out_of_sight(view, entries[:first], entries[first + room :]))
    lines += [Line()] * (view.height - 1 - len(below) - len(lines))
    return frame.page(view, [*lines, *below], at, first, len(entries))


def keys(view: View) -> tuple[str, ...]:
    """Every row that says something."""
    plan = _plan(view)
    return tuple(each.key for each in _entries(view, plan) if each.key) if plan else ()


def _out_of_sight(view: View, above: Sequence[Entry], below: Sequence[Entry]) -> Line:
    """How many lines that say something are above and below, and how many steps begin below."""
    say, row = view.words.say, Row(view.width).to(TEXT)
    if count := sum(bool(each.key) for each in above):
        row.then(say("{count:,} more ↑", count=count), "dim").then("  ")
    if count := sum(bool(each.key) for each in below):
        row.then(say("{count:,} more ↓", count=count), "dim")
    if steps := sum(each.key.startswith("step:") and not each.indent for each in below):
        said = view.words.say_many(
            "  {count:,} step among them", "  {count:,} steps among them", steps
        )
        row.then(said, "info")
    return row.line()


def _plan(view: View) -> PlanView | None:
    plan = view.plan
    return plan if plan is not None and plan.runbook == view.subject else None


def _breadcrumb(view: View, plan: PlanView) -> Line:
    say = view.words.say
    asked = numbers.clock(plan.asked_at, view.document.timezone)
    pinned = f"v{plan.version} {plan.sha256[:4]}…{plan.sha256[-2:]}"
    real = Span(say("a drill"), "info") if plan.drill else Span(say("for real"), "warn")
    said = say("asked {time}", time=asked)
    return frame.breadcrumb(view, [Span(f"{pinned} · {said} · ", "dim"), real])


def _entries(view: View, plan: PlanView) -> Iterator[Entry]:
    say, width = view.words.say, view.width
    airy = [Entry("")] if view.height >= frame.AIRY else []
    yield Entry("title", plan.title, "strong b")
    yield from airy
    yield from _reasons(view, plan)
    yield from airy
    yield Entry("", say("WHAT IT WOULD TAKE"), title="heading")
    yield from _times(view, plan)
    yield from airy
    yield Entry("", say("HOSTS"), title="heading", note=say("frozen with the plan"))
    for name, hosts in plan.hosts.items():
        words = f"{len(hosts):,}: {folded(hosts)}"
        for number, part in enumerate(wrapped(words, max(8, width - _TITLE - 4))):
            yield Entry(f"hosts:{name}:{number}", part, title="" if number else name)
    yield from _locks(view, plan)
    yield from airy
    for before, title in ((True, say("BEFORE")), (False, say("STEPS"))):
        steps = [each for each in plan.steps if each.before == before]
        if steps:
            yield Entry("", title, title="heading", note=_asked_note(view, before))
            for number, step in enumerate(steps, 1):
                yield from _step(view, step, 0 if before else number)
            yield from airy


def _locks(view: View, plan: PlanView) -> Iterator[Entry]:
    """What is locked, and whom that keeps out: hosts know locks for each user apart."""
    if not plan.users:
        return
    say = view.words.say
    users = ", ".join(user or say("the user that logs in") for user in plan.users)
    locks = ", ".join((*plan.locks, say("each host")))
    words = say("{locks}; there only against runs that act as: {users}", locks=locks, users=users)
    for number, part in enumerate(wrapped(words, max(8, view.width - _TITLE - 4))):
        yield Entry(f"locks:{number}", part, title="" if number else say("locked"))


def _asked_note(view: View, before: bool) -> str:
    say = view.words.say
    return say("asked now; changes nothing") if before else say("in the order of the runbook")


def _reasons(view: View, plan: PlanView) -> Iterator[Entry]:
    say, width = view.words.say, view.width
    if not plan.reasons:
        yield Entry("", say("REASONS NOT TO START"), title="heading")
        yield Entry("reason:none", say("None: it may go."), "text", glyphs.DONE)
        return
    note = f"{len(plan.reasons):,}"
    yield Entry("", say("REASONS NOT TO START"), title="heading", note=note)
    for number, reason in enumerate(plan.reasons):
        waivable = f" ({say('an approver may waive it')})" if reason.waivable else ""
        todo = say("{key} asks for it", key=_key_of(view, "plan.inputs"))
        words = f"{reason.what}{waivable} — {todo if reason.missing else reason.todo}"
        glyph: Glyph | None = glyphs.WARNING if reason.waivable else glyphs.CAUSE
        for part, text in enumerate(wrapped(words, max(8, width - TEXT - 1))):
            yield Entry(f"reason:{number}:{part}", text, "text", glyph)
            glyph = None


def _key_of(view: View, binding: str) -> str:
    """The key that a binding has now; "" where it has none."""
    return next((key for _, key, _, name in view.bindings if name == binding), "")


def _times(view: View, plan: PlanView) -> Iterator[Entry]:
    say, width = view.words.say, view.width
    if plan.source == "people" and not plan.p50_ms:
        predicted = say("up to people")
    else:
        predicted = _span(plan.p50_ms, plan.p90_ms)
        predicted += f", {say('and as long as people take')}" if plan.source == "people" else ""
    role = "text"
    if plan.target_ms is not None:
        target = numbers.duration(plan.target_ms / 1000)
        role = "warn" if plan.p90_ms > plan.target_ms else "text"
        yield Entry("time:target", target, "strong b", title=say("target"))
    yield Entry("time:predicted", predicted, role, title=say("predicted"))
    if plan.worst_ms is not None:
        late = plan.target_ms is not None and plan.worst_ms > plan.target_ms
        words = f"{numbers.duration(plan.worst_ms / 1000)}: {plan.worst}"
        for number, part in enumerate(wrapped(words, max(8, width - _TITLE - 4))):
            title = "" if number else say("at worst, bounded")
            yield Entry(f"time:worst:{number}", part, "warn" if late else "text", title=title)
    for way, endless in enumerate(plan.endless):
        for number, part in enumerate(wrapped(endless, max(8, width - _TITLE - 4))):
            title = "" if number else say("without a bound")
            yield Entry(f"time:endless:{way}:{number}", part, "text", title=title)
    if plan.drill_words:
        for number, part in enumerate(wrapped(plan.drill_words, max(8, width - _TITLE - 4))):
            title = "" if number else say("in a drill")
            yield Entry(f"time:drill:{number}", part, "info" if plan.drill else "dim", title=title)
    if plan.way_back:
        yield Entry("time:back", plan.way_back, title=say("the way back"))


def _span(p50_ms: int, p90_ms: int) -> str:
    low, high = numbers.duration(p50_ms / 1000), numbers.duration(p90_ms / 1000)
    return low if low == high else f"{low}–{high}"


def _step(view: View, step: PlannedStepView, number: int) -> Iterator[Entry]:
    """Its sentence, then what is known of `done_when`, then the text that would be run."""
    say, width = view.words.say, view.width
    kind = f"{number} " if number else ""
    hosts = f"{len(step.hosts):,} × {folded(step.hosts)}" if step.hosts else say("here")
    known = step.source != "people" and (step.p50_ms or step.p90_ms)
    time = _span(step.p50_ms, step.p90_ms) if known else ""
    role = "dim" if step.left_out else "strong b" if step.irreversible else "text"
    glyph = glyphs.GLYPHS["skipped"] if step.left_out else _done_glyph(step)
    yield Entry(f"step:{step.id}", f"{kind}{step.say}", role, glyph, note=time)
    about = [step.kind, hosts]
    about += [say("left out: {why}", why=step.left_out)] if step.left_out else []
    about += [say("can't be taken back")] if step.irreversible else []
    about += [said] if (said := say(SOURCES.get(step.source, ""))) else []
    about += [_done(view, step)] if step.done else []
    for part, text in enumerate(wrapped(" · ".join(about), max(8, width - TEXT - 4))):
        yield Entry(f"step:{step.id}:about:{part}", text, "dim", indent=2)
    if f"step:{step.id}" in view.attention.unfolded:
        for title, text in (("sh", step.text), ("done_when", step.done_when)):
            for part, line in enumerate(text.rstrip().split("\n") if text else ()):
                key = f"step:{step.id}:{title}:{part}"
                yield Entry(
                    key, f"{title}: {line}" if part == 0 else f"    {line}", "mute", indent=4
                )


def _done_glyph(step: PlannedStepView) -> Glyph:
    states = set(step.done.values())
    if states == {True}:
        return glyphs.DONE
    return glyphs.UNKNOWN if None in states else glyphs.OK


def _done(view: View, step: PlannedStepView) -> str:
    """Where it is done already, and where nobody knows."""
    say = view.words.say
    done = sum(held is True for held in step.done.values())
    unknown = tuple(host for host, held in step.done.items() if held is None)
    if done == len(step.done):
        return say("done already")
    said = say("done on {count:,} of {total:,}", count=done, total=len(step.done)) if done else ""
    who = say("not known: {hosts}", hosts=folded(unknown)) if unknown else ""
    return ", ".join(filter(None, (said, who))) or say("not done yet")


def _line(view: View, entry: Entry, cursor: bool) -> Line:
    width = view.width
    if not entry.key:
        return heading(width, entry.words, entry.note) if entry.words else Line()
    row = lead(width, entry.glyph, cursor=cursor)
    if entry.key.partition(":")[0] in ("hosts", "locks", "time"):
        row.put(TEXT, entry.title, "dim", _TITLE + TEXT - 1)
        row.put(_TITLE + TEXT, entry.words, entry.role, width - 1)
    else:
        end = width - 1 - (_TIME if entry.note else 0)
        row.put(TEXT + entry.indent, entry.words, entry.role, end)
    if entry.note:
        row.right(width - 1, entry.note, "dim")
    return row.line("sel" if cursor else "", entry.key)
