"""What an attempt prints: kept, without secrets, before anything is said about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from runbooks.host.replies import Observed, State
from runbooks.ports import Outputs
from runbooks.progress.facts import Ending
from runbooks.progress.requests import Found, Poll, Polled, Prints
from runbooks.redaction import Redaction

_AT_WORK = (State.RUNNING, State.ORPHAN)


@dataclass(frozen=True, slots=True)
class Printed:
    """The output of the attempt `name`."""

    name: str
    outputs: Outputs
    redaction: Redaction

    async def kept(self, request: Poll, seen: Observed) -> Polled:
        """What came, kept. Raises Unwritable."""
        at_rest = seen.state not in _AT_WORK
        piece, covered = self.redaction.redact(seen.output, last=at_rest and seen.drained)
        kept, sha256 = request.kept, ""
        if piece or covered:
            written = await self.outputs.keep(self.name, request.kept, piece)
            kept, sha256 = written.size, written.sha256
        polled = Polled(
            Found(seen.state.value),
            seen.boot,
            offset=seen.offset + covered,
            kept=kept,
            sha256=sha256,
            drained=seen.drained,
            ran_ms=_ran_ms(seen),
        )
        return await self._ended(polled, seen) if at_rest and seen.drained else polled

    async def left(self, request: Poll, seen: Observed) -> Polled:
        """How it is, without what it printed since: with a secret of it lost, it can't be kept.

        Raises Unwritable.
        """
        given_up = request.prints is Prints.GIVEN_UP
        polled = Polled(
            Found(seen.state.value),
            seen.boot,
            offset=request.offset,
            kept=request.kept,
            drained=seen.drained or given_up,
            ran_ms=_ran_ms(seen),
        )
        if seen.state in _AT_WORK or not polled.drained:
            return polled
        ended = await self._ended(polled, seen)
        return replace(ended, whole=ended.whole and seen.drained)

    async def _ended(self, polled: Polled, seen: Observed) -> Polled:
        sealed = await self.outputs.seal(self.name, polled.kept)
        ending = Ending.EXITED
        if seen.stopped:
            ending = Ending.STOPPED
        if seen.timed_out:
            ending = Ending.TIMED_OUT
        return replace(
            polled,
            ending=ending,
            status=seen.status,
            size=sealed.size,
            digest=sealed.sha256,
            whole=not seen.incomplete and sealed.size == polled.kept,
        )


def _ran_ms(seen: Observed) -> int | None:
    return None if seen.ran_seconds is None else seen.ran_seconds * 1000
