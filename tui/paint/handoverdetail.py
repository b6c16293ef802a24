"""An item or a note of a handover in full: whatever its row has no room for, under the row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from estate.handover import Answered, Item, Note, Replied
from estate.language import Words, later
from tui.paint import numbers
from tui.paint.cells import Line, wrapped
from tui.paint.rows import TEXT, Row
from tui.paint.view import View

#: Names of what is told stand at the left; on a narrower page above.
_NAMES = 16
_NARROW = 60

Named = tuple[str, str]


def item_in_full(
    view: View,
    item: Item,
    said: Answered | None,
    answer: str,
    *,
    replies: Sequence[Replied],
    note: Note | None,
) -> Iterator[Line]:
    """`item`, what was said of it (`answer`, for short), every reply, and the note that it is."""
    words, told = view.words, [(view.words.say("where"), item.where)]
    told.append((words.say("what"), words.retold(item.what)))
    told.append((words.say("answer"), answer))
    if said is not None:
        told.append((words.say("when"), _moment(view, said.at)))
        told.append((words.say("why"), said.why))
    for each in replies:
        told.append((words.say("reply"), f"{each.by}, {_moment(view, each.at)}: {each.text}"))
    yield from _lines(view, told)
    if note is not None:
        yield from _lines(view, _of_note(view, note))


def note_in_full(view: View, note: Note) -> Iterator[Line]:
    """All that people wrote in `note`."""
    yield from _lines(view, [(view.words.say("what"), note.text), *_of_note(view, note)])


_SEVERITIES = {
    "critical": later("critical"), "warning": later("warning"), "unknown": later("unknown"),
    "maintenance": later("maintenance"), "ok": later("ok"),
}  # fmt: skip


def _of_note(view: View, note: Note) -> Iterable[Named]:
    words: Words = view.words
    yield words.say("severity"), words.say(_SEVERITIES.get(note.severity, note.severity))
    yield words.say("tenants"), ", ".join(note.tenants)
    yield words.say("hypothesis"), note.hypothesis
    yield words.say("tried"), note.tried
    yield words.say("next step"), note.next_step
    yield words.say("call"), note.call
    yield words.say("owner"), note.owner
    if note.promised_until is not None:
        yield words.say("promised until"), _moment(view, note.promised_until)
    yield words.say("noted"), f"{_moment(view, note.at)} · {note.by} · {note.id}"


def _moment(view: View, at: int) -> str:
    return numbers.moment(at, view.document.at, view.document.timezone, view.words)


def _lines(view: View, told: Iterable[Named]) -> Iterator[Line]:
    """Names and texts, what is empty left out; a text takes as many lines as it needs."""
    at = TEXT + 2 if view.width < _NARROW else TEXT + _NAMES
    for name, text in told:
        if not text:
            continue
        row = Row(view.width).put(TEXT, name, "dim", view.width - 1)
        if view.width < _NARROW:
            yield row.line()
            row = Row(view.width)
        for each in wrapped(text, max(1, view.width - at - 1)):
            yield row.put(at, each, "text", view.width - 1).line()
            row = Row(view.width)
