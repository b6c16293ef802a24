"""Every way to fail on the way to a host, as what the board shows: a Reach and a Cause."""

from __future__ import annotations

from dataclasses import replace

from estate.samples import Cause, Reach, Stage


class Failure(Exception):  # noqa: N818 - a fact about a host, not an error of the program
    """The host was not reached. `reach` and `cause` are what the board shows."""

    def __init__(self, reach: Reach, stage: Stage, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.reach = reach
        self.cause = Cause(stage, what, remedy)

    def at_jump(self, name: str) -> Failure:
        """The same failure, seen from a host behind the jump host `name`."""
        behind = Failure(Reach.UNREACHABLE, self.cause.stage, "", "")
        behind.cause = replace(
            self.cause,
            what=f"jump host {name}: {self.cause.what}",
            hop=self.cause.hop or name,
        )
        behind.args = (behind.cause.what,)
        return behind


class ChannelRefused(Exception):  # noqa: N818
    """The host did not open a channel. `code` is one of RFC 4254, section 5.1."""

    PROHIBITED = 1
    CONNECT_FAILED = 2
    SHORTAGE = 4

    def __init__(self, code: int, what: str) -> None:
        super().__init__(what)
        self.code = code
