"""`twinwatch runs`: what was run, and the word of a person in what is running."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from estate.clean import clean
from estate.plans import InputView
from estate.runs import RunRow, RunView, TaskView
from tui.commands.given import Secrets, Set, complete, parsed, secrets_in
from tui.commands.show import emit, emit_json, emit_pairs
from tui.commands.speech import words_of
from tui.commands.tables import Cell, Column, emit_table
from tui.commands.target import target_of
from tui.commands.wanted import AsJson, run_named, runs_like
from watch.error import SourceError

if TYPE_CHECKING:
    from estate.language import Words
    from watch.client import Client

runs = typer.Typer(
    help="What was run; follow a run, answer it, hold it or end it.",
    rich_markup_mode=None,
    add_completion=False,
    invoke_without_command=True,
)

Id = Annotated[str, typer.Argument(metavar="RUN", autocompletion=runs_like, callback=run_named)]
Reason = Annotated[str, typer.Option(help="Why, for the record.", show_default=False)]
Host = Annotated[str, typer.Option(metavar="HOST", help="On which host.", show_default=False)]

#: Of a step's output in one question.
_PIECE_BYTES = 1 << 20
#: What one character can become: `\\U000e0041`.
_LONGEST_ESCAPE = 10

_ROLES = {
    "failed": "crit b", "aborted": "warn", "needs-decision": "crit b", "waiting": "warn",
    "rolled-back": "warn", "paused": "warn", "unknown": "unk b", "timed-out": "crit b",
    "waived": "warn",
}  # fmt: skip


@runs.callback()
def listed(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List runs, the newest first; or show, follow and answer one."""
    if context.invoked_subcommand is not None:
        return
    from estate.wire import from_json
    from tui.paint.numbers import duration, moment
    from tui.paint.runwords import run_rest

    client = target_of(context).client()
    raw = client.get("/v1/runs")
    if as_json:
        emit_json(raw)
        return
    zone, now = client.get("/v1/estate")["timezone"], client.clock()
    columns = (
        Column("RUN"), Column("STATE"), Column("RUNBOOK"), Column("BEGUN"), Column("BY"),
        Column("TOOK", ">"), Column("WHAT"),
    )  # fmt: skip
    rows = []
    for row in (from_json(RunRow, each) for each in raw):
        took = duration(((row.ended_at or now) - row.started_at) / 1000)
        rows.append(
            (
                Cell(row.id, "strong"),
                Cell(_stated(row), _ROLES.get(row.state, "warn" if row.waived else "text")),
                Cell(row.runbook + (" (drill)" if row.drill else "")),
                Cell(moment(row.started_at, now, zone), "dim"),
                Cell(row.by),
                Cell(took),
                Cell(clean(run_rest(row))),
            )
        )
    words = words_of(client)
    emit_table(columns, rows, words.say("nothing was run yet"), words)


