"""The places from which services are asked: this watch's, and other vantages that it hears."""

from __future__ import annotations

from dataclasses import replace

from estate.availability import VantageRow
from estate.document import Document, Problem, Severity
from estate.ledger.observed import FellSilent, Spoke
from estate.model import Estate, Vantage
from estate.told import told

#: Two clocks further apart than this pair rounds that were not at the same time: it is said.
APART_MS = 2_000
#: The clocks are compared over a line that may take a while: a little is let go.
_BACK_MS = 1_000
#: A vantage that has not spoken for so long is a problem; less is a hiccup of the line.
PATIENCE_MS = 30_000


def identity(document: Document) -> str:
    """Which watch this is, among all of them."""
    watch = document.watch
    return f"{watch.name}/{watch.pid}/{watch.started_at}"


class Places:
    """This watch's place is `own`: where the estate names this machine as a vantage, so it is
    called; else by the name that the machine has."""

    def __init__(self, machine: str) -> None:
        self._machine = machine
        self.own = machine
        self._rows: dict[str, VantageRow] = {}

    def of(self, estate: Estate) -> tuple[str, ...]:
        """All vantages of the estate, our own first; none where nobody is named."""
        others = self.others(estate)
        return (self._own(estate), *others) if others else ()

    def others(self, estate: Estate) -> dict[str, Vantage]:
        """The vantages to be listened to: all that are not this machine."""
        return {key: each for key, each in estate.vantages.items() if not self._is_us(each)}

    def follow(self, estate: Estate, now: int) -> None:
        """Go on with a changed estate."""
        self.own = self._own(estate)
        known = self._rows
        self._rows = {
            key: known.get(key) or VantageRow(key, "silent", each.host, now, why="not heard yet")
            for key, each in self.others(estate).items()
        }

    def spoke(self, said: Spoke, now: int) -> tuple[Severity, str, str, str] | None:
        """A vantage spoke; what is to be said of it as an event, and which problem is over."""
        row = self._rows.get(said.vantage)
        if row is None:
            return None
        ahead = row.ahead_ms if said.ahead_ms is None else said.ahead_ms
        since = row.since if row.state == "heard" else now
        self._rows[row.name] = replace(
            row, state="heard", since=since, at=now, why="", ahead_ms=ahead
        )
        if row.state == "heard":
            return None
        what = told("heard again") if row.at else told("heard: a vantage of services")
        return Severity.OK, row.name, what, f"{row.name}/vantage"

    def fell_silent(self, silent: FellSilent, now: int) -> tuple[Severity, str, str, str] | None:
        """A vantage can't be heard; what is to be said of it as an event."""
        row = self._rows.get(silent.vantage)
        if row is None:
            return None
        since = row.since if row.state == "silent" else now
        self._rows[row.name] = replace(row, state="silent", since=since, why=silent.cause)
        if row.state == "silent":
            return None
        what = told("this vantage is silent: {why}", why=silent.cause)
        return Severity.UNKNOWN, row.name, what, ""

    def picture(self, now: int) -> tuple[tuple[VantageRow, ...], tuple[Problem, ...]]:
        """This place and the others, and what is wrong with them; nothing where there are none."""
        if not self._rows:
            return (), ()
        here = VantageRow(self.own, "here", at=now)
        problems = [problem for row in self._rows.values() for problem in _problems(row, now)]
        return (here, *self._rows.values()), tuple(problems)

    def _own(self, estate: Estate) -> str:
        return next(
            (key for key, each in estate.vantages.items() if self._is_us(each)), self._machine
        )

    def _is_us(self, vantage: Vantage) -> bool:
        names = {self._machine, self._machine.split(".", 1)[0]}
        return bool(self._machine) and vantage.host in names


def _problems(row: VantageRow, now: int) -> list[Problem]:
    since = now if row.since is None else row.since
    where = f"{row.name}/vantage"
    if row.state == "silent" and now - since >= PATIENCE_MS:
        return [
            Problem(
                where,
                row.name,
                told("vantage is silent"),
                told("{why}; what only one vantage sees failing is unknown, not down", why=row.why),
                Severity.WARNING,
                since,
                kind="vantage",
                glyph="lost",
                blames=(row.host,),
            )
        ]
    if row.ahead_ms is not None and not -APART_MS - _BACK_MS <= row.ahead_ms <= APART_MS:
        return [
            Problem(
                where,
                row.name,
                told("vantage's clock is off by {span} s", span=f"{row.ahead_ms / 1000:+.1f}"),
                told("rounds are paired by the time at which they were due: set both by NTP"),
                Severity.WARNING,
                since,
                kind="vantage",
                glyph="late",
            )
        ]
    return []
