"""One service's account: what vantages saw goes in, transitions and coverage come out. Pure.

An account goes on from what is on record. The time in which no watch ran is a hole like any other:
its coverage ends with the last round, and the service is unknown until the next, unless another
vantage saw it meanwhile.

Each vantage's rounds come in the order of time; those of another vantage come when they come, after
a cut perhaps hours late. What all of them have spoken of is settled. What came since is believed as
far as it goes, and said anew when more is heard: what was said otherwise is withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace

from estate.ledger.book import Batch, Coverage, Entry, KeptRound, Pages
from estate.ledger.observed import ServiceRound
from estate.ledger.rounds import HOLE_CADENCES, Ledger, Round, Seen, State, Transition
from estate.ledger.sightings import HOSTS, Sighting, marks, paired
from watch.clock import JUMP_MS
from watch.ledger.resuming import settled_at

#: A vantage may be this late: what it says of longer ago changes no figure any more.
REOPENED_MS = 3 * 86_400_000


class Account:
    """`pages` are what the records have of the service, from the month's beginning at least.

    `vantages` are all that are to speak, the watch's own first; without them it is whichever does.
    """

    def __init__(
        self, service: str, cadence_ms: int, pages: Pages, vantages: tuple[str, ...] = ()
    ) -> None:
        self.service = service
        self.cadence_ms = cadence_ms
        self.vantages = vantages
        self.entries = list(pages.entries)
        self.coverage = list(pages.coverage)
        self.latest: ServiceRound | None = None
        self.heard: dict[str, list[Sighting]] = {}  # a vantage's runs that are not settled
        for each in pages.sightings:
            self.heard.setdefault(each.vantage, []).append(each)
        own = [each.to for each in self.coverage if not vantages or each.vantage == vantages[0]]
        self._last_at = max(own, default=None)
        self._steady_ms: int | None = None
        self._was_good = True
        self._resume()

    @property
    def state(self) -> State:
        """As last confirmed."""
        return self.entries[-1].transition.state if self.entries else State.UNKNOWN

    @property
    def since(self) -> int | None:
        """Since when it is in that state; None before anything was confirmed."""
        return self.entries[-1].transition.at if self.entries else None

    @property
    def cause(self) -> str:
        """Why it is not up; "" if it is."""
        return self.entries[-1].cause if self.entries else ""

    @property
    def last_at(self) -> int | None:
        """The last round of any vantage; None before there was one."""
        return max((each.to for each in self.coverage), default=None)

    @property
    def patience_ms(self) -> int:
        """So long after a round its word still stands."""
        return HOLE_CADENCES * self.cadence_ms

    def follow(self, cadence_ms: int, vantages: tuple[str, ...]) -> None:
        """From the next round on count by another cadence, or hear others.

        What was believed so far was believed by the rules of its time, and stays so.
        """
        if (cadence_ms, vantages) != (self.cadence_ms, self.vantages):
            self.cadence_ms, self.vantages = cadence_ms, vantages
            self._begin_from(self.state, self._fed_at, len(self.entries))

    # --- what comes in ----------------------------------------------------------------------------

    def take(self, round_: ServiceRound, proof: str = "", seq: int = 0) -> Batch:
        """Take a round of our own in; what of it is to be put on record.

        `proof` is why hosts prove that the service is down, "" where they don't; it counts only
        where no vantage is served. `seq` is the round's number in our journal.
        """
        self._settle_what_is_old()
        stepped = self._clock_stepped(round_)
        begun = len(self.entries)
        shortened = self._set_back(round_.at, round_.vantage) if stepped < 0 else ()
        restart = tuple(self.entries[begun:])
        own = Sighting(
            self.service, round_.vantage, round_.at, round_.at, self.cadence_ms, round_.seen, seq,
            round_.milliseconds, round_.cause,
        )  # fmt: skip
        runs = [self._lengthen(own)]
        if proof:
            proven = replace(own, vantage=HOSTS, seen=Seen.FAIL, cause=proof, milliseconds=None)
            runs.append(self._lengthen(proven))
        changes = self._believe(round_.at)
        row = self._cover(round_.vantage, round_.at, round_.at, split=bool(stepped))
        self.latest, self._last_at, self._steady_ms = round_, round_.at, round_.steady_ms
        lost = bool(proof) and round_.seen is Seen.NOTHING
        seen, cause = (Seen.FAIL, proof) if lost else (round_.seen, round_.cause)
        kept = self._kept(round_, seen, cause)
        return Batch((*restart, *changes), (*shortened, row), rounds=kept, sightings=tuple(runs))

    def hear(self, vantage: str, told: Iterable[Sighting]) -> Batch:
        """Take in what another vantage saw, in the order of its journal; what is to be put down.

        What was heard before, or is of too long ago, changes nothing.
        """
        self._settle_what_is_old()
        earliest: int | None = None
        taken: list[Sighting] = []
        rounds: list[KeptRound] = []
        rows: dict[int, Coverage] = {}
        for each in told:
            first = vantage not in self.heard
            new = self._heard_anew(each)
            if new is None:
                continue
            earliest = new if earliest is None else min(earliest, new)
            taken.append(each)
            row = self._cover(vantage, new, each.until, split=False)
            rows[row.start] = row
            if new == each.at and (each.seen is not Seen.OK or not first):
                its = (self.service, vantage, each.at, each.seen, each.milliseconds, each.cause)
                rounds.append(KeptRound(*its))
        if earliest is None:
            return Batch()
        changes = self._believe(earliest)
        return Batch(changes, tuple(rows.values()), rounds=tuple(rounds), sightings=tuple(taken))

    def forget(self, before: int) -> None:
        """Let go of what bears on nothing from `before` on; the records keep it."""
        self.coverage = [each for each in self.coverage if each.to >= before]
        older = [n for n, each in enumerate(self.entries) if each.transition.at < before]
        gone = min(older[-1], self._settled) if older else 0
        del self.entries[:gone]
        self._settled -= gone

    # --- runs of each vantage ---------------------------------------------------------------------

    def _lengthen(self, single: Sighting) -> Sighting:
        """The run that a round makes longer, or begins."""
        runs = self.heard.setdefault(single.vantage, [])
        if runs and runs[-1].goes_on(single):
            runs[-1] = runs[-1].with_round(single)
        elif not runs or runs[-1].until < single.at:
            runs.append(single)
        return runs[-1]

    def _heard_anew(self, told: Sighting) -> int | None:
        """Put another vantage's run down; the first of its rounds that is new, None if none is."""
        runs = self.heard.setdefault(told.vantage, [])
        floor = self._settled_until
        last = runs[-1] if runs else None
        if last is not None and told.seq <= last.seq:
            return None
        if last is not None and told.at == last.at:
            runs.pop()
            floor = max(floor, last.until)
        elif last is not None and told.at <= last.until:
            # Its clock was set back: what it said of later is doubtful.
            cut = (each.before(told.at) for each in runs)
            runs[:] = [each for each in cut if each is not None]
        runs.append(told)
        fresh = told.moments(floor)
        return fresh[0] if fresh else None

    # --- what is believed -------------------------------------------------------------------------

    def _resume(self) -> None:
        """Go on from the last round of which all vantages had spoken, if that can be told."""
        last = self.last_at
        found = settled_at(self.vantages, self.heard, self.entries, last, REOPENED_MS)
        if found is None:
            self._begin_from(self.state, last, len(self.entries))
            return
        believed = [each for each in self.entries if each.transition.confirmed_at <= found]
        state = believed[-1].transition.state if believed else State.UNKNOWN
        self._begin_from(state, found, len(believed))

    def _begin_from(self, state: State, at: int | None, settled: int) -> None:
        """All up to `at`, and so many entries, are settled; the service was in `state` then."""
        self._ledger = Ledger(self.cadence_ms, state, at)
        self._fed_at = at
        self._base, self._base_at, self._settled = copy(self._ledger), at, settled

    @property
    def _settled_until(self) -> int:
        return -1 if self._base_at is None else self._base_at

    def _believe(self, first: int) -> tuple[Entry, ...]:
        """What changes by rounds from `first` on: entries that are withdrawn, and new ones."""
        doubted: list[Entry] = []
        fed = -1 if self._fed_at is None else self._fed_at
        # What was said before a restart and is not settled is fed again.
        resumed = self._fed_at == self._base_at and len(self.entries) > self._settled
        if first <= fed or resumed:
            self._ledger, self._fed_at = copy(self._base), self._base_at
            doubted, self.entries[self._settled :] = self.entries[self._settled :], []
        newest = self._newest()
        settled = min(map(self._spoke_until, self.vantages), default=newest)
        fresh: list[Entry] = []
        fed = -1 if self._fed_at is None else self._fed_at
        for at, seen in paired(self._unsettled(), fed):
            if at == newest > settled and self._waits_for_others(at):
                break
            fresh += self._feed(at, seen)
            self._fed_at = at
            if at <= settled:
                self._base, self._base_at = copy(self._ledger), at
                self._settled = len(self.entries) + len(fresh)
        same = _alike(doubted, fresh)
        self.entries += (*doubted[:same], *fresh[same:])
        self._let_go()
        return (*(replace(each, withdrawn=True) for each in doubted[same:]), *fresh[same:])

    def _feed(self, at: int, seen: Mapping[str, Sighting]) -> list[Entry]:
        """One round of all vantages; those who did not speak have no data."""
        changes = self._ledger.take(Round(at, marks(seen, self.vantages)))
        return [self._entry(change, seen) for change in changes]

    def _unsettled(self) -> dict[str, Sequence[Sighting]]:
        return {
            name: runs
            for name, runs in self.heard.items()
            if name == HOSTS or not self.vantages or name in self.vantages
        }

    def _newest(self) -> int:
        spoken = (runs[-1].until for runs in self._unsettled().values() if runs)
        return max(spoken, default=-1)

    def _spoke_until(self, vantage: str) -> int:
        runs = self.heard.get(vantage)
        return runs[-1].until if runs else -1

    def _settle_what_is_old(self) -> None:
        """What no vantage has spoken of for so long is settled as it is believed."""
        old = self._newest() - REOPENED_MS
        if old <= self._settled_until:
            return
        for at, seen in paired(self._unsettled(), self._settled_until):
            if at > old or self._fed_at is None or at > self._fed_at:
                break
            self._base.take(Round(at, marks(seen, self.vantages)))
            self._base_at = at
        entries = enumerate(each.transition.confirmed_at for each in self.entries)
        self._settled = max((n + 1 for n, at in entries if at <= self._settled_until), default=0)
        self._let_go()

    def _waits_for_others(self, at: int) -> bool:
        """Whether a vantage that spoke a moment ago has yet to speak of `at`."""
        return any(at - self.patience_ms <= self._spoke_until(each) < at for each in self.vantages)

    def _let_go(self) -> None:
        """Of settled runs only the last is needed, to be made longer."""
        for name, runs in self.heard.items():
            if len(runs) > 1 and runs[0].until <= self._settled_until:
                left = [each for each in runs if each.until > self._settled_until]
                self.heard[name] = left or runs[-1:]

    # --- clocks, coverage, rounds that are kept ---------------------------------------------------

    def _clock_stepped(self, round_: ServiceRound) -> int:
        """How far the wall clock was set since the last round; 0 where it was not.

        Over a restart there is no steady clock to compare with: only a step back is seen.
        """
        if self._last_at is None:
            return 0
        if self._steady_ms is None:
            return min(0, round_.at - self._last_at - 1)
        step = (round_.at - self._last_at) - (round_.steady_ms - self._steady_ms)
        if round_.at <= self._last_at:
            return min(step, -1)
        return step if abs(step) > JUMP_MS else 0

    def _set_back(self, at: int, own: str) -> tuple[Coverage, ...]:
        """The clock was set back to `at`: what was put down for later is doubtful.

        It no longer counts as covered; what was down in it stays down. The service begins anew.
        """
        if self._last_at is None or at > self._last_at:
            return ()
        ours = [each for each in self.coverage if not self.vantages or each.vantage == own]
        cut = tuple(
            Coverage(each.service, each.vantage, each.start, max(each.start, at))
            for each in ours
            if each.to > at
        )
        kept = [each for each in self.coverage if each.to <= at or each not in ours]
        self.coverage = [*kept, *(each for each in cut if each.start < each.to)]
        change = Transition(at, State.UNKNOWN, self.state, at)
        self.entries.append(Entry(self.service, change, "this machine's clock was set back"))
        for name in (own, HOSTS):
            earlier = (each.before(at) for each in self.heard.get(name, ()))
            self.heard[name] = [each for each in earlier if each is not None]
        self._begin_from(State.UNKNOWN, None, len(self.entries))
        self._fed_at = self._base_at = at - 1
        return cut

    def _cover(self, vantage: str, start: int, to: int, *, split: bool) -> Coverage:
        """The row of coverage that rounds from `start` to `to` make longer, or begin."""
        found = [n for n, each in enumerate(self.coverage) if each.vantage == vantage]
        last = self.coverage[found[-1]] if found else None
        if last is not None and not split and last.to < to and start <= last.to + self.patience_ms:
            row = Coverage(last.service, vantage, min(last.start, start), to)
            self.coverage[found[-1]] = row
        else:
            row = Coverage(self.service, vantage, start, to)
            self.coverage.append(row)
        return row

    def _kept(self, round_: ServiceRound, seen: Seen, cause: str) -> tuple[KeptRound, ...]:
        """Rounds that were not good, and the first good one after them."""
        good = seen is Seen.OK
        kept = not good or not self._was_good
        self._was_good = good
        if not kept:
            return ()
        return (
            KeptRound(self.service, round_.vantage, round_.at, seen, round_.milliseconds, cause),
        )

    def _entry(self, change: Transition, seen: Mapping[str, Sighting]) -> Entry:
        cause = ""
        if change.state is State.UNKNOWN and change.confirmed_at - change.at > self.patience_ms:
            cause = "nobody asked"
        elif change.state is not State.UP:
            cause = self._cause(seen)
        return Entry(self.service, change, cause)

    def _cause(self, seen: Mapping[str, Sighting]) -> str:
        """Why, in the words of those who saw it; with several vantages each by its name."""
        proof = seen[HOSTS].cause if HOSTS in seen else ""
        if len(self.vantages) < 2:
            own = next((each for name, each in seen.items() if name != HOSTS), None)
            return proof or (own.cause if own else "")
        said = [
            f"{name}: {seen[name].cause or 'well' if name in seen else 'no data'}"
            for name in self.vantages
        ]
        return "; ".join([*said, *([proof] if proof else [])])


def _alike(before: Sequence[Entry], after: Sequence[Entry]) -> int:
    """How many entries both begin with; that a cause is known better now changes nothing."""
    same = 0
    for one, other in zip(before, after, strict=False):
        if one.transition != other.transition:
            break
        same += 1
    return same
