"""`twinwatch estate lint|schema|import`: the estate file, before a watch sees it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from tui.commands.contract import BAD_INPUT
from tui.commands.show import emit, emit_json
from tui.commands.target import at_home, here, target_of
from tui.commands.wanted import AsJson
from watch.error import SourceError

estate = typer.Typer(
    help="Check an estate file, describe it to an editor, or make a first one.",
    rich_markup_mode=None,
    add_completion=False,
)

File = Annotated[str | None, typer.Option(metavar="FILE", show_default=False)]


@estate.command()
def lint(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The one found, if none is named.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Check an estate file, and that the runbooks are there that it names: every problem at once,
    each with its line."""
    from estate.file import EstateError
    from watch.namedrunbooks import linted
    from watch.source import find_source

    target = target_of(context)
    source = find_source(at_home(str(file)), None, os.environ, here()) if file else target.source()
    try:
        made = linted(source, os.environ)
    except EstateError as error:
        if not as_json:
            raise
        problems = [
            {"line": each.line, "what": each.what, "todo": each.todo} for each in error.problems
        ]
        emit_json({"file": str(source.path), "problems": problems})
        raise typer.Exit(BAD_INPUT) from None
    counts = {
        "hosts": len(made.hosts), "sites": len(made.sites), "groups": len(made.groups()),
        "services": len(made.services), "tenants": len(made.tenants),
    }  # fmt: skip
    if as_json:
        emit_json({"file": str(source.path), "problems": [], **counts})
    else:
        said = ", ".join(
            f"{count:,} {name.removesuffix('s') if count == 1 else name}"
            for name, count in counts.items()
            if count
        )
        emit(f"{source.path}: no problems; {said}")


@estate.command()
def schema() -> None:
    """Print the JSON Schema of the estate file, for editors."""
    from estate.schema import estate_schema

    emit_json(estate_schema())


@estate.command("import")
def import_(
    *,
    ansible: File = None,
    ssh_config: File = None,
    prometheus_sd: File = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write here; never over a file.")
    ] = None,
) -> None:
    """Make a first estate from an Ansible inventory, an ssh_config or Prometheus' file_sd."""
    from estate.importing import from_ansible, from_prometheus_sd, from_ssh_config
    from watch.source import Source, text_of

    readers = {
        "--ansible": (ansible, from_ansible),
        "--ssh-config": (ssh_config, from_ssh_config),
        "--prometheus-sd": (prometheus_sd, from_prometheus_sd),
    }
    given = [(option, file, read) for option, (file, read) in readers.items() if file]
    if len(given) != 1:
        where = " and ".join(option for option, _, _ in given) or "none given"
        what, why = "one source is needed", "an estate is made from one inventory"
        raise SourceError(what, where, why, f"give one of {', '.join(readers)}")
    option, file, read = given[0]
    path = Path(at_home(file))
    written = read(text_of(Source(path, ssh=option == "--ssh-config")), file)
    if output is None:
        emit(written.rstrip("\n"))
    else:
        _write_new(output, written)
        emit(f"written to {output}; what is marked with << is yours to fill in")


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        why = "it is there already" if isinstance(error, FileExistsError) else error.strerror
        todo = "name a file that does not exist, where you may write"
        raise SourceError("the estate can't be written", str(path), why or "", todo) from None
