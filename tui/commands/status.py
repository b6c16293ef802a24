"""`twinwatch status`: is the watch there, and how is the estate, in a few lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from tui.commands.show import emit_json, emit_pairs
from tui.commands.target import target_of
from tui.commands.wanted import AsJson

#: The slow probes' first round begins some seconds after a host's first sample, spread over five
#: more, and has its own deadlines (collectors/rounds.py).
_FIRST_ROUND_MS = 30_000


def status(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Say how the estate and its watch are, in a few lines."""
    said = target_of(context).client().get("/v1/status")
    if as_json:
        emit_json(said)
    else:
        emit_pairs(_pairs(said))


def _pairs(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    from tui.paint.numbers import age, size

    now = said["now"]
    load = f"{said['cpu_seconds']:.1f} s of CPU, {size(said['rss_bytes'])}"
    saved = said["saved_until"]
    records = f"{said['records']}, saved {age(now - saved)} ago" if saved else said["records"]
    return [
        ("estate", f"{said['estate']}, {said['source']}"),
        ("refused", said["estate_problem"]),
        ("left out", _first(said.get("left_out", ()))),
        ("hosts", _counts(said["hosts"])),
        ("problems", _counts(said["problems"]) + _so_far(said)),
        ("in hand", _some(said.get("in_hand", {}))),
        ("watch", f"process {said['pid']} of {said['user']} on {said['watch']}, {load}"),
        ("running", f"for {age(now - said['started_at'])}, version {said['version']}"),
        ("records", f"not kept: {said['records_problem']}" if said["records_problem"] else records),
        ("socket", said["socket"]),
    ]


def _first(notes: Sequence[str]) -> str:
    """The first of what was left out, and how many more there are."""
    more = f" (and {len(notes) - 1} more: twinwatch doctor)" if len(notes) > 1 else ""
    return f"{notes[0]}{more}" if notes else ""


def _so_far(said: Mapping[str, Any]) -> str:
    """Why there may be more problems than are known: a calm start is no calm estate."""
    if waiting := said["hosts"].get("connecting", 0):
        return f" so far; {waiting} of {said['hosts']['total']} hosts not answered yet"
    if said["now"] - said["started_at"] < _FIRST_ROUND_MS:
        return " so far; the first look at units, disks and certificates goes on"
    return ""


def _some(counts: Mapping[str, int]) -> str:
    """Of {"acknowledged": 1, "silenced": 0} those that there are: "1 acknowledged"."""
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def _counts(counts: Mapping[str, int]) -> str:
    """{"total": 80, "live": 78, "late": 2} as "80: 78 live, 2 late"."""
    parts = ", ".join(f"{count} {name}" for name, count in counts.items() if name != "total")
    return f"{counts['total']}: {parts}" if parts else str(counts["total"])
