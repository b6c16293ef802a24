"""The recovery clock: what has gone by, against what was promised and what was predicted."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

from rich.cells import cell_len

from estate.runs import RunRow, RunView, StepView
from tui.paint import numbers
from tui.paint.cells import Line, Span
from tui.paint.digits import large
from tui.paint.rows import TEXT, Label, Row, heading
from tui.paint.runwords import is_open
from tui.paint.view import View

#: Beside the big number.
_SIDE, _BAR = 20, 33


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where the clock stands and where it will, in ms; None where nobody can say.

    The run ends its clock at `end50` in half of all runs, by `end90` in nine of ten. `safe50` and
    `safe90` are how long a decision may take for that still to be within the target. `reached` is
    whether what stops the clock has happened or may still: one that failed before kept no promise.
    """

    elapsed: int
    target: int | None
    end50: int | None
    end90: int | None
    safe50: int | None = None
    safe90: int | None = None
    reached: bool = True
    proven: bool = True

    @property
    def verdict(self) -> tuple[str, str]:
        """An English word for how it stands to its target, and its role; "" without one."""
        if self.target is None:
            return "", "dim"
        if self.elapsed > self.target:
            return "over", "crit b"
        if not self.reached:
            return "not reached", "warn"
        if not self.proven:
            return "not measured", "warn"
        late = max((end for end in (self.end50, self.end90) if end is not None), default=None)
        if late is not None and late > self.target:
            return "at risk", "warn"
        return "in time", "dim"


def elapsed(row: RunRow, now: int) -> int | None:
    """What the clock shows, ms; None while it has not begun."""
    if row.clock_started_at is None:
        return None
    until = row.clock_stopped_at or row.ended_at or now
    return max(0, until - row.clock_started_at)


def forecast(run: RunView, now: int) -> Forecast | None:
    """The clock of a run; None while it has not begun."""
    row = run.row
    gone = elapsed(row, now)
    if gone is None:
        return None
    if row.clock_stopped_at is not None or not is_open(row):
        reached = row.clock_stopped_at is not None or row.state == "succeeded"
        return Forecast(gone, row.target_ms, None, None, reached=reached, proven=not row.unproven)
    p50 = p90 = 0.0
    late: list[float] = []
    for step in _clocked(run):
        if step.state in ("", "now", "unknown") and step.p50_ms:
            p50 += _left(step, step.p50_ms, now)
            late.append(_left(step, step.p90_ms, now) - _left(step, step.p50_ms, now))
    p90 = p50 + hypot(*late)
    if not late:
        return Forecast(gone, row.target_ms, row.predicted_ms, None)
    if row.target_ms is None:
        return Forecast(gone, None, gone + int(p50), gone + int(p90))
    spare = row.target_ms - gone
    ends = gone + int(p50), gone + int(p90)
    return Forecast(gone, row.target_ms, *ends, spare - int(p50), spare - int(p90))


def _clocked(run: RunView) -> list[StepView]:
    """The steps up to the one that stops the clock."""
    steps = [step for step in run.steps if step.depth == 0]
    names = [step.id for step in steps]
    return steps[: names.index(run.clock_stops) + 1] if run.clock_stops in names else steps


def _left(step: StepView, span: int, now: int) -> int:
    """What is left of a step's span. One that has not ended takes some time yet, or none is known
    of it: a question waits for people, not for the clock."""
    if step.state == "unknown":
        return 0
    return span if step.begun_at is None else max(0, span - (now - step.begun_at))


def clock_lines(view: View, run: RunView) -> list[Line]:
    """Four rows under a heading where there is room, else two; none for a run without a clock."""
    cast = forecast(run, view.now)
    if cast is None:
        if run.row.target_ms is None or not is_open(run.row):
            return []
        target = numbers.duration(run.row.target_ms / 1000)
        said = view.words.say("The clock has not begun. It has {target}.", target=target)
        return [Row(view.width).put(TEXT, said, "dim").line()]
    return (
        _large(view, run, cast) if view.height >= 40 and view.width >= 100 else _small(view, cast)
    )


def _large(view: View, run: RunView, cast: Forecast) -> list[Line]:
    say, row = view.words.say, run.row
    assert row.clock_started_at is not None
    zone = view.document.timezone
    began = numbers.moment(row.clock_started_at, view.now, zone, view.words)
    begun = say("since {time}", time=f"{run.clock_starts} {began}".strip())
    if run.clock_stops and not (row.clock_stopped_at or row.ended_at):
        begun += say(", stops at {step}", step=run.clock_stops)
    stopped = row.clock_stopped_at or row.ended_at
    until = [Label(view.width - 1, say("stopped"))] if stopped else []
    rows = [Row(view.width) for _ in range(3)]
    for part, line in zip(large(_clock(cast.elapsed)), rows, strict=True):
        line.put(TEXT, part, "strong")
    end = view.width - 1
    bar = max(_BAR, TEXT + len(large(_clock(cast.elapsed))[0]) + 12)
    rows[0].to(bar).spans(_bar(cast, end - bar))
    if cast.target is not None:
        of = say("of {target}", target=_clock(cast.target))
        rows[1].put(bar - len("of 10:00") - 5, of, "text", bar - 1)
        word, role = cast.verdict
        rows[2].put(bar - len("of 10:00") - 5, _verdict(word, view), role, bar - 1)
    _ends(rows[1], view, cast, bar)
    _decide_by(rows[2], view, run, cast, bar)
    title = say("RECOVERY CLOCK") if row.target_ms is not None else say("CLOCK")
    return [heading(view.width, title, begun, until), *(each.line() for each in rows)]


