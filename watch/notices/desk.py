"""The desk that tells people of problems: what is due is sent, address by address of the targets.

Each address has a worker of its own, so that one that hangs or refuses costs only its own notices;
they wait, together, until it takes them. That it does not is an event, and stands in `doctor`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from collectors.blocking import on_thread
from estate.attention import Kept
from estate.document import Document, Severity
from estate.language import Words
from watch.error import WatchError
from watch.notices import sending
from watch.notices.deciding import Deciding, Notice, Turn
from watch.notices.following import RulesFile, Unfollowed
from watch.notices.letters import Letters, as_sent_to
from watch.notices.messages import Attachment, Message, message
from watch.notices.rules import Rules, Target, first_taking
from watch.surviving import Defects

#: What is due is looked for this often.
LOOK_SECONDS = 2.0
#: A target that has not taken a message after so long hangs; nothing more is sent to it before it
#: has let go of this one.
SEND_SECONDS = 30.0
#: After a failure the target rests so long, ever longer.
FIRST_REST_SECONDS = 10.0
LAST_REST_SECONDS = 600.0
#: Notices that wait for one target; the oldest give way, and are counted.
MOST_WAITING = 200

#: What a test attaches for who is sent handovers.
_TEST_PAGE = b"<!doctype html><title>twinwatch</title><p>Handovers come as a file like this.</p>"

_WHERE = "notices"
_log = logging.getLogger("watch")


class Told(Protocol):
    """What the desk needs of the watch."""

    @property
    def document(self) -> Document: ...
    @property
    def complete(self) -> bool: ...
    def say(self, severity: Severity, where: str, what: str) -> None: ...


class KeepsNotices(Protocol):
    """What the desk needs of the records."""

    async def keep_attention(self, kept: Kept) -> bool: ...


@dataclass(frozen=True, slots=True)
class TargetRow:
    """How an address of a target does. `failing_since` None: it took the last message, or none was.

    `lost` notices were given up because too many waited. `letters` are handovers that are under way
    to it, `letter_why` is why it did not take the last that was tried, "" where it did.
    """

    name: str
    service: str
    sent_at: int | None = None
    failing_since: int | None = None
    why: str = ""
    waiting: int = 0
    lost: int = 0
    letters: int = 0
    letter_why: str = ""


class _Worker:
    """One address of a target, and what waits for it."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.row = TargetRow(target.name, sending.service_of(target))
        self.waiting: dict[tuple[str, str], Notice] = {}
        self.news = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def put(self, notice: Notice) -> None:
        """Take a notice to be sent, in place of an older one of the same problem."""
        self.waiting.pop(notice.key, None)
        self.waiting[notice.key] = notice
        lost = 0
        while len(self.waiting) > MOST_WAITING:
            self.waiting.pop(next(iter(self.waiting)))
            lost += 1
        self.row = replace(self.row, waiting=len(self.waiting), lost=self.row.lost + lost)
        self.news.set()


