"""A run as it goes on, line by line, until it ends or a person must say something."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from estate.clean import clean
from estate.runs import RunView
from tui.commands.contract import FAILED, NEEDS_DECISION
from tui.commands.show import emit, emit_json
from watch.client import Client

#: The watch is asked so often; what happens on hosts takes seconds.
_EVERY_SECONDS = 0.5

#: The status of the command once the run has ended so.
_STATUS: Mapping[str, int] = {"succeeded": 0}


def follow(client: Client, run: str, *, as_json: bool) -> int:
    """Show what happens until the run ends or asks; the command's exit status.

    The run does not need us: interrupted, it goes on.
    """
    from estate.wire import from_json
    from tui.paint.numbers import clock

    zone = client.get("/v1/estate")["timezone"]
    told = 0
    while True:
        raw = client.get(f"/v1/runs/{run}")
        view = from_json(RunView, raw)
        if not as_json:
            for line in view.log:
                if line.seq > told:
                    emit(f"{clock(line.at, zone)}  {clean(line.what)}")
            told = max((line.seq for line in view.log), default=told)
        if view.row.ended_at is not None or view.questions:
            _tell_end(view, raw, as_json=as_json)
            return status_of(view)
        time.sleep(_EVERY_SECONDS)


def status_of(view: RunView) -> int:
    """0 succeeded, 1 ended otherwise, 4 a person must say something; 0 while it goes on."""
    if view.row.ended_at is not None:
        return _STATUS.get(view.row.state, FAILED)
    return NEEDS_DECISION if view.questions else 0


def _tell_end(view: RunView, raw: Any, *, as_json: bool) -> None:
    if as_json:
        emit_json(raw)
        return
    for each in view.questions:
        where = f" on {each.host}" if each.host else ""
        needed = f", by {each.needed}" if each.needed > 1 else ""
        emit(f"{view.row.id} asks about {each.step}{where}{needed}: {clean(each.text)}")
        host = f" --host {each.host}" if each.host else ""
        choices = "|".join(each.choices)
        emit(f"  twinwatch runs decide {view.row.id} {each.step}{host} {choices} --reason …")
    if view.row.ended_at is not None:
        waived = f", {view.row.waived:,} waived" if view.row.waived else ""
        emit(
            f"{view.row.id} {view.row.state}{waived}"
        )  # why stands in the line above, its record's last
