"""The table of verbs, and the options before them.

A verb's module is imported when the verb is used, so that `status --json` stays fast.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from tui.commands.target import Target
from watch.error import SourceError

#: Each is a module of this package and, in it, a function or a group of that name; and what
#: `--help` says of it.
VERBS: Mapping[str, str] = {
    "status": "How the estate and its watch are, in a few lines.",
    "hosts": "Hosts with their state and last figures, or all about one.",
    "problems": "What is wrong, worst first.",
    "ack": "Say that you have a problem, why, and for how long.",
    "unack": "Take an acknowledgement back.",
    "silence": "Problems that wake nobody for a while.",
    "unsilence": "End a silence before its time.",
    "notify": "Who is told of problems, and a test of it.",
    "events": "What happened, newest first.",
    "history": "A metric of a host over time, and where it was not measured.",
    "records": "Check what is kept, write it out, or tidy it now.",
    "services": "How each service is, since when and why.",
    "budget": "What is left of this month, service by service.",
    "queues": "What waits, how it moves, and when it is full.",
    "replication": "Database servers, their standbys, and how far these are behind.",
    "certs": "Certificates, in files and as they are served, by what is left.",
    "patches": "What waits to be installed on each host, security first.",
    "backups": "The newest copy of each backup, and how old it is.",
    "readiness": "Could each service move to its other site now, and why not.",
    "tenants": "Each tenant's month, the worst off first.",
    "ledger": "Availability: compute it from a file, or write a month out.",
    "vantage": "What this watch saw of services, for the watch at another site.",
    "runbook": "Check runbooks, list those there are, or plan a run of one.",
    "run": "Begin a run of a runbook, and follow it.",
    "runs": "What was run; follow a run, answer it, hold it or end it.",
    "snapshot": "The handover of this moment, or one that was kept.",
    "note": "What the next shift should know, in people's own words.",
    "handover": "A change of shift: offer what is open, take it, sign for it.",
    "report": "What happened between two moments, as a document.",
    "estate": "Check an estate file, describe it, or make a first one.",
    "watch": "Start the watch in the background, run it here, or stop it.",
    "serve": "The console in a browser on this machine, to look at.",
    "doctor": "Every problem of the set-up, with its remedy.",
    "demo": "The console on an embedded estate that leaves nothing behind.",
}

#: Those that are made of the board alone, of which moments are kept, or of the journals of runs:
#: they understand `--at`.
OF_THE_PAST = frozenset(
    (
        *("hosts", "problems", "services", "budget", "queues"),
        *("readiness", "tenants", "certs", "patches", "replication", "backups", "runs"),
    )
)


class Verbs(TyperGroup):
    """Loads a verb when it is asked for."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        return list(VERBS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]
        if cmd_name not in VERBS:
            return None
        verb = getattr(import_module(f"tui.commands.{cmd_name}"), cmd_name)
        if not isinstance(verb, typer.Typer):
            single = _typer()
            single.command(cmd_name)(verb)
            verb = single
        command = typer.main.get_command(verb)
        command.short_help = VERBS[cmd_name]
        return command

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            near = get_close_matches(name, VERBS, 1)
            todo = f"did you mean {near[0]}?" if near else "see twinwatch --help"
            raise SourceError("no such verb", name, f"there are {', '.join(VERBS)}", todo)
        return super().resolve_command(ctx, args)


def _typer(**more: Any) -> typer.Typer:
    return typer.Typer(
        add_completion=more.pop("add_completion", False),
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        **more,
    )


app = _typer(cls=Verbs, add_completion=True)


@app.callback(invoke_without_command=True)
def twinwatch(
    context: typer.Context,
    *,
    estate: Annotated[
        str | None, typer.Option(metavar="FILE", help="The estate file.", show_default=False)
    ] = None,
    ssh_config: Annotated[
        str | None, typer.Option(metavar="FILE", help="Watch the hosts of an ssh_config instead.")
    ] = None,
    socket: Annotated[
        Path | None, typer.Option(metavar="SOCKET", help="Speak to the watch behind this socket.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Print the board as text; for screen readers.")
    ] = False,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="As it was then: 02:10, 15m ago.", show_default=False),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Watch an estate over SSH: the console, and its verbs on the command line.

    Without a verb it opens the console, and starts a watch in the background if there is none.
    """
    context.obj = Target(socket, estate, ssh_config, plain, at)
    verb = context.invoked_subcommand
    if at is not None and verb is not None and verb not in OF_THE_PAST:
        why = "it is made neither of boards nor of journals, which are kept"
        todo = f"leave --at out, or ask {', '.join(sorted(OF_THE_PAST))} with it"
        raise SourceError("it knows no past", f"twinwatch {verb}", why, todo)
    if version:
        from estate.version import VERSION

        print(f"twinwatch {VERSION}")
    elif verb is None:
        from tui.commands.console import open_console

        raise typer.Exit(open_console(context.obj))


def obey(arguments: Sequence[str]) -> int:
    """Do what the words of a command line say; returns the exit status.

    Raises SourceError when they are not understood, and whatever the verb raises.
    """
    command = typer.main.get_command(app)
    gc.freeze()  # all that the parser loads is here, to stay
    gc.enable()
    try:
        status = command.main(list(arguments), prog_name="twinwatch", standalone_mode=False)
    except TyperException as error:
        said = error.format_message().rstrip(".").replace("Value error, ", "")
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "twinwatch"
        what = f"{said[:1].lower()}{said[1:]}"
        raise SourceError(what, path, "", f"see {path} --help") from error
    return status if isinstance(status, int) else 0
