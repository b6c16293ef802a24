"""What people are asked, in a panel of the page: a run's question, and a line to be typed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from estate.runs import QuestionView, RunView
from tui.paint import glyphs, numbers
from tui.paint.cells import Line, fit, wrapped
from tui.paint.glyphs import Glyph
from tui.paint.rows import TEXT, Row
from tui.paint.runwords import ANSWERS, answers, step_glyph
from tui.paint.view import Asked, View

#: Cells for the name of an answer.
ANSWER = 20


def awaited(view: View, said: str) -> list[Line]:
    """What stands where an answer of the watch will: that it is asked, or why it did not come."""
    text, role = (view.unanswered, "warn") if view.unanswered else (said, "dim")
    parts = wrapped(text, max(8, view.width - TEXT - 1))
    return [Row(view.width).put(TEXT, each, role, view.width - 1).line() for each in parts]


def question_of(run: RunView, cursor: str) -> QuestionView | None:
    """What is asked about the step under the cursor, else the first question there is."""
    step = cursor.removeprefix("step:")
    about = [each for each in run.questions if each.step == step]
    return next(iter([*about, *run.questions]), None)


def question_lines(view: View, run: RunView, room: int) -> list[Line]:
    """The question with its numbered answers, and what each of them costs; [] without one."""
    question = question_of(run, view.attention.cursor)
    if question is None or room < 2:
        return []
    say, width = view.words.say, view.width
    steps = [each for each in (*run.before, *run.steps) if each.id == question.step]
    glyph = step_glyph(steps[0], run.questions) if steps else glyphs.UNKNOWN
    role = glyph.role.removesuffix(" b")
    chosen = answers(question)
    notes = _notes(view, run, question)
    spare = max(1, room - len(chosen) - bool(notes))
    text = wrapped(question.text, max(8, width - TEXT - 1))[:spare]
    lines = [_row(width, role, glyph).put(TEXT, text[0], "strong b", width - 1)]
    lines += [_row(width, role).put(TEXT, each, "text", width - 1) for each in text[1:]]
    for number, answer in enumerate(chosen, 1):
        name, cost = ANSWERS[answer]
        row = _row(width, role).put(TEXT, f"{number}", "info b", action=("key", f"{number}"))
        row.put(TEXT + 2, fit(say(name), ANSWER), "text")
        lines.append(row.put(TEXT + 2 + ANSWER, say(cost), "dim", width - 1))
    if notes:
        lines.append(_row(width, role).put(TEXT, " · ".join(notes), "dim", width - 1))
    return [each.line("band") for each in lines][:room]


def _notes(view: View, run: RunView, question: QuestionView) -> list[str]:
    """Who has signed, who is missing, until when, and what else is asked."""
    say, more, left = view.words.say, len(run.questions) - 1, question.until
    notes = [say("signed by {names}", names=", ".join(question.signed))] if question.signed else []
    if question.needed > 1 or question.signed:
        notes.append(say("approvals missing: {count}", count=question.needed))
    if left is not None:
        until = numbers.moment(left, view.now, view.document.timezone, view.words)
        notes.append(say("it is late at {time}", time=until))
    if more:
        many = view.words.say_many("{count:,} more question", "{count:,} more questions", more)
        notes.append(many)
    return notes


def asked_lines(view: View, asked: Asked, room: int) -> list[Line]:
    """What is being typed, under what was answered already: the line itself is never cut off."""
    say, width = view.words.say, view.width
    role = "crit" if asked.loud else "info"
    start = TEXT + min(
        width // 2, 2 + max(map(cell_len, (asked.say, *(q for q, _ in asked.given))))
    )
    head = _row(width, role, glyphs.WARNING if asked.loud else None)
    head.put(TEXT, asked.title, "strong b", width - 1)
    lines = [head]
    for question, answer in asked.given:
        row = _row(width, role).put(TEXT, question, "dim", start - 1)
        lines.append(row.put(start, answer, "text", width - 1))
    line = _row(width, role).put(TEXT, asked.say, "text", start - 1)
    room_left = max(1, width - 2 - max(start, line.at + 1))
    typed = asked.before[-room_left:] if len(asked.before) > room_left else asked.before
    line.put(start, typed, "strong b").then("▏", "info").then(asked.after, "strong b", width - 1)
    lines.append(line)
    if asked.wrong:
        lines.append(_row(width, role).put(start, asked.wrong, "warn", width - 1))
    elif asked.hint:
        lines.append(_row(width, role).put(start, asked.hint, "dim", width - 1))
    lines += [_row(width, role).put(TEXT, each, "dim", width - 1) for each in asked.left]
    keys = _row(width, role).put(TEXT, "enter", "info").then(f" {say('next')}", "dim")
    lines.append(keys.then("   esc", "info").then(f" {say('leave it')}", "dim"))
    cut = _around(lines, lines.index(line), room)
    return [each.line("band") for each in cut]


def _around(lines: Sequence[Row], at: int, room: int) -> Sequence[Row]:
    """As many of `lines` as fit, with the one at `at` among them."""
    first = max(0, min(at - room + 2, len(lines) - room)) if len(lines) > room else 0
    return lines[first : first + max(0, room)]


def _row(width: int, role: str, glyph: Glyph | None = None) -> Row:
    row = Row(width).put(0, "▌", role)
    return row.put(1, glyph.symbol, glyph.role) if glyph else row
