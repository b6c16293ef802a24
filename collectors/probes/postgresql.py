"""Replication of PostgreSQL 10 and later, as both ends tell it.

A primary's replay_lag is that of the last commit that a standby has confirmed, and does not grow
while a standby stands still: 0.03 s was read of one that was 12 MB behind. So a primary tells
seconds only of a standby that has everything: 0. A standby counts them from the last commit that it
replayed, which is the most that it may be behind, and knows nothing once it receives nothing. Its
receiver is "streaming" until wal_receiver_timeout, a minute, though a primary that hangs says
nothing any more: it asks after half of that, so whoever was not heard for longer is not believed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import nan
from typing import Any

from collectors.probes.probe import cut, refusal, unreadable
from collectors.programs import script
from collectors.runner import Answer
from estate.clean import clean
from estate.model import Host
from estate.samples import Gap, Reading

#: What PostgreSQL says of a stream is hidden from most users.
_BLIND = "this user may not see replication: GRANT pg_monitor TO it"

#: Half of wal_receiver_timeout as it comes; 0 where there is none.
_ASKS_SECONDS, _ANSWERED_SECONDS = 30.0, 10.0


class Postgresql:
    """Readings of the server, of each stream and of each slot.

    ("replication_server", "postgresql", text="primary" or "standby") with "follows"; per stream
    ("replication_stream", PEER, seconds behind, STATE) with "direction", in or out, "bytes", "sync"
    and "address"; per slot ("replication_slot", NAME, bytes kept, "active" or "inactive").
    """

    name = "postgresql"
    cadence_ms = 15_000
    deadline_ms = 10_000

    def command(self, host: Host) -> str:
        asked = host.asked.postgresql
        if asked is None:
            return ""
        port = str(asked.port) if asked.port else ""
        return script("probes/postgresql.sh", asked.user, port, asked.database)

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        refused = refusal(answer)
        if refused:
            return (_first_error(answer) or refused,)
        told: dict[str, list[Mapping[str, Any]]] = {}
        for line in answer.output.splitlines():
            said = _object(line)
            if said is None:
                return (unreadable(line), *cut(answer))
            told.setdefault(str(said["kind"]), []).append(said)
        if "server" not in told or "end" not in told:
            return cut(answer) or (Gap("psql ended before it had said everything"),)
        return (*_readings(told, told["server"][0]), *cut(answer))


def _first_error(answer: Answer) -> Gap | None:
    """psql says first what is wrong, and then asks a question."""
    found = next((line for line in answer.output.splitlines() if b"error: " in line), None)
    return Gap(clean(found.strip(), limit=200)) if found else None


def _object(line: bytes) -> Mapping[str, Any] | None:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and isinstance(said.get("kind"), str) else None


def _readings(
    told: Mapping[str, list[Mapping[str, Any]]], server: Mapping[str, Any]
) -> tuple[Reading | Gap, ...]:
    standby = server.get("recovery") is True
    follows = _text(server.get("follows"))
    attributes: dict[str, float | str] = {"follows": follows} if follows else {}
    role = "standby" if standby else "primary"
    found: list[Reading | Gap] = [
        Reading("replication_server", "postgresql", text=role, attributes=attributes)
    ]
    blind = server.get("sees") is not True and ("standby" in told or standby)
    if blind:
        found.append(Gap(_BLIND))
    else:
        found += [_standby(each) for each in told.get("standby", ())]
        if standby:
            found.append(_receiver(told, follows))
    found += [_slot(each) for each in told.get("slot", ())]
    return tuple(found)


def _standby(said: Mapping[str, Any]) -> Reading:
    behind = _number(said.get("bytes"))
    seconds = 0.0 if behind == 0 else nan
    attributes: dict[str, float | str] = {"direction": "out", "bytes": behind}
    for key in ("sync", "address"):
        if text := _text(said.get(key)):
            attributes[key] = text
    peer = _text(said.get("name")) or _text(said.get("address")) or "standby"
    return Reading("replication_stream", peer, seconds, _text(said.get("state")), attributes)


def _receiver(told: Mapping[str, list[Mapping[str, Any]]], follows: str) -> Reading:
    """What a standby knows of the one stream that it lives on."""
    received = told.get("receiver", [{}])[0]
    replayed = told.get("replay", [{}])[0]
    state = _text(received.get("state")) or "stopped"
    peer = _text(received.get("host")) or follows
    attributes: dict[str, float | str] = {"direction": "in"}
    # After so long it has asked for a word, and had no answer in ten seconds.
    silence = (_number(received.get("asks")) or _ASKS_SECONDS) + _ANSWERED_SECONDS
    if state == "streaming" and _number(received.get("heard")) <= silence:
        attributes["bytes"] = _number(replayed.get("bytes"))
        seconds = _number(replayed.get("seconds"))
        return Reading("replication_stream", peer, seconds, state, attributes)
    return Reading("replication_stream", peer, text=state, attributes=attributes)


def _slot(said: Mapping[str, Any]) -> Reading:
    state = "active" if said.get("active") is True else "inactive"
    return Reading("replication_slot", _text(said.get("name")), _number(said.get("kept")), state)


def _text(value: object) -> str:
    return clean(value, limit=128) if isinstance(value, str) else ""


def _number(value: object) -> float:
    """A number that is none below zero: a standby may be a moment ahead of what was asked first."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return nan
    try:
        return max(0.0, float(value))
    except OverflowError:
        return nan
