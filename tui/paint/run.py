"""The run screen: its clock, its steps on their hosts, what it asks, and what the hosts print."""

from __future__ import annotations

from dataclasses import replace

from rich.cells import cell_len

from estate.runs import RunView
from tui.paint import frame, numbers, states
from tui.paint.asked import asked_lines, awaited, question_lines
from tui.paint.cells import Line, Page, Span
from tui.paint.lists import window
from tui.paint.rows import TEXT, Label, Row, heading
from tui.paint.runclock import clock_lines
from tui.paint.runfelt import felt_lines
from tui.paint.runshifts import shift_lines
from tui.paint.runsteps import current, shown_task, shown_tasks, step_keys, step_table
from tui.paint.runwords import is_open, run_glyph, run_word, task_glyph, task_word
from tui.paint.view import View

#: The pane has this many rows, if the rest can spare them.
LEAST_OUTPUT = 3


def paint(view: View) -> Page:
    """The whole screen."""
    lines = frame.top(view, states.standing(view))
    run = view.run if view.run is not None and view.run.row.id == view.subject else None
    if run is None:
        said = view.words.say("Asking the watch for this run.")
        return frame.page(view, [*lines, frame.breadcrumb(view), *awaited(view, said)])
    cursor = _cursor(view, run)
    view = replace(view, attention=replace(view.attention, cursor=cursor))
    lines.append(_breadcrumb(view, run))
    if view.attention.zoom:
        lines += _pane(view, run, cursor, view.height - 1 - len(lines))
        return frame.page(view, lines)
    airy = [Line()] if view.height >= frame.AIRY else []
    state = _state(view, run)
    clock = [*clock_lines(view, run), *felt_lines(view, run), *shift_lines(view, run)]
    for panel in (state, clock):
        lines += [*airy, *panel] if panel else []
    lines += airy
    room = view.height - 1 - len(lines)
    if view.asked is not None:
        asks = asked_lines(view, view.asked, max(3, room // 2))
    else:
        asks = question_lines(view, run, max(3, room // 2))
    table = step_table(view, run)
    rows = table.lines(cursor)
    least = LEAST_OUTPUT + len(airy) + 1
    steps = min(len(rows), max(2, room - 1 - len(asks) - (len(airy) if asks else 0) - least))
    keys = step_keys(run)
    at = keys.index(cursor) if cursor in keys else 0
    first = window(len(rows), steps, at, view.attention.first)
    lines.append(table.heading())
    drawn = len(lines) + at - first
    lines += rows[first : first + steps]
    if asks:
        lines += [*airy, *asks]
    room = view.height - 1 - len(lines) - len(airy)
    lines += [*airy, *_pane(view, run, cursor, room)] if room >= 2 else []
    return frame.page(view, lines, drawn if rows else None, first, len(rows))


def keys(view: View) -> tuple[str, ...]:
    """A row for every step, and one for all checks before the first."""
    run = view.run
    return step_keys(run) if run is not None and run.row.id == view.subject else ()


def _cursor(view: View, run: RunView) -> str:
    asked = view.attention.cursor
    return asked if asked in step_keys(run) else current(run)


def _breadcrumb(view: View, run: RunView) -> Line:
    """Where we are; at the right what the run is pinned to, and by whom."""
    say, row = view.words.say, run.row
    begun = numbers.moment(row.started_at, view.now, view.document.timezone, view.words)
    who = say("by {name} {time}", name=row.by, time=begun)
    pinned = [f"{run.sha256[:4]}…{run.sha256[-2:]}", who] if run.sha256 else [who]
    given = [value for value in run.inputs.values() if value]
    real = Span(say("a drill"), "info") if row.drill else Span(say("for real"), "warn")
    room = view.width - len(row.id) - len(row.runbook) - 30
    while pinned and sum(cell_len(each) + 3 for each in [*pinned, *given]) > room:
        (given or pinned).pop()
    spans = [Span(f"{' · '.join([*pinned, *given])} · " if pinned or given else "", "dim"), real]
    named = replace(view, trail=(*view.trail[:-1], f"{row.id} {row.runbook}"))
    return frame.breadcrumb(named, spans)


def _state(view: View, run: RunView) -> list[Line]:
    """The run in a sentence, where its steps do not say it: an end, a pause, what holds it up."""
    row, words = run.row, view.words
    said: list[tuple[str, str]] = []
    if not is_open(row) or row.state == "paused" or row.ending:
        said.append((run_word(row, words), run_glyph(row).role))
    if row.why:
        said.append((row.why, "text"))
    if row.trouble:
        said.append((row.trouble, "warn"))
    if not is_open(row) and run.way_back:
        back = words.say("the way back is {runbook}", runbook=run.way_back)
        said.append((back, "dim"))
    if not said:
        return []
    glyph = run_glyph(row)
    line = Row(view.width).put(1, glyph.symbol, glyph.role)
    for number, (text, role) in enumerate(said):
        line.put(max(TEXT, line.at), " · " if number else "", "dim", view.width - 1)
        line.then(text, role, view.width - 1)
    return [line.line()]


def _pane(view: View, run: RunView, cursor: str, room: int) -> list[Line]:
    """The end of what the chosen host printed; the record, where it printed nothing, and in the
    past: of output nobody notes what of it was there when."""
    if room < 2:
        return []
    task = shown_task(run, cursor, view.attention.pane)
    record = view.attention.zoom == "record" or view.past_for is not None
    if task is None or not task.output_bytes or record:
        return _record(view, run, room)
    words, width = view.words, view.width
    printed = view.printed
    mine = printed is not None and (printed.run, printed.output) == (run.row.id, task.output)
    others = len(shown_tasks(run, cursor))
    which = f" ({view.attention.pane % others + 1}/{others})" if others > 1 else ""
    step = cursor.removeprefix("step:").removeprefix("*")
    note = f"{step} · {task.host or words.say('here')}{which}"
    size = numbers.size(task.output_bytes)
    live = task.ended_at is None and is_open(run.row) and states.current(view)
    label = words.say("live, {size}", size=size) if live else size
    lines = [heading(width, words.say("OUTPUT"), note, [Label(width - 1, label)])]
    glyph = task_glyph(task)
    why = f"{task_word(task, words)}{': ' if task.why else ''}{task.why}"
    if task.silent_since is not None:
        silent = numbers.duration((view.now - task.silent_since) / 1000)
        why = words.say("does not answer for {time}: {why}", time=silent, why=task.silent_why)
    last = Row(width).put(1, glyph.symbol, glyph.role).put(TEXT, why, "dim", width - 1).line()
    if not mine or printed is None:
        said = words.say("Asking the watch for it.")
        return [*lines, Row(width).put(TEXT, said, "dim").line()][:room]
    text = printed.lines[-max(0, room - 2) :] if room > 2 else ()
    body = [Row(width).put(TEXT, each, "text", width - 1).line() for each in text]
    return [*lines, *body, last][:room]


def _record(view: View, run: RunView, room: int) -> list[Line]:
    """What stands in the run's record, the newest last."""
    words, width, zone = view.words, view.width, view.document.timezone
    note = words.say_many("{count:,} entry", "{count:,} entries", len(run.log))
    lines = [heading(width, words.say("RECORD"), note)]
    for entry in run.log[-(room - 1) :]:
        row = Row(width).put(TEXT, numbers.clock(entry.at, zone), "dim")
        person = entry.actor if entry.actor != "twinwatch" else ""
        row.put(TEXT + 10, f"{person}: " if person else "", "strong")
        lines.append(row.put(TEXT + 10, entry.what, "text", width - 1).line())
    return lines
