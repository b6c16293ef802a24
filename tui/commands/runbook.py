"""`twinwatch runbook lint|schema|list`: runbooks, before anything is run."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from estate.error import FileRefused
from tui.commands.contract import FAILED
from tui.commands.show import emit, emit_json
from tui.commands.target import at_home, target_of
from tui.commands.wanted import AsJson
from watch.error import NoEstate

if TYPE_CHECKING:
    from watch.runbookfiles import Shelved

runbook = typer.Typer(
    help="Check runbooks, describe them to an editor, or list those there are.",
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
    said = [_linted(Path(at_home(str(file)))) for file in files]
    if as_json:
        emit_json(said)
    else:
        for each in said:
            _tell(each)
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
        "steps": len(tuple(made.all_steps())),
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


@runbook.command("list")
def list_(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the runbooks there are, and what is wrong with those that can't be run."""
    from watch.runbookfiles import places, shelf

    try:
        estate = target_of(context).source().path
    except NoEstate:
        estate = None
    where = places(os.environ, estate)
    found = shelf(where)
    if as_json:
        emit_json([_row(each) for each in found])
    else:
        _tell_list(found, where)


def _row(shelved: Shelved) -> dict[str, Any]:
    made = shelved.runbook
    return {
        "name": shelved.name,
        "file": str(shelved.path),
        "title": made.title if made else "",
        "version": made.version if made else None,
        "steps": len(tuple(made.all_steps())) if made else None,
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


def _tell_list(found: tuple[Shelved, ...], where: tuple[Path, ...]) -> None:
    from tui.commands.tables import Cell, Column, emit_table
    from tui.paint.numbers import duration

    columns = (Column("NAME"), Column("STEPS", ">"), Column("TARGET", ">"), Column("WHAT"))
    rows = []
    for each in found:
        made, problem = each.runbook, _problem(each)
        target = duration(made.clock.target_ms / 1000) if made and made.clock else ""
        rows.append(
            (
                Cell(each.name, "strong"),
                Cell(str(len(tuple(made.all_steps()))) if made else ""),
                Cell(target),
                Cell(problem or (made.title if made else ""), "warn" if problem else "text"),
            )
        )
    emit_table(columns, rows, f"no runbooks in {', '.join(str(each) for each in where)}")
