"""Where in the file a step's keys stand, for what is found once the whole is known."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

from estate.shapes import Reading
from estate.strict import Entry
from runbooks.runbook import Step

_KEYS, _TEXTS, _SPOILT = "key of step ", "text of step ", "spoilt step"


def stands(reading: Reading, step: str, entries: Mapping[str, Entry]) -> None:
    """Note where the keys of `step` stand, and the first lines of their texts."""
    for key, entry in entries.items():
        reading.define(_KEYS + step, key, entry.line)
        reading.define(_TEXTS + step, key, entry.node.line + entry.node.block)


def spoilt(reading: Reading, line: int) -> None:
    """Note that the step which begins on `line` was not read as it was meant."""
    reading.define(_SPOILT, str(line), line)


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of the file, by step and key."""

    reading: Reading

    def key(self, step: Step, name: str) -> int:
        """Where `name` of `step` stands, else where the step does."""
        return self.reading.defined.get(_KEYS + step.id, {}).get(name, step.line)

    def text(self, step: Step, name: str) -> int:
        """Where the text of `name` begins."""
        return self.reading.defined.get(_TEXTS + step.id, {}).get(name, step.line)

    def top(self, name: str) -> int:
        """Where a key of the runbook itself stands."""
        return self.reading.defined.get("key", {}).get(name, 1)

    def named(self, kind: str, name: str) -> int:
        """Where the `name` of an input or a selector stands."""
        return self.reading.defined.get(kind, {}).get(name, 1)

    def misread(self, kind: str, known: Container[str], name: str) -> bool:
        """Whether `name` is defined, but was refused: whoever uses it is not to blame."""
        return name not in known and name in self.reading.defined.get(kind, {})

    def spoilt(self, step: Step) -> bool:
        """Whether something in `step` was refused, so that what it lacks may be there."""
        return str(step.line) in self.reading.defined.get(_SPOILT, {})
