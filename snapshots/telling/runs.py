"""Section 7: what was run, how it ended, what nobody knows of it, and who must decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from estate.language import later
from estate.runs import DecisionRow, RunRow
from snapshots.page import Bar, Block, Heading, Paragraph, Phrase, TimeLine, table
from snapshots.runstates import STATES
from snapshots.snapshot import RUNS, Run
from snapshots.telling import figures
from snapshots.telling.teller import Teller

_MOST_ROWS = 30
_MOST_LINES = 3
_MOST_BARS = 24
_MOST_DECISIONS = 20

_STEPS: Mapping[str, tuple[str, str]] = {
    "ok": (later("done"), "good"),
    "failed": (later("failed"), "crit"),
    "unknown": (later("not known"), "unk"),
    "waived": (later("waived"), "warn"),
    "skipped": (later("passed over"), "dim"),
    "now": (later("running"), "info"),
    "": (later("not begun"), "dim"),
}

DECISIONS: Mapping[str, tuple[str, str]] = {
    "approved": (later("approved"), "good"),
    "refused": (later("rejected"), "warn"),
    "waived": (later("waived"), "warn"),
    "settled-ok": (later("settled: done"), "warn"),
    "settled-failed": (later("settled: failed"), "warn"),
    "retried": (later("once more"), "info"),
    "rolled-back": (later("take it back"), "warn"),
    "paused": (later("paused"), "warn"),
    "resumed": (later("resumed"), "info"),
    "aborted": (later("aborted after the step"), "warn"),
    "aborted-now": (later("aborted now"), "crit"),
    "took-locks-over": (later("took the locks over"), "warn"),
}


def tell_runs(t: Teller) -> tuple[Block, ...]:
    """The runs of the period and those that are open; then what is unknown, then their clocks."""
    order = list(STATES)
    runs = sorted(
        t.snapshot.runs,
        key=lambda run: (
            order.index(run.row.state) if run.row.state in order else 0,
            -run.row.started_at,
            run.row.id,
        ),
    )
    say = t.words.say
    unread = {each.where for each in t.snapshot.unseen if each.kind == "records"}
    if not runs and RUNS in unread:
        return (Paragraph(Phrase(say("not known: no run can be read"), "unk")),)
    if not runs:
        return ()
    more = len(runs) - _MOST_ROWS
    titles = (say("run"), say("what"), say("state"), say("by"), say("begun"), say("took"),
              say("target"), say("steps"), say("who must decide what"))  # fmt: skip
    blocks: list[Block] = [
        table(
            titles,
            [_row(t, each) for each in runs[:_MOST_ROWS]],
            right="     >>> ",
            more=say("and {count:,} more", count=more) if more > 0 else "",
        )
    ]
    lost = [(run, what) for run in runs for what in run.unknown]
    blocks.append(Heading(Phrase(say("Outcome unknown"))))
    lost += [(run, say("its record could not be read")) for run in runs if run.row.id in unread]
    if lost:
        rows = [(Phrase(run.row.id, "strong"), Phrase(what, "unk")) for run, what in lost]
        blocks.append(table((say("run"), say("what nobody knows the outcome of")), rows))
    else:
        blocks.append(t.none())
    drawn = [run for run in runs if run.steps][:_MOST_LINES]
    return (*blocks, *_decisions(t, runs), *(_time_line(t, run) for run in drawn))


def decisions_of(t: Teller, run: Run) -> Iterator[tuple[DecisionRow, Phrase, str]]:
    """What people decided in `run` until the end, with its word and what it is about."""
    for each in run.decisions:
        if each.at < t.snapshot.made_at:
            word, role = DECISIONS.get(each.what, (each.what, "unk"))
            yield each, Phrase(t.words.say(word), role), each.about


def stated(t: Teller, row: RunRow) -> Phrase:
    """The state of a run, never without what was waived of it."""
    word, role = STATES.get(row.state, (row.state, "unk"))
    said = t.words.say(word)
    if not row.waived:
        return Phrase(said, role)
    said = t.words.say("{state}, {count:,} waived", state=said, count=row.waived)
    return Phrase(said, "warn" if role == "good" else role)


def _decisions(t: Teller, runs: Sequence[Run]) -> Iterator[Block]:
    """Who let what pass, and why: the newest of each run, which are told in their order."""
    rows = [
        (
            Phrase(t.clock_of_day(said.at), "dim"),
            Phrase(run.row.id, "strong"),
            Phrase(said.by),
            word,
            Phrase(about),
            Phrase(said.why),
        )
        for run in runs
        for said, word, about in list(decisions_of(t, run))[-_MOST_DECISIONS:]
    ]
    if not rows:
        return
    say = t.words.say
    more = sum(max(0, len(run.decisions) - _MOST_DECISIONS) for run in runs)
    yield Heading(Phrase(say("What people decided")))
    titles = (say("time"), say("run"), say("decided by"), say("decision"), say("step"), say("why"))
    yield table(titles, rows, more=say("and {count:,} more", count=more) if more else "")


def _row(t: Teller, run: Run) -> tuple[Phrase, ...]:
    row = run.row
    said = stated(t, row)
    steps = f"{row.steps_done}/{row.steps_total}"
    if row.steps_passed:
        steps += f", {t.words.say('{count:,} passed over', count=row.steps_passed)}"
    title = f"{row.title} · {t.words.say('drill')}" if row.drill else row.title
    took = _took(t, run)
    over = row.target_ms is not None and took > row.target_ms
    return (
        Phrase(row.id, "strong"),
        Phrase(title),
        said,
        Phrase(row.by),
        Phrase(t.time(row.started_at)),
        Phrase(t.span(took), "crit" if over else ""),
        Phrase(figures.NONE if row.target_ms is None else t.span(row.target_ms), "dim"),
        Phrase(steps),
        Phrase(_decision(t, run), "warn" if run.questions else "dim"),
    )


def _took(t: Teller, run: Run) -> int:
    """By its clock where it has one, else from its start to its end, or to now."""
    row, now = run.row, t.snapshot.made_at
    if row.clock_started_at is not None:
        stopped = row.clock_stopped_at if row.clock_stopped_at is not None else row.ended_at
        return max(0, (now if stopped is None else stopped) - row.clock_started_at)
    return max(0, (now if row.ended_at is None else row.ended_at) - row.started_at)


def _decision(t: Teller, run: Run) -> str:
    if not run.questions:
        return "; ".join(filter(None, (run.row.why, run.row.trouble)))
    first = run.questions[0]
    said = first.text
    if first.needed > 1 or first.signed:
        said = t.words.say("{question} ({signed} of {needed} have agreed)", question=said,
                           signed=len(first.signed), needed=first.needed)  # fmt: skip
    if first.until is not None:
        said = t.words.say("{question}, until {time}", question=said, time=t.time(first.until))
    return said


def _time_line(t: Teller, run: Run) -> TimeLine:
    """The steps of a run under one axis, with the target of its clock."""
    now = t.snapshot.made_at
    shown = run.steps[:_MOST_BARS]
    row, target = run.row, None
    starts = min(each.starts for each in shown)
    ends = max(now if each.ends is None else each.ends for each in shown)
    # A run goes on behind its last step until its clock stops: a check that waits, a step waived.
    stopped = row.ended_at if row.clock_stopped_at is None else row.clock_stopped_at
    ends = max(ends, now if stopped is None else stopped)
    if row.target_ms is not None and row.clock_started_at is not None:
        target = row.clock_started_at + row.target_ms
        ends = max(ends, target) if target - starts <= 4 * max(1, ends - starts) else ends
    ends = max(ends, starts + 1)
    bars = []
    for each in shown:
        word, role = _STEPS.get(each.state, (each.state, "unk"))
        took = (now if each.ends is None else each.ends) - each.starts
        note = f"{t.span(max(0, took))} {t.words.say(word)}"
        bars.append(Bar(Phrase(each.say), each.starts, each.ends, Phrase(note, role)))
    return TimeLine(
        Phrase(row.title),
        Phrase(f"{row.id} · {stated(t, row).text}"),
        starts,
        ends,
        tuple(bars),
        ticks=tuple((at, Phrase(t.clock(at))) for at in (starts, (starts + ends) // 2, ends)),
        target=target if target is not None and starts <= target <= ends else None,
        now=now,
    )