class NoticeDesk:
    """Follows the file that `where` names, the board, and every target. `now` gives UTC ms."""

    def __init__(
        self,
        keeper: KeepsNotices,
        watch: Told,
        *,
        where: Callable[[], Path | None],
        words: Callable[[str], Words],
        now: Callable[[], int],
    ) -> None:
        self._keeper = keeper
        self._watch = watch
        self._file = RulesFile(where)
        self._words = words
        self._now = now
        self._rules = Rules()
        self._deciding = Deciding()
        self._workers: dict[str, _Worker] = {}
        self._looking: asyncio.Task[None] | None = None
        self._letters = Letters(self._attempt, watch.say)
        self.trouble = ""  # why the file is not followed

    # --- the start and the end --------------------------------------------------------------------

    def open(self, kept: Kept) -> None:
        """Go on from what was told before."""
        self._deciding = Deciding(kept.sent)
        self._looking = asyncio.create_task(self._look(), name="notices")

    async def close(self) -> None:
        """Send nothing more: what is due is due again when a watch is there again."""
        tasks = [each.task for each in self._workers.values() if each.task is not None]
        tasks += [self._looking] if self._looking is not None else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._letters.close()

    @property
    def hands_over(self) -> bool:
        """Whether anybody is sent handovers."""
        return bool(self._rules.handovers)

    def hand_over(self, letter: Message) -> None:
        """Send a handover to every target that is to have it; returns at once."""
        for address in self._rules.recipients:
            self._letters.post(address, letter)

    # --- what is asked ----------------------------------------------------------------------------

    def rows(self) -> tuple[TargetRow, ...]:
        """How each address of the targets does, in the order of the file."""
        return tuple(
            replace(
                each.row,
                letters=self._letters.waiting(each.target),
                letter_why=self._letters.why_not(each.target),
            )
            for each in self._workers.values()
        )

    def rehearsed(self, only: str = "") -> list[dict[str, Any]]:
        """What would be sent now, to whom, if everything that stands had just been found; to one
        target alone where it is named. Raises WatchError."""
        document, now = self._watch.document, self._now()
        said: list[dict[str, Any]] = []
        for worker in self._wanted(only):
            name = worker.target.name
            due = [
                Notice(name, Turn.RAISED, each, now)
                for each in document.problems
                if first_taking(self._rules.rules, worker.target.listed, each, now) is not None
            ]
            made = self._message(due) if due else None
            said.append(
                {
                    "target": name,
                    "service": worker.row.service,
                    "notices": [each.problem.id for each in due],
                    "title": made.title if made else "",
                    "body": made.body if made else "",
                    "sent": False,
                    "why": "",
                    "handovers": worker.target.listed in self._rules.handovers,
                }
            )
        return said

    def rehearsed_letter(self, letter: Message) -> list[dict[str, Any]]:
        """What `hand_over` would send, to whom, as what; nothing is. Raises WatchError."""
        self._must_follow()
        return [as_sent_to(each, letter) for each in self._rules.recipients]

    async def tried(self, person: str, only: str = "") -> list[dict[str, Any]]:
        """Send a test to every target, or to one, and say how each took it. Raises WatchError."""
        return list(await asyncio.gather(*(self._try(e, person) for e in self._wanted(only))))

    def _must_follow(self) -> None:
        if self.trouble:
            do = "see twinwatch doctor"
            raise WatchError("nothing is sent", _WHERE, self.trouble, do, status=409)

    def _wanted(self, only: str) -> Sequence[_Worker]:
        self._must_follow()
        wanted = [
            worker
            for name, worker in self._workers.items()
            if only in ("", name, worker.target.listed)
        ]
        if only and not wanted:
            why = f"there are {', '.join(self._workers) or 'none'}"
            raise WatchError("no such target", only, why, "name one of them", status=404)
        return wanted

    async def _try(self, worker: _Worker, person: str) -> dict[str, Any]:
        document = self._watch.document
        words = self._words(document.language)
        title = words.say("{estate}: a test of notices", estate=document.estate)
        body = words.say("{person} asked for it. Nothing is wrong.", person=person)
        handovers = worker.target.listed in self._rules.handovers
        # Whoever is sent handovers must take a file: whether it does is not to be found out then.
        file = Attachment("test.html", "text/html", _TEST_PAGE) if handovers else None
        why = await self._attempt(worker.target, Message(title, body, file), patient=False)
        return {
            "target": worker.target.name,
            "service": worker.row.service,
            "notices": [],
            "title": title,
            "body": body,
            "sent": not why,
            "why": why,
            "handovers": handovers,
        }

    # --- at work ----------------------------------------------------------------------------------

    async def _look(self) -> None:
        # A defect of ours costs notices, never the watch over all the rest.
        follows, tells = Defects(self._watch.say), Defects(self._watch.say)
        while True:
            with follows.confessed():
                await self._follow_file()
            with tells.confessed():
                self._put_due()
            await asyncio.sleep(LOOK_SECONDS)

    async def _follow_file(self) -> None:
        try:
            rules = await self._file.rules()
        except Unfollowed as unfollowed:
            self._complain(str(unfollowed))
            return
        except Exception as error:
            self._complain(f"a defect of twinwatch, see its log: {type(error).__name__}")
            raise
        if rules is None:
            return
        self._complain(sending.missing() if rules.targets else "")
        self._rules = rules
        self._staff(rules.addresses)

    def _complain(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            self._watch.say(Severity.WARNING, _WHERE, trouble)
        self.trouble = trouble

    def _staff(self, targets: Mapping[str, Target]) -> None:
        """A worker for each address; one that is another than it was begins anew."""
        for name, worker in list(self._workers.items()):
            if targets.get(name) != worker.target:
                if worker.task is not None:
                    worker.task.cancel()
                del self._workers[name]
        for name, target in targets.items():
            if name not in self._workers:
                worker = _Worker(target)
                worker.task = asyncio.create_task(self._work(worker), name=f"notices to {name}")
                self._workers[name] = worker
        self._workers = {name: self._workers[name] for name in targets}

    def _put_due(self) -> None:
        document = self._watch.document
        due = self._deciding.look(
            document.problems, self._rules, self._now(), complete=self._watch.complete
        )
        for notice in due:
            worker = self._workers[notice.target]
            waits = worker.waiting.get(notice.key)
            if waits is None or (waits.turn, waits.problem.severity) != (
                notice.turn,
                notice.problem.severity,
            ):
                worker.put(notice)
        wanted = {notice.key for notice in due}
        for worker in self._workers.values():
            # What waits and is due no more is no news: somebody has it, or it came and went.
            for key in worker.waiting.keys() - wanted:
                del worker.waiting[key]
            worker.row = replace(worker.row, waiting=len(worker.waiting))

    async def _work(self, worker: _Worker) -> None:
        rest = FIRST_REST_SECONDS
        while True:
            await worker.news.wait()
            worker.news.clear()
            batch = list(worker.waiting.values())
            if not batch:
                continue
            try:
                why = await self._tell(worker, batch)
            except Exception as error:
                # It must stand in the row, as a refusal would: nobody is told, and looks there.
                why = self._defect(worker.target, error)
                self._note(worker, why)
            if why:
                await asyncio.sleep(rest)
                rest = min(2 * rest, LAST_REST_SECONDS)
                worker.news.set()
                continue
            rest = FIRST_REST_SECONDS

    async def _tell(self, worker: _Worker, batch: Sequence[Notice]) -> str:
        """Send what waits, in one message; why it was not taken, "" where it was."""
        why = await self._attempt(worker.target, self._message(batch))
        self._note(worker, why)
        if not why:
            await self._delivered(worker, batch)
        return why

    async def _attempt(self, target: Target, sent: Message, *, patient: bool = True) -> str:
        """Send it; why it was not taken, "" where it was.

        A target that holds it is waited for, for as long as it does; not so where `patient` is
        False, for somebody waits for the answer.
        """
        under_way = asyncio.ensure_future(on_thread(lambda: sending.send(target, sent)))
        done, _ = await asyncio.wait({under_way}, timeout=SEND_SECONDS)
        if not done:
            hangs = f"it hangs: nothing in {SEND_SECONDS:g} s"
            if not patient:
                under_way.add_done_callback(lambda left: left.cancelled() or left.exception())
                return hangs
            if (worker := self._workers.get(target.name)) is not None:
                self._note(worker, hangs)
        try:
            await under_way
        except WatchError as error:
            return error.why
        except Exception as error:
            return self._defect(target, error)
        return ""

    def _defect(self, target: Target, error: Exception) -> str:
        _log.error("a defect of twinwatch: notices to %s", target.name, exc_info=error)
        return f"a defect of twinwatch: {type(error).__name__}"

    def _note(self, worker: _Worker, why: str) -> None:
        """Remember how the target took it; that it turns is an event."""
        row, now, name = worker.row, self._now(), worker.target.name
        if why and row.failing_since is None:
            self._watch.say(Severity.WARNING, _WHERE, f"{name} is not told: {why}")
        elif not why and row.failing_since is not None:
            self._watch.say(Severity.OK, _WHERE, f"{name} is told again")
        if why:
            since = now if row.failing_since is None else row.failing_since
            worker.row = replace(row, failing_since=since, why=why)
        else:
            worker.row = replace(row, sent_at=now, failing_since=None, why="")

    async def _delivered(self, worker: _Worker, batch: Sequence[Notice]) -> None:
        sent, settled = [], []
        for notice in batch:
            if worker.waiting.get(notice.key) is notice:
                del worker.waiting[notice.key]
            told = self._deciding.delivered(notice)
            if told is not None:
                sent.append(told)
            else:
                settled.append(notice.key)
        worker.row = replace(worker.row, waiting=len(worker.waiting))
        # Not kept means told again after a restart, which is better than not told.
        with suppress(TimeoutError):
            async with asyncio.timeout(SEND_SECONDS):
                await self._keeper.keep_attention(Kept(sent=tuple(sent), settled=tuple(settled)))

    def _message(self, batch: Sequence[Notice]) -> Message:
        document = self._watch.document
        words = self._words(document.language)
        return message(batch, document.estate, document.timezone, words)
