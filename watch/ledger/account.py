"""One service's account: what vantages saw goes in, transitions and coverage come out. Pure.

An account goes on from what is on record. The time in which no watch ran is a hole like any other:
its coverage ends with the last round, and the service is unknown until the next, unless another
vantage saw it meanwhile.

Each vantage's rounds come in the order of time; those of another vantage come when they come, after
a cut perhaps hours late. What all of them have spoken of is settled. What came since is believed as
far as it goes, and said anew when more is heard: what was said otherwise is withdrawn. That is read
again in pieces, for days of rounds take a while, and is said when the last is read; until then what
was believed before stands.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from itertools import islice

from estate.ledger.book import Batch, Coverage, Entry, KeptRound, Pages
from estate.ledger.observed import ServiceRound
from estate.ledger.rounds import HOLE_CADENCES, Ledger, Round, Seen, State, Transition
from estate.ledger.sightings import HOSTS, Sighting, marks, paired
from watch.ledger.attendance import Attendance
from watch.ledger.causes import entry_of
from watch.ledger.ownrounds import OwnRounds
from watch.ledger.resuming import confirmations, settled_at

#: A vantage may be this late: what it says of longer ago changes no figure any more.
REOPENED_MS = 3 * 86_400_000
#: So many rounds are read at once; the event loop waits meanwhile, a few milliseconds.
PIECE_ROUNDS = 500


@dataclass(frozen=True, slots=True)
class _Mark:
    """How the reading stood at a round: the ledger, and how many entries followed the settled."""

    at: int
    ledger: Ledger
    entries: int


class Account:
    """`pages` are what the records have of the service, from the month's beginning at least.

    `vantages` are all that are to speak, the watch's own first; without them it is whichever does.
    """

    def __init__(
        self,
        service: str,
        cadence_ms: int,
        pages: Pages,
        vantages: tuple[str, ...] = (),
        *,
        piece_rounds: int = PIECE_ROUNDS,
    ) -> None:
        self.service = service
        self._piece_rounds = piece_rounds
        self.cadence_ms = cadence_ms
        self.vantages = vantages
        self.entries = list(pages.entries)
        self.latest: ServiceRound | None = None
        self.heard: dict[str, list[Sighting]] = {}  # a vantage's runs that are not settled
        self.rounds_read = 0  # ever; one that is read again counts again
        for each in pages.sightings:
            self.heard.setdefault(each.vantage, []).append(each)
        self._attendance = Attendance(service, pages.coverage)
        self._own = OwnRounds(self._attendance.last(vantages[0] if vantages else ""))
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
        return self._attendance.last()

    @property
    def coverage(self) -> Sequence[Coverage]:
        """When each vantage asked."""
        return self._attendance.rows

    @property
    def patience_ms(self) -> int:
        """So long after a round its word still stands."""
        return HOLE_CADENCES * self.cadence_ms

    def follow(self, cadence_ms: int, vantages: tuple[str, ...]) -> Batch:
        """From the next round on count by another cadence, or hear others.

        What was heard so far is believed by the rules of its time, and stays so.
        """
        if (cadence_ms, vantages) == (self.cadence_ms, self.vantages):
            return Batch()
        changes = self._read_to_the_end()
        self.cadence_ms, self.vantages = cadence_ms, vantages
        self._begin_from(self.state, self._fed_at, len(self.entries))
        return Batch(changes)

    # --- what comes in ----------------------------------------------------------------------------

    def take(self, round_: ServiceRound, proof: str = "", seq: int = 0) -> Batch:
        """Take a round of our own in; what of it is to be put on record.

        `proof` is why hosts prove that the service is down, "" where they don't; it counts only
        where no vantage is served. `seq` is the round's number in our journal.
        """
        self._settle_what_is_old()
        stepped = self._own.clock_stepped(round_)
        believed = self._read_to_the_end() if stepped < 0 else ()
        begun = len(self.entries)
        shortened = self._set_back(round_.at, round_.vantage) if stepped < 0 else ()
        restart = (*believed, *self.entries[begun:])
        own = Sighting(
            self.service, round_.vantage, round_.at, round_.at, self.cadence_ms, round_.seen, seq,
            round_.milliseconds, round_.cause,
        )  # fmt: skip
        runs = [self._lengthen(own)]
        if proof:
            proven = replace(own, vantage=HOSTS, seen=Seen.FAIL, cause=proof, milliseconds=None)
            runs.append(self._lengthen(proven))
        self._doubt(round_.at)
        changes = self.go_on()
        row = self._attendance.cover(
            round_.vantage, round_.at, round_.at, self.patience_ms, split=bool(stepped)
        )
        self.latest, kept = round_, self._own.take(round_, proof)
        return Batch((*restart, *changes), (*shortened, row), rounds=kept, sightings=tuple(runs))

    def hear(
        self, vantage: str, told: Iterable[Sighting], most: int | None = None, *, floor: int = -1
    ) -> Batch:
        """Take in what another vantage saw, in the order of its journal, and go on by a piece, or
        `most` rounds; what is to be put down.

        What was heard before, or is of too long ago, before `floor`, changes nothing.
        """
        self._settle_what_is_old(floor)
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
            row = self._attendance.cover(vantage, new, each.until, self.patience_ms)
            rows[row.start] = row
            if new == each.at and (each.seen is not Seen.OK or not first):
                its = (self.service, vantage, each.at, each.seen, each.milliseconds, each.cause)
                rounds.append(KeptRound(*its))
        if earliest is None:
            return Batch()
        self._doubt(earliest)
        changes = self.go_on(most)
        return Batch(changes, tuple(rows.values()), rounds=tuple(rounds), sightings=tuple(taken))

    def forget(self, before: int) -> None:
        """Let go of what bears on nothing from `before` on; the records keep it."""
        self._attendance.forget(before)
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
        believed = bisect_right(confirmations(self.entries), found)
        state = self.entries[believed - 1].transition.state if believed else State.UNKNOWN
        self._begin_from(state, found, believed)

    def _begin_from(self, state: State, at: int | None, settled: int) -> None:
        """All up to `at`, and so many entries, are settled; the service was in `state` then."""
        self._ledger = Ledger(self.cadence_ms, state, at)
        self._fed_at = at
        self._base, self._base_at, self._settled = copy(self._ledger), at, settled
        self._after: list[Entry] = []  # what follows the settled entries, as far as it is read
        self._sure = 0  # so many of these are settled too
        self._marks: list[_Mark] = []  # on the way there, where it may be gone on from
        self.behind = False  # there is more to read before anything is believed

    @property
    def _settled_until(self) -> int:
        return -1 if self._base_at is None else self._base_at

    def go_on(self, most: int | None = None) -> tuple[Entry, ...]:
        """Read the rounds of a piece, or `most`: entries that are withdrawn, and new ones.

        Nothing changes before the last round there is was read; until then it is `behind`.
        """
        newest = self._newest()
        settled = min(map(self._spoke_until, self.vantages), default=newest)
        fed = -1 if self._fed_at is None else self._fed_at
        self.behind = False
        for number, (at, seen) in enumerate(paired(self._unsettled(), fed)):
            if at == newest > settled and self._waits_for_others(at):
                break
            if number == (self._piece_rounds if most is None else most):
                self.behind = True
                break
            if at > settled:
                self._settle(settled)
            self._after += self._feed(at, seen)
            self._fed_at = at
            if self.rounds_read % self._piece_rounds == 0:
                self._marks.append(_Mark(at, copy(self._ledger), len(self._after)))
        self._settle(settled)
        return () if self.behind else self._say()

    def _read_to_the_end(self) -> tuple[Entry, ...]:
        """Before the rules change, or the clock, whatever it takes."""
        changes: tuple[Entry, ...] = ()
        while self.behind:
            changes = self.go_on()
        return changes

    def give_up(self) -> tuple[Entry, ...]:
        """What is left can't be read: it is unknown, and the account begins anew after it.

        Returns as `go_on` does.
        """
        said, newest = [*self.entries[: self._settled], *self._after], self._newest()
        state = said[-1].transition.state if said else State.UNKNOWN
        if state is not State.UNKNOWN:
            at = newest if self._fed_at is None else self._fed_at
            change = Transition(at, State.UNKNOWN, state, newest)
            cause = "a defect of twinwatch: what was seen can't be read"
            self._after.append(Entry(self.service, change, cause))
        changes = self._say()
        self._begin_from(State.UNKNOWN, newest, len(self.entries))
        return changes

    def _doubt(self, first: int) -> None:
        """A round at `first` is new: what was read of later than that is read again."""
        if self._fed_at is None or first > self._fed_at:
            return
        while self._marks and self._marks[-1].at >= first:
            del self._marks[-1]
        mark = self._marks[-1] if self._marks else None
        if mark is not None and mark.at > self._settled_until:
            self._ledger, self._fed_at = copy(mark.ledger), mark.at
            del self._after[mark.entries :]
        else:
            self._ledger, self._fed_at = copy(self._base), self._base_at
            del self._after[self._sure :]

    def _settle(self, until: int) -> None:
        """All that was read is settled, if all vantages have spoken of it: up to `until`."""
        if self._fed_at is not None and self._settled_until < self._fed_at <= until:
            self._base, self._base_at = copy(self._ledger), self._fed_at
            self._sure = len(self._after)

    def _say(self) -> tuple[Entry, ...]:
        """What was read is believed: what of it is not said yet, and what is said otherwise."""
        doubted = self.entries[self._settled :]
        same = _alike(doubted, self._after)
        fresh = self._after[same:]
        self.entries[self._settled + same :] = fresh
        self._stand(self._settled + self._sure)
        return (*(replace(each, withdrawn=True) for each in doubted[same:]), *fresh)

    def _feed(self, at: int, seen: Mapping[str, Sighting]) -> list[Entry]:
        """One round of all vantages; those who did not speak have no data."""
        self.rounds_read += 1
        changes = self._ledger.take(Round(at, marks(seen, self.vantages)))
        return [
            entry_of(self.service, change, seen, self.vantages, self.patience_ms)
            for change in changes
        ]

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

    def _settle_what_is_old(self, floor: int = -1) -> None:
        """What no vantage has spoken of for so long is settled as it is believed; so is all before
        `floor`, and what was not read of it is a hole: a line of a journal may be a year long."""
        old = max(self._newest() - REOPENED_MS, floor - 1)
        if self.behind or old <= self._settled_until:
            return
        before, fed, left = self._base_at, self._fed_at or -1, self._piece_rounds
        for at, seen in islice(paired(self._unsettled(), self._settled_until), left):
            if at > min(old, fed):
                break
            self._base.take(Round(at, marks(seen, self.vantages)))
            self._base_at, left = at, left - 1
        if left and self._settled_until < floor - 1:
            self._base_at, self._fed_at = floor - 1, max(fed, floor - 1)
        if self._base_at == before:
            return
        self._stand(bisect_right(confirmations(self.entries), self._settled_until))

    def _stand(self, settled: int) -> None:
        """All that was read is said, and the first `settled` entries are settled."""
        more, self._settled = settled - self._settled, settled
        self._after, self._sure = self.entries[settled:], 0
        if more or (self._marks and self._marks[0].at <= self._settled_until):
            later = (each for each in self._marks if each.at > self._settled_until)
            self._marks = [replace(each, entries=each.entries - more) for each in later]
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

    # --- clocks -----------------------------------------------------------------------------------

    def _set_back(self, at: int, own: str) -> tuple[Coverage, ...]:
        """The clock was set back to `at`: what was put down for later is doubtful.

        It no longer counts as covered; what was down in it stays down, an outage that goes on too:
        it ends with the last round by the clock as it was. The service begins anew.
        """
        last_at = self._own.last_at
        if last_at is None or at > last_at:
            return ()
        cut = self._attendance.cut(at, own if self.vantages else "")
        ends = [at] if self.state is not State.DOWN else [last_at, at]
        for end in ends:
            change = Transition(end, State.UNKNOWN, self.state, end)
            self.entries.append(Entry(self.service, change, "this machine's clock was set back"))
        for name in (own, HOSTS):
            earlier = (each.before(at) for each in self.heard.get(name, ()))
            self.heard[name] = [each for each in earlier if each is not None]
        self._begin_from(State.UNKNOWN, None, len(self.entries))
        self._fed_at = self._base_at = at - 1
        return cut


def _alike(before: Sequence[Entry], after: Sequence[Entry]) -> int:
    """How many entries both begin with; that a cause is known better now changes nothing."""
    same = 0
    for one, other in zip(before, after, strict=False):
        if one is not other and one.transition != other.transition:
            break
        same += 1
    return same
