"""The desk where people say that they have a problem, or want to hear of some no more.

A word counts once it is on the disk: whoever was told that it is written down can rely on it,
however this watch ends. Where the disk hangs nobody knows, and whoever spoke is told so: what turns
out to be written down later is taken back, for nobody counts on it any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Protocol

from estate.attention import Acknowledgement, Ended, Ending, Kept, Silence
from estate.clean import clean
from estate.document import Document, Problem, Severity
from estate.fields import PROBLEM_FIELDS
from estate.filter import FilterError, parse
from watch.attention import words
from watch.attention.recalled import ways_of
from watch.attention.standing import Attention
from watch.error import WatchError
from watch.surviving import Defects, surviving

Body = Mapping[str, Any]

#: Characters of a reason.
MOST_REASON = 500
#: How long something may be acknowledged or silenced: what takes longer is planned work.
LEAST_MS = 60_000
MOST_MS = 31 * 86_400_000
#: Silences that may hold at once.
MOST_SILENCES = 200
#: What ended is put on record this often, or tried again.
KEEP_SECONDS = 2.0
#: The records are waited for so long.
RECORDS_SECONDS = 5.0


class KeepsAttention(Protocol):
    """What the desk needs of the records."""

    async def keep_attention(self, kept: Kept) -> bool: ...
    async def attention(self) -> Kept | None: ...


class Attended(Protocol):
    """What the desk needs of the watch."""

    @property
    def attention(self) -> Attention: ...
    @property
    def document(self) -> Document: ...
    def say(self, severity: Severity, where: str, what: str) -> None: ...
    def wake(self) -> None: ...


class AttentionDesk:
    """Takes what people say, of the watch `watch`. `now` gives UTC ms, `nonce` the end of an id."""

    def __init__(
        self,
        keeper: KeepsAttention,
        watch: Attended,
        *,
        now: Callable[[], int],
        nonce: Callable[[], str],
    ) -> None:
        self._keeper = keeper
        self._watch = watch
        self._now = now
        self._nonce = nonce
        self._keeping: asyncio.Task[None] | None = None
        self._late: set[asyncio.Task[None]] = set()  # what the records have not answered in time

    # --- the start and the end --------------------------------------------------------------------

    async def open(self) -> Kept:
        """Go on from the records; gives what they know."""
        kept: Kept | None = None
        with suppress(TimeoutError):  # a disk that hangs holds up nothing else
            async with asyncio.timeout(RECORDS_SECONDS):
                kept = await self._keeper.attention()
        if kept is None:
            what = "the records can't be read: who has which problem is not known"
            self._watch.say(Severity.WARNING, words.SILENCES, what)
            kept = Kept()
        attention = self._watch.attention
        attention.restored(Kept(kept.acknowledgements, ended=kept.ended))
        for silence in kept.silences:
            try:
                attention.silence(silence)
            except FilterError as error:  # of an older grammar: what it hid comes back
                what = f"{silence.owner}’s silence {silence.where!r} can't be read: {error}"
                self._watch.say(Severity.WARNING, words.SILENCES, what)
                attention.unkept.append(Ended(silence, self._now(), Ending.WITHDRAWN))
        self._watch.wake()
        confess = Defects(self._watch.say).confess
        self._keeping = asyncio.create_task(surviving(self._keep, confess), name="attention")
        return kept

    async def close(self) -> None:
        """Put down what ended, once, and end."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._late:
            await asyncio.wait(self._late, timeout=RECORDS_SECONDS)
            for task in self._late:
                task.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(RECORDS_SECONDS):
                await self._put_down()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            await self._put_down()

    async def _put_down(self) -> None:
        attention = self._watch.attention
        ended = tuple(attention.unkept)
        if ended and await self._keeper.keep_attention(Kept(ended=ended)):
            del attention.unkept[: len(ended)]

    # --- what people say --------------------------------------------------------------------------

    async def acknowledge(self, person: str, body: Body) -> Acknowledgement:
        """`person` has `problem` for `for_ms`, for a `reason`. Raises WatchError."""
        problem = self._problem(_text(body, "problem"))
        now = self._now()
        said = Acknowledgement(
            problem.id, person, _reason(body), now, now + _span(body), problem.severity.value
        )
        attention = self._opened()
        before = attention.acknowledgement(problem.id)
        replaced = (Ended(before, now, Ending.REPLACED),) if before is not None else ()

        def kept_late() -> None:
            if before is None or attention.acknowledgement(problem.id) != before:
                self._take_back(said, Ending.LATE)
                return
            # On the disk the word before has ended, whatever is held here: the problem is nobody's
            # again. The next watch knows that by the ending of the word that took its place.
            self._take_back(said, Ending.WITHDRAWN)
            attention.withdraw(Ended(before, self._now(), Ending.REPLACED))

        await self._must_keep(Kept((said,), ended=replaced), kept_late)
        attention.acknowledge(said)
        zone = self._watch.document.timezone
        self._watch.say(Severity.OK, problem.where, words.acknowledged(said, zone))
        self._watch.wake()
        return said

    async def silence(self, person: str, body: Body) -> Silence:
        """`person` silences what `where` selects, for `for_ms`, and why. Raises WatchError."""
        where, now = _text(body, "where").strip(), self._now()
        _selecting(where, now)
        attention = self._opened()
        if len(attention.silences) >= MOST_SILENCES:
            why, do = f"{MOST_SILENCES} hold already", "take some back: twinwatch unsilence ID"
            raise WatchError("it is not silenced", where, why, do, status=409)
        said = Silence(f"s-{self._nonce()}", where, person, _reason(body), now, now + _span(body))
        await self._must_keep(Kept(silences=(said,)), lambda: self._take_back(said, Ending.LATE))
        attention.silence(said)
        document = self._watch.document
        attending = Attention()
        attending.silence(said)
        shown, _ = attending.look(document.problems, now, complete=True)
        many = sum(each.silence == said.id and not each.parent for each in shown)
        self._watch.say(Severity.OK, words.SILENCES, words.silenced(said, many, document.timezone))
        self._watch.wake()
        return said

    async def withdraw(self, person: str, said: Acknowledgement | Silence) -> None:
        """`person` takes back what they, or somebody else, said. Raises WatchError."""
        ended = Ended(said, self._now(), Ending.WITHDRAWN, person)
        attention = self._opened()

        def kept() -> None:
            if said in (*attention.acknowledgements, *attention.silences):  # nobody was quicker
                attention.withdraw(ended)
                attention.unkept.remove(ended)  # it is kept
                self._watch.wake()

        await self._must_keep(Kept(ended=(ended,)), kept)  # what ended can't be made to hold again
        kept()

    def acknowledgements(self) -> tuple[Acknowledgement, ...]:
        """Who has which problem, the oldest first."""
        return self._opened().acknowledgements

    def silences(self) -> tuple[Silence, ...]:
        """What is silenced, the oldest first."""
        return self._opened().silences

    def acknowledgement(self, problem: str) -> Acknowledgement:
        """The one of `problem` that holds. Raises WatchError."""
        attention = self._opened()
        found = attention.acknowledgement(problem)
        if found is None:
            known = [each.problem for each in attention.acknowledgements]
            why, do = "nobody has it", _nearest(problem, known, "twinwatch ack lists them")
            raise WatchError("no such acknowledgement", problem, why, do, status=404)
        return found

    def silence_called(self, name: str) -> Silence:
        """The silence of that id. Raises WatchError."""
        silences = self._opened().silences
        for each in silences:
            if each.id == name:
                return each
        do = _nearest(name, [each.id for each in silences], "twinwatch silence lists them")
        raise WatchError("no such silence", name, "none of that id holds", do, status=404)

    def _opened(self) -> Attention:
        """What was said, once it is known what was said before. Raises WatchError."""
        if self._keeping is None:
            why, do = "the watch is still starting", "ask again in a moment"
            raise WatchError("not yet", "acknowledgements", why, do, status=503)
        return self._watch.attention

    def _problem(self, name: str) -> Problem:
        problems = self._watch.document.problems
        for each in problems:
            if each.id == name:
                return each
        do = _nearest(name, [each.id for each in problems], "twinwatch problems --json has ids")
        raise WatchError("no such problem", name, "the board has none of that id", do, status=404)

    def _take_back(self, said: Acknowledgement | Silence, how: Ending) -> None:
        """Of what nobody was told that it is written down, nothing may hold after a restart."""
        self._watch.attention.unkept.append(Ended(said, self._now(), how))
        self._watch.say(Severity.WARNING, words.SILENCES, words.taken_back(said))

    async def _must_keep(self, kept: Kept, kept_late: Callable[[], None]) -> None:
        """Put it down, or raise WatchError. Where the records do not answer in time nobody knows
        whether it is down; once they say that it is, `kept_late` follows."""
        writing = asyncio.ensure_future(self._keeper.keep_attention(kept))
        try:
            await asyncio.wait({writing}, timeout=RECORDS_SECONDS)
        finally:  # also where whoever asked has left: only the wait ends by that, never the write
            if not writing.done():
                follow = asyncio.create_task(self._follow(writing, kept_late), name="a late word")
                self._late.add(follow)
                follow.add_done_callback(self._late.discard)
        if not writing.done():
            why = f"the records did not answer within {RECORDS_SECONDS:g} s"
            do = "look at what holds in a while, then say it again; see twinwatch doctor"
            what = "nobody knows if it was written down"
            raise WatchError(what, "the records", why, do, status=504)
        if not writing.result():
            why, do = "the records can't be written", "see twinwatch doctor, then say it again"
            raise WatchError("it was not written down", "the records", why, do, status=507)

    async def _follow(self, writing: asyncio.Future[bool], kept_late: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the records are closed: the next watch reads what they hold
            if await writing:
                kept_late()


# --- what is asked ------------------------------------------------------------------------------


def _nearest(name: str, known: list[str], otherwise: str) -> str:
    near = get_close_matches(name, known, 1)
    return f"did you mean {near[0]}?" if near else otherwise


def _wrong(key: str, why: str, do: str) -> WatchError:
    return WatchError("the request is refused", key, why, do, status=400)


def _text(body: Body, key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(key, "it is missing, or no text", f"give {key}")
    return value


def _reason(body: Body) -> str:
    """For the record, and for everybody's terminal."""
    return clean(" ".join(_text(body, "reason").split()), limit=MOST_REASON)


def _span(body: Body) -> int:
    value = body.get("for_ms")
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong("for", "it is missing: nothing is quiet for ever", "give a span such as 2h")
    if not LEAST_MS <= value <= MOST_MS:
        raise _wrong("for", "it is not between 1m and 31d", "longer work is planned: maintenance")
    return value


def _selecting(where: str, now: int) -> None:
    """Raises WatchError where `where` is no filter, or one that would hush what nobody has met."""
    if clean(where) != where:  # everybody's terminal shows it
        raise _wrong("where", "it has characters that nobody sees", "write it without them")
    try:
        read = parse(where, PROBLEM_FIELDS)
    except FilterError as error:
        place = f"filter {where!r}, column {error.column}"
        raise WatchError(
            "the filter is refused", place, error.what, error.todo, status=400
        ) from error
    do = "say what is to be silenced: site:recovery"
    if not read.terms:
        raise _wrong("where", "it selects everything", do)
    for since in (now, 0):  # whichever age is selected
        if all(read.matches(way) for way in ways_of(replace(_STRANGER, since=since), now)):
            why = "it selects critical problems of any kind and place, also those to come"
            raise _wrong("where", why, do)


#: A problem that nobody thinks of who silences some: of no known kind, on no known host.
_STRANGER = Problem(
    "no-such/no-such", "no-such", "no-such", "", Severity.CRITICAL, 0, kind="no-such",
    hosts=("no-such",), site="no-such",
)  # fmt: skip
