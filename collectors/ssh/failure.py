"""Every way to fail on the way to a host, as what the board shows: a Reach and a Cause."""

from __future__ import annotations

from estate.samples import Cause, Reach, Stage
from estate.told import told


class Failure(Exception):  # noqa: N818 - a fact about a host, not an error of the program
    """The host was not reached. `reach` and `cause` are what the board shows."""

    def __init__(
        self, reach: Reach, stage: Stage, what: str, remedy: str = "", hop: str = ""
    ) -> None:
        super().__init__(what)
        self.reach = reach
        self.cause = Cause(stage, what, remedy, hop)

    def again(self) -> Failure:
        """The same failure, to raise once more: a raised exception keeps its old traceback."""
        cause = self.cause
        return Failure(self.reach, cause.stage, cause.what, cause.remedy, cause.hop)

    def at_jump(self, name: str) -> Failure:
        """The same failure, seen from a host behind the jump host `name`."""
        cause = self.cause
        if cause.hop:
            return self.again()
        what = told("jump host {name}: {why}", name=name, why=cause.what)
        return Failure(Reach.UNREACHABLE, cause.stage, what, cause.remedy, name)


class JumpLost(Failure):
    """The connection to the jump host `jump` ended under the hosts behind it."""

    def __init__(self, jump: str) -> None:
        super().__init__(
            Reach.UNREACHABLE,
            Stage.JUMP,
            told("jump host {name}: the connection to it was lost", name=jump),
            told("Look at the jump host first; the hosts behind it may be fine."),
            jump,
        )


class ChannelRefused(Exception):  # noqa: N818
    """The host did not open a channel. `code` is one of RFC 4254, section 5.1."""

    PROHIBITED = 1
    CONNECT_FAILED = 2
    SHORTAGE = 4

    def __init__(self, code: int, what: str) -> None:
        super().__init__(what)
        self.code = code
