"""`twinwatch doctor`: every problem of the set-up, with its remedy."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from tui.commands.contract import FAILED
from tui.commands.show import emit_json
from tui.commands.speech import words_for
from tui.commands.tables import Cell, Column, emit_table
from tui.commands.target import Target, target_of
from tui.commands.wanted import AsJson
from watch.client import Client
from watch.error import SourceError, WatchError

if TYPE_CHECKING:
    from estate.document import HostRow

#: Worst first, with the roles of `tui.paint.cells`.
_ROLES = {"fail": "crit b", "warn": "warn", "ok": "good"}
_COLUMNS = (Column("VERDICT"), Column("CHECK"), Column("WHAT — REMEDY"))


def doctor(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Look at everything a watch needs, and name each problem with its remedy.

    It works with and without a watch, and ends with 1 where something fails.
    """
    findings = _findings(target_of(context))
    if as_json:
        emit_json(findings)
    else:
        worst_first = sorted(findings, key=lambda each: list(_ROLES).index(each["verdict"]))
        rows = [
            (
                Cell(each["verdict"], _ROLES[each["verdict"]]),
                Cell(each["check"], "strong"),
                Cell(" — ".join(filter(None, (each["what"], each["remedy"])))),
            )
            for each in worst_first
        ]
        words = words_for("")  # the estate may be what is wrong
        emit_table(_COLUMNS, rows, words.say("nothing was looked at"), words)
    if any(each["verdict"] == "fail" for each in findings):
        raise typer.Exit(FAILED)


def _findings(target: Target) -> Sequence[dict[str, str]]:
    """As the watch behind a socket sees it; else as this person's own session does."""
    if target.socket is not None:
        said: Sequence[dict[str, str]] = target.client().get("/v1/doctor")
        return [*said, *_of_console()]
    from watch.doctor import examine, examine_without_estate

    try:
        source, place = target.source(), target.place()
    except SourceError as missing:
        found = examine_without_estate(missing, os.environ)
    else:
        found = examine(source, place, os.environ, _rows(Client(place.socket)))
    return [*(finding.plain() for finding in found), *_of_console()]


def _of_console() -> list[dict[str, str]]:
    """What can't be used in the files that this person wrote for the console."""
    from tui.console.keys.keymap import read_keys
    from tui.console.preferences.settings import config_home, read_settings

    home = config_home(os.environ)
    wrong = {
        "settings": read_settings(home / "settings.yaml")[1],
        "keys of the console": read_keys(home / "keys.yaml")[1],
    }
    return [
        {
            "check": check,
            "verdict": "warn",
            "what": f"{each.path}:{each.line}: {each.what}",
            "remedy": each.todo,
        }
        for check, complaints in wrong.items()
        for each in complaints
    ]


def _rows(client: Client) -> tuple[HostRow, ...]:
    """The board's rows, none where no watch answers: hosts' notes are part of the diagnosis."""
    from estate.document import HostRow
    from estate.wire import from_json

    try:
        return tuple(from_json(HostRow, row) for row in client.get("/v1/hosts"))
    except WatchError:
        return ()
