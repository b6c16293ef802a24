"""The handover: what the last shift leaves, what was said of each item, and the notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from estate.handover import OVERDUE_MS, Answer, Answered, Handover, Item, Note, NoteKind
from estate.language import Words, later
from tui.paint import frame, glyphs, numbers
from tui.paint.cells import Line, Page
from tui.paint.glyphs import Glyph
from tui.paint.handoverdetail import item_in_full, note_in_full
from tui.paint.lists import window
from tui.paint.rows import TEXT, Row, heading, lead
from tui.paint.states import standing
from tui.paint.view import View

#: Cells for where an item is, and for what was said of it at the right.
_WHERE, _SAID = 16, 26
_NARROW = 60

_GLYPHS = {
    Answer.ACCEPTED: glyphs.DONE,
    Answer.QUESTIONED: glyphs.UNKNOWN,
    Answer.REFUSED: glyphs.CAUSE,
}
_WORDS = {
    Answer.ACCEPTED: later("accepted"),
    Answer.QUESTIONED: later("questioned"),
    Answer.REFUSED: later("refused"),
}
_KINDS = {
    NoteKind.INCIDENT: later("incident"),
    NoteKind.NOTE: later("note"),
    NoteKind.WATCH: later("watch for"),
}
_NOTE_GLYPHS = {"critical": glyphs.CAUSE, "warning": glyphs.WARNING}


def paint(view: View) -> Page:
    """The whole screen."""
    lines = frame.top(view, standing(view))
    lines.append(frame.breadcrumb(view))
    body = [*_body(view)]
    listed = [line.key for line in body if line.key]
    cursor = view.attention.cursor if view.attention.cursor in listed else next(iter(listed), "")
    on = next((at for at, line in enumerate(body) if line.key and line.key == cursor), -1)
    room = max(0, view.height - len(lines) - 1)
    # With the cursor on the first row, what stands above it is shown too.
    first = window(len(body), room, 0 if cursor == next(iter(listed), "") else on,
                   view.attention.first)  # fmt: skip
    ends = next((n for n, each in enumerate(body[on + 1 :], on + 1) if each.key), len(body)) - 1
    first = min(max(first, ends - room + 1), max(on, 0))  # what is unfolded, as far as it fits
    shown = [_pointed(line) if at == on else line for at, line in enumerate(body)]
    at = len(lines) + on - first if on >= 0 else None
    return frame.page(view, [*lines, *shown[first : first + room]], at, first, len(body))


def keys(view: View) -> tuple[str, ...]:
    """Every item, then every note, shown or not."""
    items = view.handover.offered.items if view.handover is not None else ()
    notes = view.notes or ()
    return (*(f"item:{each.id}" for each in items), *(f"note:{each.id}" for each in notes))


def _pointed(line: Line) -> Line:
    first, *others = line.spans
    return Line((first._replace(text="▌", role="info"), *others), "sel", line.key)


def _body(view: View) -> Iterator[Line]:
    say, known = view.words.say, view.handover
    if view.notes is None:
        why = view.unanswered or say("Asking the watch what was handed over.")
        yield heading(view.width, say("HANDOVER"))
        yield Row(view.width).put(TEXT, why, "dim", view.width - 1).line()
        return
    if known is None:
        yield heading(view.width, say("HANDOVER"))
        how = say("Nothing was handed over yet: twinwatch handover offer")
        yield Row(view.width).put(TEXT, how, "dim", view.width - 1).line()
    else:
        answered = say("{done:,} of {all:,} answered", all=len(known.offered.items),
                       done=len(known.offered.items) - len(known.unanswered))  # fmt: skip
        yield heading(view.width, say("HANDOVER"), f"{known.offered.id} · {answered}")
        yield _state(view, known)
        for item in known.offered.items:
            yield from _item(view, known, item)
        if not known.offered.items:
            yield Row(view.width).put(TEXT, say("nothing is open"), "dim").line()
    yield Line()
    note = (
        say("{count:,} still open", count=len(view.notes)) if view.notes else say("nothing is open")
    )
    yield heading(view.width, say("NOTES"), note)
    for each in view.notes:
        yield _note(view, each)
        if f"note:{each.id}" in view.attention.unfolded:
            yield from note_in_full(view, each)


def _state(view: View, known: Handover) -> Line:
    """Who offered it when, whose the items are, and what is still to be done."""
    words, offered, now = view.words, known.offered, view.document.at
    zone = view.document.timezone
    when = numbers.moment(offered.at, now, zone, words)
    row = Row(view.width).put(TEXT, words.say("{owner} has it", owner=known.owner), "strong b")
    row.then(" · ", "faint")
    row.then(words.say("offered {time} by {person}", time=when, person=offered.by), "text")
    row.then(" · ", "faint")
    if known.signed is not None:
        signed = numbers.moment(known.signed.at, now, zone, words)
        said, role = words.say("signed {time}", time=signed), "good"
        if known.refused:
            many, back = len(known.refused), offered.by
            refused = words.say("{count:,} refused, with {person}", count=many, person=back)
            row.then(refused, "warn").then(" · ", "faint")
    elif known.overdue(now):
        late = numbers.age(now - offered.at - OVERDUE_MS)
        said, role = words.say("not signed, overdue for {age}", age=late), "crit b"
    else:
        said, role = words.say("waits to be signed"), "warn"
    return row.then(said, role, view.width - 1).line()


def _item(view: View, known: Handover, item: Item) -> Iterator[Line]:
    """One item and what was said of it; reason and reply below, for they are what counts."""
    words, end = view.words, _end(view)
    said = _last_of(item, known.answers) or _last_of(item, known.carried)
    replies = tuple(each for each in known.replies if each.item == item.id)
    row = lead(view.width, _GLYPHS[said.answer] if said is not None else Glyph("·", "dim"))
    row.put(TEXT, item.where, "strong", TEXT + _WHERE - 1)
    row.put(TEXT + _WHERE, words.retold(item.what), "text", end - 1)
    text, role = _answer(known, said, words)
    yield row.put(end, text, role, view.width - 1).line(key=f"item:{item.id}")
    if f"item:{item.id}" in view.attention.unfolded:
        note = next((each for each in view.notes or () if f"note:{each.id}" == item.id), None)
        yield from item_in_full(view, item, said, text, replies=replies, note=note)
        return
    if said is not None and said.why:
        yield Row(view.width).put(TEXT + _WHERE, said.why, role, view.width - 1).line()
    if replies:
        row = Row(view.width).put(TEXT + _WHERE, f"{replies[-1].by}: ", "dim", view.width - 1)
        yield row.then(replies[-1].text, "text", view.width - 1).line()


def _last_of(item: Item, said: Sequence[Answered]) -> Answered | None:
    return next((each for each in reversed(said) if each.item == item.id), None)


def _answer(known: Handover, said: Answered | None, words: Words) -> tuple[str, str]:
    """What was said, and its role; a question of an earlier handover is no answer to this one."""
    if said is None:
        return words.say("nothing said yet"), "dim"
    text = f"{words.say(_WORDS[said.answer])} · {said.by}"
    if said.handover != known.offered.id and said in known.carried:
        return words.say("before: {answer}", answer=text), "warn"
    role = "good" if said.answer is Answer.ACCEPTED else "warn"
    return text, role


def _end(view: View) -> int:
    """Where an item's sentence ends: beside what was said of it, for which a narrow page has its
    glyph alone; enter tells the rest."""
    return view.width - (_SAID if view.width >= _NARROW else 0)


def _note(view: View, note: Note) -> Line:
    words, end = view.words, _end(view)
    row = lead(view.width, _NOTE_GLYPHS.get(note.severity, glyphs.OK))
    row.put(TEXT, words.say(_KINDS[note.kind]), "dim", TEXT + _WHERE - 1)
    row.put(TEXT + _WHERE, note.text, "text", end - 1)
    text, role = note.owner, "text"
    if note.promised_until is not None:
        now, zone = view.document.at, view.document.timezone
        until = numbers.moment(note.promised_until, now, zone, words)
        text = words.say("{owner}, until {time}", owner=note.owner, time=until)
        role = "crit" if note.promised_until < now else "text"
    return row.put(end, text, role, view.width - 1).line(key=f"note:{note.id}")
