"""The steps of a run as rows, each with how it is on its hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from estate.runs import RunView, StepView, TaskView
from tui.paint import glyphs, numbers
from tui.paint.cells import Line, Span
from tui.paint.rows import TEXT, Label, Row, heading, lead
from tui.paint.runwords import is_open, step_glyph, task_glyph
from tui.paint.view import View

#: Cells for the time of a step, and the fewest for its sentence.
TIME, SENTENCE = 11, 30
#: More hosts than this stand as a count for each glyph where every step has only one column.
SINGLY = 12
#: The row that stands for all checks before the first step.
BEFORE = "step:*before"


def step_keys(run: RunView) -> tuple[str, ...]:
    """The rows of the table, by their keys."""
    checks = (BEFORE,) if run.before else ()
    return (*checks, *(f"step:{step.id}" for step in run.steps))


def current(run: RunView) -> str:
    """The key of the row that needs a look: what asks, what runs, else what came last."""
    asking = {each.step for each in run.questions}
    for key, steps in _rows(run):
        if any(step.id in asking for step in steps):
            return key
    moving = [key for key, steps in _rows(run) if any(each.state == "now" for each in steps)]
    begun = [key for key, steps in _rows(run) if any(each.state for each in steps)]
    return (moving or begun or [*step_keys(run), ""])[-1 if begun and not moving else 0]


def shown_tasks(run: RunView, key: str) -> list[TaskView]:
    """What the row `key` did, worst first: what the pane below it is about."""
    order = (glyphs.UNKNOWN, glyphs.CAUSE, glyphs.MOVING, glyphs.FOLLOWS, glyphs.DONE)
    tasks = [
        task
        for row, steps in _rows(run)
        if row == key
        for step in steps
        for task in step.tasks
        if task.state != "pending" or task.silent_since is not None
    ]
    known = [*order, *(task_glyph(task) for task in tasks)]
    return sorted(tasks, key=lambda task: known.index(task_glyph(task)))


def shown_task(run: RunView, key: str, pane: int) -> TaskView | None:
    """The one of them that the person has chosen, `pane` times further than the first."""
    tasks = shown_tasks(run, key or current(run))
    return tasks[pane % len(tasks)] if tasks else None


def _rows(run: RunView) -> list[tuple[str, Sequence[StepView]]]:
    checks: list[tuple[str, Sequence[StepView]]] = [(BEFORE, run.before)] if run.before else []
    return [*checks, *((f"step:{step.id}", (step,)) for step in run.steps)]


@dataclass(frozen=True, slots=True)
class StepTable:
    """The columns for one run and one width. `hosts` maps a column's name to where it begins and
    its hosts; it is empty where they do not fit, and every step says its own."""

    view: View
    run: RunView
    say_end: int
    hosts: Mapping[str, tuple[int, tuple[str, ...]]]

    def heading(self) -> Line:
        """`STEPS  2 of 8 done ─── mdb-c ── mdb-r ── time`."""
        words, row, width = self.view.words, self.run.row, self.view.width
        note = words.say("{done} of {total} done", done=row.steps_done, total=row.steps_total)
        waived = sum(step.state == "waived" for step in self.run.steps if step.depth == 0)
        if waived:
            note += f", {words.say('{count:,} waived', count=waived)}"
        if row.steps_passed:
            note += f", {words.say('{count:,} passed over', count=row.steps_passed)}"
        labels = [
            Label(start + max(cell_len(name), len(hosts)), _padded(name, len(hosts)))
            for name, (start, hosts) in self.hosts.items()
        ]
        time = Label(width - 1, words.say("time"))
        return heading(width, words.say("STEPS"), note, [*labels, time])

    def lines(self, cursor: str) -> list[Line]:
        """Every row."""
        lines = [self._checks(cursor)] if self.run.before else []
        number = 0
        for step in self.run.steps:
            number += step.depth == 0
            lines.append(self._step(step, number, f"step:{step.id}" == cursor))
        return lines

    def _checks(self, cursor: str) -> Line:
        """All checks before the first step as one row."""
        say, checks, width = self.view.words.say, self.run.before, self.view.width
        good = sum(each.state in ("ok", "waived", "skipped") for each in checks)
        waived = sum(each.state == "waived" for each in checks)
        passed = sum(each.state == "skipped" for each in checks)
        bad = sum(each.state in ("failed", "unknown") for each in checks)
        said = self.view.words.say_many(
            "{count:,} check before", "{count:,} checks before", len(checks)
        )
        held = good - waived - passed
        parts = [say("{count:,} hold", count=held)] if held else []
        parts += [say("{count:,} waived", count=waived)] if waived else []
        parts += [say("{count:,} passed over", count=passed)] if passed else []
        parts += [say("{count:,} do not", count=bad)] if bad else []
        glyph = glyphs.DONE if good == len(checks) else glyphs.OK
        if any(each.state == "now" for each in checks):
            glyph = glyphs.MOVING
        if bad:
            glyph = step_glyph(next(e for e in checks if e.state in ("failed", "unknown")), ())
        here = cursor == BEFORE
        row = lead(width, glyph, cursor=here)
        row.put(TEXT + 2, said, "strong b" if here else "dim", self.say_end)
        if parts:
            row.then(f": {', '.join(parts)}", "warn" if bad else "dim", self.say_end)
        if not self.hosts:
            tasks = [task for each in checks for task in each.tasks]
            self._one_column(row, tasks)
        times = [(each.begun_at, _ended(each)) for each in checks if each.begun_at is not None]
        if times and good == len(checks):
            ends = [end for _, end in times if end is not None]
            begins = [begin for begin, _ in times if begin is not None]
            if ends:
                row.right(width - 1, numbers.duration((max(ends) - min(begins)) / 1000), "dim")
        return row.line("sel" if here else "", BEFORE)

    def _step(self, step: StepView, number: int, here: bool) -> Line:
        run, width = self.run, self.view.width
        asks = any(each.step == step.id for each in run.questions)
        live = here or asks or step.state in ("now", "unknown", "failed")
        glyph = step_glyph(step, run.questions)
        row = lead(width, glyph, cursor=here)
        row.put(TEXT, f"{number}" if step.depth == 0 else "", "dim")
        row.put(TEXT + 2 + 2 * step.depth + (number > 9), step.say, _role(here, live), self.say_end)
        if self.hosts:
            self._columns(row, step)
        else:
            self._one_column(row, step.tasks)
        time, role = self._time(step, glyph.role if live else "dim")
        return row.right(width - 1, time, role).line("sel" if here else "", f"step:{step.id}")

    def _columns(self, row: Row, step: StepView) -> None:
        """A glyph for each host, where the host has its place in every row."""
        by_host = {task.about or task.host: task for task in step.tasks}
        for start, hosts in self.hosts.values():
            for at, host in enumerate(hosts):
                if host in by_host:
                    row.put(start + at, *_cell(by_host[host]))

    def _one_column(self, row: Row, tasks: Sequence[TaskView]) -> None:
        """What hosts there are, and a glyph for each; counts, where they are many."""
        row.to(self.say_end + 1)
        for span in _summary(tasks):
            row.then(span.text, span.role, self.view.width - 1 - TIME)

    def _time(self, step: StepView, role: str) -> tuple[str, str]:
        """How long it has taken; what is predicted, before it has begun."""
        if step.begun_at is not None:
            ended = _ended(step) if step.state in ("ok", "waived", "failed", "skipped") else None
            until = ended if ended is not None else self.run.row.ended_at or self.view.now
            return numbers.duration((until - step.begun_at) / 1000), "dim" if ended else role
        if not step.p50_ms or not is_open(self.run.row):
            return "", "dim"
        low, high = (numbers.duration(ms / 1000) for ms in (step.p50_ms, step.p90_ms))
        return (low if low == high else f"{low}–{high}"), "dim"


def step_table(view: View, run: RunView) -> StepTable:
    """The columns that fit: a place for every host in every row, or each row's own hosts."""
    columns = _grouped(run)
    longest = max((cell_len(step.say) + 2 * step.depth for step in run.steps), default=0)
    wanted = min(TEXT + 3 + longest, max(TEXT + SENTENCE, view.width // 2))
    need = sum(max(cell_len(name), len(hosts)) + 2 for name, hosts in columns.items())
    end = view.width - 1 - TIME
    if view.width >= 100 and columns and wanted + 1 + need <= end:
        start, placed = wanted + 2, dict[str, tuple[int, tuple[str, ...]]]()
        for name, hosts in columns.items():
            placed[name or view.words.say("here")] = (start, hosts)
            start += max(cell_len(name or view.words.say("here")), len(hosts)) + 2
        return StepTable(view, run, wanted, placed)
    rows = [[task for step in steps for task in step.tasks] for _, steps in _rows(run)]
    room = max(sum(cell_len(span.text) for span in _summary(tasks)) for tasks in [[], *rows])
    return StepTable(view, run, min(TEXT + 3 + longest, end - min(room, end // 2) - 2), {})


def column(host: str) -> str:
    """What hosts are called together: `mdb-c` for `mdb-c01.example.org`."""
    return host.partition(".")[0].rstrip("0123456789")


def _grouped(run: RunView) -> dict[str, tuple[str, ...]]:
    """Every host of the run, by column, in the order in which steps come to them; "" is here."""
    columns: dict[str, dict[str, None]] = {}
    for step in run.steps:
        for task in step.tasks:
            host = task.about or task.host
            columns.setdefault(column(host), {})[host] = None
    return {name: tuple(hosts) for name, hosts in columns.items()}


def _summary(tasks: Sequence[TaskView]) -> list[Span]:
    """Hosts in one place: what they are called, where that is one word, and how each is."""
    if not any(task.host for task in tasks):
        return []
    found = [_cell(task) for task in tasks]
    names = list(dict.fromkeys(column(task.about or task.host) for task in tasks))
    spans = [Span(f"{names[0]} ", "dim")] if len(names) == 1 else []
    if len(found) <= SINGLY:
        return spans + [Span(symbol, role) for symbol, role in found]
    for each in dict.fromkeys(found):
        spans += [Span(each[0], each[1]), Span(f"{found.count(each)} ", "text")]
    return spans


def _cell(task: TaskView) -> tuple[str, str]:
    """One host: what was taken back is `u`, in the colour of how that went."""
    glyph = task_glyph(task)
    return ("u", glyph.role) if task.undo else (glyph.symbol, glyph.role)


def _role(here: bool, live: bool) -> str:
    return "strong b" if here else "text" if live else "dim"


def _padded(name: str, cells: int) -> str:
    return name + "─" * 0 if cell_len(name) >= cells else name.ljust(cells)


def _ended(step: StepView) -> int | None:
    """When the last host was through, None while one is not."""
    ends = [task.ended_at for task in step.tasks]
    known = [each for each in ends if each is not None]
    return max(known) if known and len(known) == len(ends) else None
