"""`twinwatch watch`: start the watch, run it here, or stop it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.show import emit, emit_json
from tui.commands.target import Target, target_of
from tui.commands.wanted import AsJson
from watch.error import NoEstate, NoWatch, SourceError, WatchError

if TYPE_CHECKING:
    from watch.client import Client

_STOP_SECONDS = 10.0


def watch(
    context: typer.Context,
    *,
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Run here, for systemd and for looking closely.")
    ] = False,
    group: Annotated[
        str, typer.Option(metavar="GROUP", help="With --foreground: who may ask it too.")
    ] = "",
    stop: Annotated[bool, typer.Option("--stop", help="End the watch that is running.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start the watch in the background if there is none; it outlives this terminal."""
    target = target_of(context)
    if foreground and stop:
        both = "--foreground and --stop"
        raise SourceError("two orders at once", both, "a watch can't do both", "give one of them")
    if group and not foreground:
        why = "a watch in the background is of its user alone"
        raise SourceError("no watch to share", f"--group {group}", why, "give --foreground too")
    if foreground:
        _run_here(target, group)
    elif stop:
        _stop(target, as_json=as_json)
    else:
        _start(target, as_json=as_json)


def _start(target: Target, *, as_json: bool) -> None:
    said = target.attached().get("/v1/status")
    if as_json:
        emit_json(said)
    else:
        emit(f"watching {said['estate']}: process {said['pid']}, socket {said['socket']}")


def _run_here(target: Target, group: str) -> None:
    if target.socket:
        what, why = "no place for a watch", "a watch in the foreground is found by its estate"
        raise SourceError(what, f"--socket {target.socket}", why, "leave --socket out")
    place = target.place()
    if place.shared:
        what, why = "the system watches this estate", "it has a watch under an account of its own"
        raise WatchError(what, str(place.socket), why, "attach to it: twinwatch")
    sharing = ["--group", group] if group else []
    arguments = [*place.arguments(), *target.source().arguments(), *sharing]
    from watch.main import main as run_watch

    status = run_watch(arguments)
    raise typer.Exit(status if status in (0, 2) else 1)


def _stop(target: Target, *, as_json: bool) -> None:
    try:
        client = target.client()
        process = client.get("/v1/status")["pid"]
    except (NoWatch, NoEstate):  # what is asked for is so already
        process, said = None, "no watch is running: nothing to stop"
    else:
        _end(client, process)
        said = f"stopped: process {process}"
    if as_json:
        emit_json({"stopped": process})
    else:
        emit(said)


def _end(client: Client, process: int) -> None:
    """Have the watch end, and wait until it has."""
    try:
        client.post("/v1/stop")
    except WatchError as error:
        if error.status:
            raise  # it said no; else it went before it had answered, which is what was asked
    until = time.monotonic() + _STOP_SECONDS
    while client.socket.exists():
        if time.monotonic() > until:
            why = f"process {process} is still there after {_STOP_SECONDS:g} s"
            do = f"look into its log, then kill -9 {process}"
            raise WatchError("the watch did not stop", str(client.socket), why, do)
        time.sleep(0.02)
