"""Who tells a snapshot: the snapshot itself, the language, and what every section needs of both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from estate.document import SEVERITIES, Problem, Severity
from estate.handover import Note
from estate.language import Words, later
from snapshots.page import Paragraph, Phrase
from snapshots.snapshot import Snapshot
from snapshots.telling import figures

#: The role of a severity, and what it is called.
SEVERITY_ROLES: Mapping[Severity, str] = {
    Severity.CRITICAL: "crit",
    Severity.WARNING: "warn",
    Severity.UNKNOWN: "unk",
    Severity.MAINTENANCE: "info",
    Severity.OK: "good",
}
_SEVERITY_WORDS: Mapping[Severity, str] = {
    Severity.CRITICAL: later("critical"),
    Severity.WARNING: later("warning"),
    Severity.UNKNOWN: later("unknown"),
    Severity.MAINTENANCE: later("maintenance"),
    Severity.OK: later("ok"),
}

#: How the watch begins a reason that has a pace: "+0.4%/min: writes fail when it is full".
_PACE = re.compile(r"([+-])(\d[\d,.]*%?/min)")


class Named(Protocol):
    """Whatever has a name in several languages."""

    @property
    def name(self) -> str: ...
    @property
    def names(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Teller:
    """Says what `snapshot` knows in the language of `words`, in the estate's own timezone.

    `sha256` is the hash of its canonical bytes.
    """

    snapshot: Snapshot
    words: Words
    sha256: str

    def time(self, at: int | None) -> str:
        """A moment: "20 Nov 14:30"."""
        return figures.moment(at, self.snapshot.timezone, self.words)

    def clock(self, at: int) -> str:
        """A time of day: "14:30"."""
        return figures.clock(at, self.snapshot.timezone)

    def clock_of_day(self, at: int) -> str:
        """A moment to the second: "14:30:05"; dated where it is not of the day of the end."""
        zone, end = self.snapshot.timezone, self.snapshot.made_at
        here, there = figures.local(at, zone), figures.local(end, zone)
        clock = figures.second(at, zone)
        if here is None or there is None or here.date() == there.date():
            return clock
        date, _, _ = figures.moment(at, zone, self.words).rpartition(" ")
        return f"{date} {clock}"

    def span(self, milliseconds: float | None) -> str:
        """A length of time: "3 min 15 s"."""
        return figures.span(milliseconds, self.words)

    def age(self, since: int | None) -> str:
        """How long ago that was at the moment of the board; "?" where nobody knows."""
        if since is None:
            return figures.UNKNOWN
        return self.span(max(0, self.snapshot.seen_at - since))

    def name(self, row: Named) -> str:
        """What a service, a tenant or a site is called in this language."""
        return row.names.get(self.words.language) or row.name

    def service(self, key: str) -> str:
        """What the service that the estate calls `key` is called in this language."""
        return next((self.name(row) for row in self.snapshot.services if row.key == key), key)

    def severity(self, severity: Severity) -> Phrase:
        """How bad, in a word and its role."""
        return Phrase(self.words.say(_SEVERITY_WORDS[severity]), SEVERITY_ROLES[severity])

    def why(self, text: str) -> str:
        """A reason, whose own figure does not begin with a sign: a table of a report is pasted into
        a spreadsheet, which takes that for a formula, and gets an apostrophe in front for it."""
        found = _PACE.match(text)
        if found is None:
            return text
        sign, pace = found.groups()
        said = later("rising {pace}") if sign == "+" else later("falling {pace}")
        return self.words.say(said, pace=pace) + text[found.end() :]

    def is_open(self, note: Note) -> bool:
        """Whether `note` was open at the end: a report is read when much of it was closed."""
        return note.closed is None or note.closed.at > self.snapshot.made_at

    def none(self) -> Paragraph:
        """There is nothing of that kind."""
        return Paragraph(Phrase(self.words.say("None."), "dim"))

    @property
    def roots(self) -> tuple[Problem, ...]:
        """What is wrong, the worst first; what follows from it is counted under it, and what is
        silenced is told of where silences are."""
        return tuple(each for each in self._ranked() if not each.silence)

    @property
    def silenced(self) -> tuple[Problem, ...]:
        """What is wrong and was silenced, the worst first."""
        return tuple(each for each in self._ranked() if each.silence)

    def _ranked(self) -> list[Problem]:
        found = [each for each in self.snapshot.problems if not each.parent]
        return sorted(found, key=lambda each: (_rank(each), each.since, each.id))

    def follows(self, root: Problem) -> int:
        """How many problems are consequences of `root`."""
        return sum(each.parent == root.id for each in self.snapshot.problems)


def _rank(problem: Problem) -> int:
    return SEVERITIES.index(problem.severity)
