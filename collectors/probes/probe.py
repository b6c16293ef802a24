"""What a probe is: two pure halves, the text of a command and what its output means."""

from __future__ import annotations

from typing import Protocol

from collectors.runner import Answer
from estate.clean import clean
from estate.model import Host
from estate.samples import Gap, Reading


class Probe(Protocol):
    """One thing to ask a host now and then, on the slow channel.

    `command` is a POSIX shell script for this host, run without stdin, stderr joined to stdout,
    LC_ALL=C, $TWINWATCH_ROOT a prefix for /proc and friends or unset; "" where there is nothing to
    ask of this host, which is then not asked. `parse` reads its answer,
    which came before the deadline but may be cut, malformed or hostile: it never raises, and what
    it could not read is a `Gap` that quotes it cleaned.
    """

    @property
    def name(self) -> str: ...
    @property
    def cadence_ms(self) -> int: ...
    @property
    def deadline_ms(self) -> int: ...

    def command(self, host: Host) -> str: ...
    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]: ...


def refusal(answer: Answer) -> Gap | None:
    """Why there is nothing to read: a status that is not 0, in the host's last words."""
    if answer.status == 0:
        return None
    words = [line for line in answer.output.splitlines() if line.strip()]
    if words:
        return Gap(clean(words[-1], limit=200))
    return Gap(f"exit status {answer.status}, without a word")


def unreadable(line: str | bytes, of: str = "") -> Gap:
    """A line that is not what the command should print; `of` is the part that it belongs to."""
    return Gap(f"not understood: {clean(line, limit=120)!r}", of)


def cut(answer: Answer) -> tuple[Gap, ...]:
    """What there is to say when output was left out: nothing, or that."""
    return (Gap(f"cut after {len(answer.output) // 1024} kB"),) if answer.truncated else ()