def _small(view: View, cast: Forecast) -> list[Line]:
    say = view.words.say
    row = Row(view.width).put(TEXT, _clock(cast.elapsed), "strong b")
    word, role = cast.verdict
    if cast.target is not None:
        row.then(" " + say("of {target}", target=_clock(cast.target)), "text")
        row.then(f"  {_verdict(word, view)}", role)
    at = max(row.at + 2, 27)
    right = _predicted(view, cast)
    row.to(at).spans(_bar(cast, view.width - 2 - at - (cell_len(right) + 2 if right else 0)))
    return [row.right(view.width - 1, right, "dim").line() if right else row.line()]


def _verdict(word: str, view: View) -> str:
    say = view.words.say
    said = {
        "over": say("over its target"),
        "not reached": say("not reached"),
        "not measured": say("not measured"),
        "at risk": say("at risk"),
        "in time": say("in time"),
    }
    return said.get(word, "")


def _predicted(view: View, cast: Forecast) -> str:
    if cast.end50 is None:
        return ""
    span = _clock(cast.end50)
    if cast.end90 is not None and cast.end90 != cast.end50:
        span = f"{span}–{_clock(cast.end90)}"
    return view.words.say("predicted {span}", span=span)


def _ends(row: Row, view: View, cast: Forecast, start: int) -> None:
    row.put(start, _predicted(view, cast), _ahead(cast), view.width - 1)


def _ahead(cast: Forecast) -> str:
    return "warn" if cast.verdict[0] == "at risk" else "text"


def _decide_by(row: Row, view: View, run: RunView, cast: Forecast, start: int) -> None:
    """Until when an answer must be there: a time of day, for a person who has no hand free."""
    if not run.questions or cast.safe50 is None or cast.target is None:
        return
    say, zone = view.words.say, view.document.timezone
    if cast.safe50 <= 0:
        said = say("A decision now is too late for half of all runs.")
        row.put(start, said, "warn", view.width - 1)
        return
    by50 = numbers.clock(view.now + cast.safe50, zone)
    if cast.safe90 is None or cast.safe90 <= 0 or cast.safe90 == cast.safe50:
        row.put(start, say("Decide by {time}", time=by50), "warn b", view.width - 1)
        row.then(say(" for 5 of 10 within {target}.", target=_clock(cast.target)), "dim")
        return
    by90 = numbers.clock(view.now + cast.safe90, zone)
    row.put(start, say("Decide by {time}", time=by90), "warn b", view.width - 1)
    rest = say(
        " for 9 of 10 within {target}, by {time} for 5.", target=_clock(cast.target), time=by50
    )
    row.then(rest, "dim", view.width - 1)


def _bar(cast: Forecast, width: int) -> list[Span]:
    """What has gone by, what is predicted, and the target as `┃`."""
    width = max(0, width)
    known = [cast.elapsed, cast.target or 0, cast.end90 or cast.end50 or 0]
    scale = max(1, *known) * 1.08 / max(1, width)
    cells = ["─"] * width
    roles = ["faint"] * width

    def fill(start: int, end: int, role: str) -> None:
        for at in range(max(0, int(start / scale)), min(width, int(end / scale))):
            cells[at], roles[at] = "━", role

    if cast.end90 is not None and cast.end50 is not None:
        fill(cast.end50, cast.end90, _ahead(cast))
    over = cast.target is not None and cast.elapsed > cast.target
    fill(0, cast.elapsed, "crit" if over else "text")
    if cast.target is not None and width:
        at = min(width - 1, int(cast.target / scale))
        cells[at], roles[at] = "┃", "strong"
    spans: list[Span] = []
    for cell, role in zip(cells, roles, strict=True):
        if spans and spans[-1].role == role:
            spans[-1] = Span(spans[-1].text + cell, role)
        else:
            spans.append(Span(cell, role))
    return spans


def _clock(ms: int) -> str:
    """`5:20`, from an hour `1:05:20`: a stopwatch, not a duration in words."""
    seconds = ms // 1000
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return f"{hours}:{minutes:02d}:{seconds % 60:02d}"
    return f"{minutes}:{seconds % 60:02d}"
