"""`twinwatch runbook lint|schema|list|plan|suggest`: runbooks, before anything is run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from estate.error import FileRefused
from tui.commands.contract import FAILED
from tui.commands.given import Secrets, Set
from tui.commands.show import emit, emit_json
from tui.commands.target import at_home, target_of
from tui.commands.wanted import AsJson, problems_like, runbooks_like
from watch.error import NoEstate, WatchError

if TYPE_CHECKING:
    from watch.runbookfiles import Shelved

#: A plan asks hosts, each up to the time-out of its check.
_PATIENCE_SECONDS = 120.0

runbook = typer.Typer(
    help="Check runbooks, list those there are, or plan a run of one.",
    rich_markup_mode=None,
    add_completion=False,
)


@runbook.command()
def lint(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    *,
    as_json: AsJson = False,
) -> None:
    """Check runbooks: every problem at once, each with its line. Exit 1 if there is one."""
    said, unread = [], None
    for file in files:
        try:
            said.append(_linted(Path(at_home(str(file)))))
        except WatchError as error:  # what is wrong with the others is said all the same
            unread = unread or error
    if unread is not None and not said:
        raise unread
    if as_json:
        emit_json(said)
    else:
        for each in said:
            _tell(each)
    if unread is not None:
        raise unread
    if any(each["problems"] for each in said):
        raise typer.Exit(FAILED)


def _linted(path: Path) -> dict[str, Any]:
    from watch.runbookfiles import linted

    try:
        made, remarks = linted(path)
    except FileRefused as error:
        problems = [asdict(problem) for problem in error.problems]
        return {"file": str(path), "problems": problems, "remarks": []}
    return {
        "file": str(path),
        "problems": [],
        "remarks": [asdict(remark) for remark in remarks],
        "runbook": made.name,
        "version": made.version,
        "steps": len(made.steps),
    }


def _tell(said: dict[str, Any]) -> None:
    for each in said["problems"]:
        emit(f"{said['file']}:{each['line']}: {each['what']} — {each['todo']}")
    for each in said["remarks"]:
        emit(f"{said['file']}:{each['line']}: by the way: {each['what']}")
    if not said["problems"]:
        many = "step" if said["steps"] == 1 else "steps"
        emit(f"{said['file']}: no problems; {said['runbook']}, {said['steps']} {many}")


@runbook.command()
def schema() -> None:
    """Print the JSON Schema of runbooks, for editors."""
    from watch.runbookfiles import described

    emit_json(described())


@runbook.command()
def plan(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="RUNBOOK", autocompletion=runbooks_like)],
    *,
    set_: Set = None,
    secrets: Secrets = "",
    drill: Annotated[bool, typer.Option("--drill", help="As a drill.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what a run would do where, and every reason not to start it. Exit 1 if there is one.

    Hosts are asked what must hold before and what is done already; nothing is changed.
    """
    from estate.plans import PlanView
    from estate.wire import from_json
    from tui.commands.planned import lines_of
    from tui.commands.run import given_for
    from watch.client import Client

    # Hosts that don't answer are waited for, each to its check's own time-out.
    client = Client(target_of(context).attached().socket, _PATIENCE_SECONDS)
    given = given_for(client, name, set_, secrets, drill=drill)
    raw = client.post("/v1/plan", {"runbook": name, "set": given, "drill": drill})
    made = from_json(PlanView, raw)
    if as_json:
        emit_json(raw)
    else:
        for line in lines_of(made):
            emit(line)
    if made.reasons:
        raise typer.Exit(FAILED)


@runbook.command()
def suggest(
    context: typer.Context,
    problem: Annotated[str, typer.Argument(metavar="PROBLEM", autocompletion=problems_like)],
    *,
    as_json: AsJson = False,
) -> None:
    """Say which runbooks are for a problem, by its id of `problems`, and with which inputs."""
    from tui.commands.tables import Cell, Column, emit_table

    rows = target_of(context).client().get("/v1/suggestions", {"problem": problem})
    if as_json:
        emit_json(rows)
        return
    columns = (Column("NAME"), Column("INPUTS"), Column("WHAT"))
    told = [
        (
            Cell(row["runbook"], "strong"),
            Cell(" ".join(f"{name}={value}" for name, value in row.get("given", {}).items())),
            Cell(row.get("title", "")),
        )
        for row in rows
    ]
    emit_table(columns, told, f"no runbook suggests itself for {problem}")


@runbook.command("list")
def list_(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the runbooks there are, and what is wrong with those that can't be run."""
    target = target_of(context)
    if target.socket is not None:  # the library of that watch, which plans and runs them
        raw = target.client().get("/v1/runbooks")
        rows, where = [{**_NOTHING, **each} for each in raw], f"{target.socket}'s library"
    else:
        from watch.runbookfiles import places, shelf

        try:
            estate = target.source().path
        except NoEstate:
            estate = None
        folders = places(os.environ, estate)
        rows = [_row(each) for each in shelf(folders)]
        where = ", ".join(map(str, folders))
    if as_json:
        emit_json(rows)
    else:
        _tell_list(rows, where)


#: What a row says where there is nothing to say: the watch leaves it out.
_NOTHING: dict[str, Any] = {
    "title": "",
    "version": None,
    "steps": None,
    "target_ms": None,
    "sensitive": False,
    "drill": "",
    "way_back": "",
    "problem": "",
    "hidden_by": "",
}


def _row(shelved: Shelved) -> dict[str, Any]:
    made = shelved.runbook
    return {
        "name": shelved.name,
        "file": str(shelved.path),
        "title": made.title if made else "",
        "version": made.version if made else None,
        "steps": len(made.steps) if made else None,
        "target_ms": made.clock.target_ms if made and made.clock else None,
        "sensitive": made.sensitive if made else None,
        "drill": made.drill if made else "",
        "way_back": made.way_back if made else "",
        "problem": _problem(shelved),
        "hidden_by": str(shelved.hidden_by) if shelved.hidden_by else "",
    }


def _problem(shelved: Shelved) -> str:
    if shelved.hidden_by:
        return f"hidden by {shelved.hidden_by}"
    problem = shelved.problem
    if isinstance(problem, FileRefused):
        many = len(problem.problems)
        return f"{many} problem{'' if many == 1 else 's'}: twinwatch runbook lint {shelved.path}"
    return f"{problem.what}: {problem.why}" if problem else ""


def _tell_list(found: Sequence[dict[str, Any]], where: str) -> None:
    from tui.commands.tables import Cell, Column, emit_table
    from tui.paint.numbers import duration

    columns = (Column("NAME"), Column("STEPS", ">"), Column("TARGET", ">"), Column("WHAT"))
    rows = []
    for each in found:
        steps, target, problem = each["steps"], each["target_ms"], each["problem"]
        rows.append(
            (
                Cell(each["name"], "strong"),
                Cell("" if steps is None else str(steps)),
                Cell("" if target is None else duration(target / 1000)),
                Cell(problem or each["title"], "warn" if problem else "text"),
            )
        )
    emit_table(columns, rows, f"no runbooks in {where}")
