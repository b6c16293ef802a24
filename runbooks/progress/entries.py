"""A run's journal: facts with a number, a time and an actor, and how they are written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from estate.wire import WireError, from_json, to_json
from runbooks.progress import facts
from runbooks.progress.facts import Fact


class JournalError(Exception):
    """An entry that we can't read: of another version, or not one at all."""


#: How each is called in the journal. Names only ever get more: old journals stay readable.
NAMES: Mapping[str, type[Fact]] = {
    "intended": facts.Intended,
    "prepared": facts.Prepared,
    "go-intended": facts.GoIntended,
    "started": facts.Started,
    "output-kept": facts.OutputKept,
    "resulted": facts.Resulted,
    "judged": facts.Judged,
    "cleaned": facts.Cleaned,
    "rested": facts.Rested,
    "when-held": facts.WhenHeld,
    "check-tried": facts.CheckTried,
    "approved": facts.Approved,
    "refused": facts.Refused,
    "waived": facts.Waived,
    "settled": facts.Settled,
    "retried": facts.Retried,
    "roll-back-chosen": facts.RollBackChosen,
    "fenced-off": facts.FencedOff,
    "planned": facts.Planned,
    "preflight-begun": facts.PreflightBegun,
    "preflight-passed": facts.PreflightPassed,
    "begun": facts.Begun,
    "turned": facts.Turned,
    "batch-begun": facts.BatchBegun,
    "batch-held": facts.BatchHeld,
    "paused": facts.Paused,
    "resumed": facts.Resumed,
    "aborted": facts.Aborted,
    "clock-started": facts.ClockStarted,
    "clock-stopped": facts.ClockStopped,
    "taken-over": facts.TakenOver,
    "finished": facts.Finished,
}
_NAME_OF = {kind: name for name, kind in NAMES.items()}

#: What must be on the disk before the run goes on; the others are batched with the next of these.
DURABLE: frozenset[type[Fact]] = frozenset(_NAME_OF) - {
    facts.OutputKept,
    facts.Started,
    facts.Prepared,
    facts.CheckTried,
    facts.WhenHeld,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact on record: the `seq`-th of its run (from 1), when (UTC ms) and by whom."""

    seq: int
    at: int
    actor: str
    fact: Fact


def entry_to_json(entry: Entry) -> dict[str, Any]:
    """An entry as a dict that JSON can hold."""
    return {
        "seq": entry.seq,
        "at": entry.at,
        "actor": entry.actor,
        "fact": _NAME_OF[type(entry.fact)],
        **to_json(entry.fact),
    }


def entry_from_json(raw: Mapping[str, Any]) -> Entry:
    """The entry that `entry_to_json` made `raw` from; raises JournalError."""
    kind = NAMES.get(str(raw.get("fact")))
    if kind is None:
        raise JournalError(f"no fact is called {raw.get('fact')!r}: a newer twinwatch wrote it")
    try:
        return Entry(int(raw["seq"]), int(raw["at"]), str(raw["actor"]), from_json(kind, raw))
    except (WireError, KeyError, TypeError, ValueError) as error:
        raise JournalError(f"this is no entry of a journal: {error}") from error
