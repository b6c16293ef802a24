"""A command of the estate's own: whatever prints a number is a queue.

    17                                          one queue, called after the declaration
    inbox 17                                    a line a queue; its name may hold blanks
    {"inbox": 17}                               JSON, of numbers, or of
    {"inbox": {"depth": 17, "oldest": 90, "in": 1200, "out": 1183}}

`oldest` is an age in seconds, `in` and `out` count what ever came and left.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from math import isfinite

from collectors.probes.probe import cut, refusal, unreadable
from collectors.probes.queuelines import (
    MOST_QUEUES,
    declaration_gap,
    queue_reading,
    unread_queue,
)
from collectors.runner import Answer
from estate.clean import clean
from estate.model import Host
from estate.samples import Gap, Reading

#: Before what a command prints, which one it is; behind it, its exit status. A key has a slash.
_BEGUN = re.compile(rb":twinwatch (\S+)")
_ENDED = re.compile(rb":twinwatch (\d{1,3})")
_DEPTH = re.compile(r"(\d{1,15})(?:\.\d{1,6})?", re.ASCII)
_MOST = 1e15


class Command:
    """Readings ("queue", NAME, depth) with "oldest_seconds", "came" and "left" where they are said,
    and "of", the key of the declaration."""

    name = "command"
    cadence_ms = 60_000
    deadline_ms = 20_000

    def command(self, host: Host) -> str:
        frames = [
            f"printf ':twinwatch %s\\n' {shlex.quote(each.key)}\n"
            f"sh -c {shlex.quote(each.run)} 2>&1\n"
            "printf '\\n:twinwatch %s\\n' $?\n"
            for each in host.queues
            if each.kind == self.name
        ]
        return "".join(frames)

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        refused = refusal(answer)
        if refused:
            return (refused,)
        readings: list[Reading | Gap] = []
        for of, output, status in _frames(answer.output):
            readings += _read(clean(of, limit=200), output, status)
        if not readings:
            readings.append(Gap("no command has ended"))
        return (*readings, *cut(answer))


def _frames(output: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Which command, what it printed, and its exit status: of each that ended.

    Line by line: a pattern over all of it would go back and forth in what a command prints, and
    the watch waits meanwhile.
    """
    of: bytes | None = None
    printed: list[bytes] = []
    for line in output.split(b"\n"):
        if of is None:
            begun = _BEGUN.fullmatch(line)
            of = begun[1] if begun else None
        elif ended := _ENDED.fullmatch(line):
            yield of, b"\n".join(printed), int(ended[1])
            of, printed = None, []
        else:
            printed.append(line)


def _read(of: str, output: bytes, status: int) -> list[Reading | Gap]:
    text = output.decode("utf-8", "backslashreplace").strip()
    if status:
        last = clean(text.rpartition("\n")[2], limit=160) or "without a word"
        return [declaration_gap(of, f"exit status {status}, {last}")]
    if text.startswith("{"):
        return _read_json(of, text)
    readings: list[Reading | Gap] = []
    for line in filter(str.strip, text.split("\n")):
        *name, figure = line.strip().rsplit(maxsplit=1)
        depth = _DEPTH.fullmatch(figure)
        if depth is None or len(readings) >= MOST_QUEUES:
            return [*readings, unreadable(line, of)]
        readings.append(queue_reading("".join(name), int(depth[1]), of=of))
    return readings or [declaration_gap(of, "it printed nothing")]


def _read_json(of: str, text: str) -> list[Reading | Gap]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return [unreadable(text[:200], of)]
    queues = list(said.items())
    found: list[Reading | Gap] = [_queue(of, name, value) for name, value in queues[:MOST_QUEUES]]
    if len(queues) > MOST_QUEUES:
        found.append(declaration_gap(of, f"{len(queues) - MOST_QUEUES} queues more than are read"))
    return found or [declaration_gap(of, "no queues")]


def _queue(of: str, name: str, value: object) -> Reading:
    figures = value if isinstance(value, Mapping) else {"depth": value}
    depth = _number(figures.get("depth"))
    if depth is None:
        return unread_queue(name, unreadable(f"{value}").reason, of=of)
    said = dict(_said(figures))
    return queue_reading(name, int(depth), of=of, **said)


def _said(figures: Mapping[str, object]) -> Iterator[tuple[str, float]]:
    for key, to in (("oldest", "oldest"), ("in", "came"), ("out", "left")):
        number = _number(figures.get(key))
        if number is not None:
            yield to, number


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # An int may be too long for a float, and NaN passes no comparison.
    return float(value) if 0 <= value <= _MOST and isfinite(value) else None
