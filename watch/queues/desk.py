"""The queues' desk: observations in; rows, problems, events and figures to keep out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Protocol

from collectors.probes import PROBES
from estate.document import SEVERITIES, Document, HostRow, Problem, Severity
from estate.model import Estate
from estate.queues import QueueFigures, QueueRow
from estate.samples import STALE_AFTER, Observation, Probed, Reach
from watch.clocksteps import ClockSteps
from watch.queues.book import QueueBook
from watch.queues.levels import Levels, judged
from watch.queues.sums import NOT_ASKED, Moment, Place, Sum, sums_of
from watch.queues.telling import cleared, not_known, problem_of, risen
from watch.spark import Spark

#: Rows are made anew no more often than this: hosts answer one after the other.
SHORTEST_STEP_MS = 2_000
#: A row's figures are kept no more often than this.
KEPT_EVERY_MS = 10_000
#: The last hour, in cells of two minutes.
CELL_MS, CELLS = 120_000, 30


class ShowsQueues(Protocol):
    """What is needed of the board."""

    @property
    def document(self) -> Document: ...
    def show(
        self,
        whose: str,
        parts: Mapping[str, tuple[object, ...]],
        problems: tuple[Problem, ...] = (),
    ) -> None: ...
    def say(self, severity: Severity, where: str, what: str, cleared: str = "") -> None: ...


class KeepsQueues(Protocol):
    """What is needed of the keeper."""

    def put_queues(self, figures: Iterable[QueueFigures]) -> None: ...


@dataclass(slots=True)
class _Kept:
    """What a row has of its own from step to step."""

    spark: Spark
    at: int | None = None  # its newest answer that was counted in
    kept_at: int = 0


class QueueDesk:
    """The queues of one estate. `restored` is the board as it was saved, if there was one; `steps`
    are those of the clock, which whoever reads it adds to."""

    def __init__(
        self,
        estate: Estate,
        now: int,
        restored: Document | None = None,
        steps: ClockSteps | None = None,
    ) -> None:
        self._steps = steps or ClockSteps()
        self._book = QueueBook()
        self._levels = Levels()
        self._rows: dict[str, QueueRow] = {}
        self._kept: dict[str, _Kept] = {}
        self._told: dict[str, Problem] = {}
        self._unknown: dict[str, int] = {}  # since when, by the row that tells of it
        self._began_at = now
        self._stepped_at = 0
        self._fresh = True
        self.defects: dict[str, Exception] = {}  # by host, for whoever can tell of them
        self.follow(estate)
        if restored is not None:
            self._restore(restored)

    def follow(self, estate: Estate) -> None:
        """The estate as it is now; what is known of hosts that stay, stays."""
        self._places = _places(estate)
        self._book.keep_only(estate.hosts)
        self._fresh = True

    def step(
        self, observed: Iterable[Observation], board: ShowsQueues, keeper: KeepsQueues, now: int
    ) -> None:
        """Take in what was observed, and show what follows from it on the board."""
        for each in observed:
            try:
                if isinstance(each, Probed) and self._book.take(each):
                    self._fresh = True
            except Exception as error:  # ours, and of one host: the others' are taken in
                self.defects[each.host] = error
        if not self._places and not self._rows:
            return
        # Without a word from anybody rows grow old all the same.
        pause = SHORTEST_STEP_MS if self._fresh else 5 * SHORTEST_STEP_MS
        if 0 <= now - self._stepped_at < pause:
            return
        self._stepped_at, self._fresh = now, False
        rows, problems = self._looked(board.document.hosts, now)
        self._tell(problems, board, now)
        keeper.put_queues(self._figures(now))
        board.show("queues", {"queues": tuple(rows)}, tuple(problems.values()))

    def _looked(
        self, hosts: Mapping[str, HostRow], now: int
    ) -> tuple[list[QueueRow], dict[str, Problem]]:
        rows: list[QueueRow] = []
        problems: dict[str, Problem] = {}
        for place in self._places:
            every_ms = PROBES[place.declared.kind].cadence_ms
            sums = sums_of(place, Moment(self._book, hosts, now), every_ms)
            if not sums and now - self._began_at < STALE_AFTER * every_ms:
                # Since the start nobody was asked: what the records show stands, with its age.
                found = [row for key, row in self._rows.items() if key.startswith(f"{place.key}/")]
                rows += found
                ids = [f"queue/{row.key}" for row in found]
                problems |= {each: self._told[each] for each in ids if each in self._told}
                continue
            # That nobody can look is one trouble, however many queues the hosts have.
            teller = self._teller([each.row for each in sums if _refused(each, hosts)])
            for each in sums:
                rows.append(self._judged(place, each.row, each.row is teller, problems, now))
        self._rows = {row.key: row for row in rows}
        self._unknown = {key: at for key, at in self._unknown.items() if key in self._rows}
        return rows, problems

    def _teller(self, refused: Sequence[QueueRow]) -> QueueRow | None:
        """Which of the queues that hosts refuse has the word for all of them: as long as it is one
        of them the one that had it, for another that comes or goes is no news of the trouble."""
        before = (row for row in refused if row.key in self._unknown)
        return next(before, next(iter(refused), None))

    def _judged(
        self, place: Place, row: QueueRow, tells: bool, problems: dict[str, Problem], now: int
    ) -> QueueRow:
        kept = self._kept.setdefault(row.key, _Kept(Spark(CELL_MS, CELLS)))
        looked = row.at is not None and row.at != kept.at
        if row.depth is None:
            self._levels.forget(row)
        elif row.at is not None and looked:
            kept.spark.measured(row.at, float(row.depth))
        kept.at = row.at
        found = self._levels.judge(row, place.declared, now, looked=looked)
        cells = kept.spark.cells(now)
        row = replace(
            judged(row, found), spark=tuple(None if c is None else round(c) for c in cells)
        )
        since = self._unknown_since(row, place, tells, now)
        if found:
            problem = problem_of(row, place, found)
        elif since is not None:
            problem = not_known(row, place, since)
            row = replace(row, since=since)
        else:
            return row
        problems[problem.id] = problem
        return row

    def _unknown_since(self, row: QueueRow, place: Place, tells: bool, now: int) -> int | None:
        """Since when hosts that are there refuse what `row` tells of; None while that has not
        lasted, and of a row that does not tell."""
        if not tells:
            self._unknown.pop(row.key, None)
            return None
        known = self._told.get(f"queue/{row.key}")
        began = known.since if known is not None else now
        since = self._unknown.setdefault(row.key, began)
        return since if known is not None or now - since >= place.declared.hold_ms else None

    def _tell(self, problems: Mapping[str, Problem], board: ShowsQueues, now: int) -> None:
        for problem in problems.values():
            known = self._told.get(problem.id)
            worse = known is None or SEVERITIES.index(problem.severity) < SEVERITIES.index(
                known.severity
            )
            if worse:
                board.say(*risen(problem))
        for known in self._told.values():
            if known.id not in problems:
                row = self._rows.get(known.id.removeprefix("queue/"))
                if row is not None:  # else the estate has no such queue any more
                    began = self._steps.began(known.since, now)
                    board.say(*cleared(known, row, began, now))
        self._told = dict(problems)

    def _figures(self, now: int) -> list[QueueFigures]:
        figures = []
        for row in self._rows.values():
            kept = self._kept.get(row.key)
            if kept is None or row.depth is None or now - kept.kept_at < KEPT_EVERY_MS:
                continue
            kept.kept_at = now
            figures.append(QueueFigures(row.key, now, _values(row)))
        return figures

    def _restore(self, restored: Document) -> None:
        self._rows = {row.key: row for row in restored.queues}
        self._told = {each.id: each for each in restored.problems if each.kind == "queue"}
        self._unknown = {
            each.id.removeprefix("queue/"): each.since
            for each in self._told.values()
            if each.severity is Severity.UNKNOWN
        }
        for row in restored.queues:
            kept = self._kept[row.key] = _Kept(Spark(CELL_MS, CELLS))
            if row.at is not None:
                kept.spark.restored(restored.at, row.spark)
            self._levels.restored(row)


def _values(row: QueueRow) -> tuple[float, ...]:
    known = (row.depth, row.oldest_seconds, row.in_per_minute, row.out_per_minute, row.missing)
    return tuple(nan if value is None else float(value) for value in known)


def _places(estate: Estate) -> list[Place]:
    """Each declaration at each site that has hosts of its group, in the estate's order."""
    places = []
    for service in estate.services.values():
        for declared in service.queues:
            for site in estate.sites:
                hosts = tuple(
                    name
                    for name, host in estate.hosts.items()
                    if host.site == site and host.collected and declared.group in host.groups
                )
                if hosts:
                    elsewhere = len(estate.sites) > 1 and estate.sites[site].role != "primary"
                    places.append(Place(declared, site, hosts, elsewhere))
    return places


def _refused(found: Sum, hosts: Mapping[str, HostRow]) -> bool:
    """Whether a part is missing though its host is there; one that is away is told of elsewhere."""
    return any(
        why != NOT_ASKED
        and (row := hosts.get(name)) is not None
        and row.reach in (Reach.LIVE, Reach.LATE)
        for name, why in found.missing.items()
    )