@runs.command()
def show(
    context: typer.Context,
    run: Id,
    *,
    follow: Annotated[
        bool, typer.Option("--follow", help="Until it ends, or asks a person.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show a run: its steps on their hosts, what it asks, and what happened."""
    from estate.wire import from_json

    client = target_of(context).client()
    if follow:
        if client.at is not None:
            what, why = "nothing to follow", "what is past does not go on"
            raise SourceError(what, run, why, "leave --at or --follow out")
        from tui.commands.following import follow as follow_it

        if status := follow_it(client, run, as_json=as_json):
            raise typer.Exit(status)
        return
    raw = client.get(f"/v1/runs/{run}")
    if as_json:
        emit_json(raw)
    else:
        zone = client.get("/v1/estate")["timezone"]
        _tell(from_json(RunView, raw), zone, words_of(client))


@runs.command()
def output(
    context: typer.Context,
    run: Id,
    step: Annotated[str, typer.Argument(metavar="STEP")],
    *,
    host: Host = "",
) -> None:
    """Print what a step printed, with everything visible that could act on a terminal."""
    from estate.wire import from_json

    client = target_of(context).client()
    view = from_json(RunView, client.get(f"/v1/runs/{run}"))
    for line in _lines(client, run, _printed(view, step, host)):
        for part in line.splitlines() or ("",):  # a progress bar goes back to where it began
            emit(clean(part, limit=_LONGEST_ESCAPE * len(part) + 1))


def _lines(client: Client, run: str, task: TaskView) -> Iterator[str]:
    """Every line that an attempt printed, whole, however long it is."""
    begun = ""
    for at in range(0, task.output_bytes, _PIECE_BYTES):
        query = {"name": task.output, "offset": at, "limit": _PIECE_BYTES}
        *whole, begun = f"{begun}{client.get(f'/v1/runs/{run}/output', query)}".split("\n")
        yield from whole
    if begun:
        yield begun


def _printed(view: RunView, step: str, host: str) -> TaskView:
    """The one attempt that is meant; raises SourceError where none or several are."""
    meant = [each for each in (*view.before, *view.steps) if each.id == step]
    tasks = [task for each in meant for task in each.tasks if host in ("", task.host)]
    every = [task for task in tasks if task.output]
    where = f"{step} on {host}" if host else step
    if not every:
        ended = any(task.ended_at is not None for task in tasks)
        checked = ended and any(each.kind == "check" for each in meant)
        why = "a check keeps no output" if checked else "nothing of it ran there"
        todo = f"see {'what it found: ' if checked else ''}twinwatch runs show {view.row.id}"
        raise SourceError("no output", where, why, todo)
    if len(every) > 1:
        hosts = ", ".join(dict.fromkeys(task.host for task in every))
        raise SourceError("several outputs", where, f"it ran on {hosts}", "add --host HOST")
    return every[0]


@runs.command()
def decide(
    context: typer.Context,
    run: Id,
    step: Annotated[str, typer.Argument(metavar="STEP")],
    decision: Annotated[str, typer.Argument(metavar="approve|refuse|waive|settle|retry|roll-back")],
    *,
    reason: Reason = "",
    host: Host = "",
    everywhere: Annotated[
        bool, typer.Option("--all", help="On every host on which it is asked.")
    ] = False,
    outcome: Annotated[
        str, typer.Option(metavar="ok|failed", help="How it ended, to settle.", show_default=False)
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Answer what a run asks about a step, on one host or on all."""
    if host and everywhere:
        raise SourceError("two answers", f"--host {host} --all", "it is one or all", "keep one")
    body: dict[str, Any] = {"step": step, "decision": decision, "reason": reason, "host": host}
    body |= {"outcome": outcome, "all": everywhere}
    _said(target_of(context).client(), run, "decide", body, as_json=as_json)


@runs.command()
def pause(context: typer.Context, run: Id, *, reason: Reason = "", as_json: AsJson = False) -> None:
    """Begin nothing new; what runs goes on, and so does the clock."""
    _said(target_of(context).client(), run, "pause", {"reason": reason}, as_json=as_json)


@runs.command()
def resume(
    context: typer.Context,
    run: Id,
    *,
    set_: Set = None,
    secrets: Secrets = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Go on with a run that was paused, or give it secrets that a restart of the watch lost."""
    client, plain, hidden = target_of(context).client(), parsed(set_ or ()), secrets_in(secrets)
    if plain:
        named = client.get(f"/v1/runs/{run}").get("secrets", ())
        complete([InputView(name, "secret", "") for name in named], plain, hidden)
    body = {"reason": reason, "set": {**plain, **hidden}}
    _said(client, run, "resume", body, as_json=as_json)


@runs.command()
def abort(
    context: typer.Context,
    run: Id,
    *,
    now: Annotated[
        bool, typer.Option("--now", help="Stop what runs, rather than let it end.")
    ] = False,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """End a run after this step; nothing is taken back without being asked."""
    _said(
        target_of(context).client(), run, "abort", {"reason": reason, "now": now}, as_json=as_json
    )


@runs.command()
def again(
    context: typer.Context,
    run: Id,
    *,
    secrets: Secrets = "",
    reason: Reason = "",
    waive: Annotated[
        bool, typer.Option("--waive", help="Pass over reasons that may be waived.")
    ] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Begin it, and don't follow.")] = False,
    as_json: AsJson = False,
) -> None:
    """Begin another run of the same runbook and inputs, as for what one left that was ended.

    Steps that are done already are left out. Exit codes are those of `twinwatch run`.
    """
    from estate.wire import from_json
    from tui.commands.run import begin, given_for

    client = target_of(context).attached()
    before = from_json(RunView, client.get(f"/v1/runs/{run}"))
    name, drill = before.row.runbook, before.row.drill
    pairs = [f"{key}={value}" for key, value in before.inputs.items()]
    given = given_for(client, name, pairs, secrets, drill=drill)
    why = reason or ("" if waive else f"what {run} left")  # a waiver is never without one's own
    body = {"runbook": name, "set": given, "drill": drill, "reason": why, "waive": waive}
    begin(client, body, detach=detach, as_json=as_json)


def _said(client: Client, run: str, verb: str, body: dict[str, Any], *, as_json: bool) -> None:
    raw = client.post(f"/v1/runs/{run}/{verb}", body)
    if as_json:
        emit_json(raw)
    else:
        ends = {"now": ", is being stopped", "step": ", ends after this step"}
        emit(f"{run} {raw['state']}{ends.get(raw.get('ending', ''), '')}")


def _stated(row: RunRow) -> str:
    """The state of a run, never without what was waived of it."""
    return f"{row.state}, {row.waived:,} waived" if row.waived else row.state


def _unmeasured(row: RunRow) -> str:
    return "; its proof was waived: it measured nothing" if row.unproven else ""


def _tell(view: RunView, zone: str, words: Words) -> None:
    from tui.paint.numbers import clock
    from tui.paint.runfelt import felt_words
    from tui.paint.runshifts import shift_words
    from watch.clock import now_ms

    row = view.row
    felt = (felt_words(each, now_ms(), zone, words)[0] for each in view.felt)
    emit_pairs(
        (
            ("run", f"{row.id}  {_stated(row)}{_unmeasured(row)}"),
            ("runbook", f"{row.runbook}: {clean(row.title)}"),
            ("by", f"{row.by}, {clock(row.started_at, zone)}"),
            ("reason", clean(view.reason)),
            ("inputs", ", ".join(f"{name}={clean(value)}" for name, value in view.inputs.items())),
            ("trouble", clean(row.trouble)),
            ("ended", clean(row.why)),
            ("felt", "; ".join(felt)),
            ("hosts", shift_words(view.shifts, words)),
            ("way back", view.way_back),
        )
    )
    emit()
    columns = (Column("STEP"), Column("HOST"), Column("STATE"), Column("WHY"))
    rows = []
    for step in (*view.before, *view.steps):
        rows.append(
            (Cell(f"{'  ' * step.depth}{step.id}", "strong"), Cell(""),
             Cell(step.state, _ROLES.get(step.state, "text")), Cell(clean(step.say), "dim")),
        )  # fmt: skip
        for task in step.tasks:
            if task.host:
                said = task.outcome or task.state
                why = clean(task.why or task.silent_why)
                rows.append(
                    (Cell(""), Cell(task.host), Cell(said, _ROLES.get(said, "text")), Cell(why))
                )
    emit_table(columns, rows, "", words)
    for each in view.questions:
        where = f" on {each.host}" if each.host else ""
        emit()
        emit(f"asked about {each.step}{where}: {clean(each.text)} ({', '.join(each.choices)})")
    emit()
    for line in view.log:
        emit(f"{clock(line.at, zone)}  {line.actor}  {clean(line.what)}")
