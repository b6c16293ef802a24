"""Notes, offers, answers, signatures: on the disk first, each by whom it may be, and told."""

from __future__ import annotations

import asyncio
import hashlib
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.played_snapshot import SMALL, played_snapshot
from estate.document import Document, Problem, Severity, WatchRow
from estate.handover import OVERDUE_MS, Offered, Ownership
from estate.runs import ShiftRow
from snapshots.difference import Ended, items_of
from snapshots.reading import read_snapshot
from snapshots.snapshot import Snapshot, Unseen
from storage.database import Fault, RecordsError
from storage.handovers import HandoverFolder
from watch.attention.recalled import OVER_MS
from watch.error import WatchError
from watch.handover import documents
from watch.handover.desk import Frozen, HandoverDesk
from watch.handover.freezing import Left

AT = 1_795_156_200_000
DAY = 86_400_000


class Stand:
    """A desk over a real folder; the watch only remembers what it was told."""

    def __init__(self, directory: Path, *, alone: bool = False) -> None:
        self.now = AT
        self.said: list[str] = []
        self.cleared: list[str] = []
        self.sent: list[str] = []
        self.shown: tuple[Problem, ...] = ()
        self.owners: Mapping[str, Ownership] = {}
        self.complete = True
        self.frozen = 0
        self.left: Left | None = None
        self.played = played_snapshot(SMALL)
        self.document = Document(1, AT, "Test", "UTC", "en", 5_000, WatchRow())
        self.document = replace(self.document, problems=self.played.problems)
        self.ended = Ended(frozenset())
        self.folder = HandoverFolder(directory / "handovers")
        self.noted = 0
        self.desk = HandoverDesk(
            self.folder, self, self.freeze, delivery=self,
            now=lambda: self.now, nonce=self.nonce, alone=alone,
        )  # fmt: skip

    async def send(self, made: Snapshot) -> None:
        self.sent.append(made.id)

    async def rehearsed(self, made: Snapshot) -> list[dict[str, Any]]:
        return []

    async def freeze(self, person: str, start: int | None, left: Left | None) -> Frozen:
        self.frozen += 1
        self.left = left
        made = replace(self.played, made_at=self.now, id=f"h-{self.now}", by=person, before=None)
        return Frozen(made, self.ended)

    @property
    def last(self) -> str:
        return self.desk.handover("last").offered.id

    def nonce(self) -> str:
        self.noted += 1
        return str(self.noted)

    def say(self, severity: Severity, where: str, what: str, cleared: str = "") -> None:
        self.said.append(f"{where}: {what}")
        self.cleared.append(cleared)

    def show_handovers(self, problems: tuple[Problem, ...]) -> None:
        self.shown = problems

    def show_owners(self, owners: Mapping[str, Ownership]) -> None:
        self.owners = owners

    def show(self, *problems: Problem) -> None:
        self.document = replace(self.document, problems=problems)

    @property
    def whose(self) -> dict[str, str]:
        return {name: each.owner for name, each in self.owners.items()}


def played(directory: Path, play: Callable[[Stand], Awaitable[Any]], **more: bool) -> None:
    async def run() -> None:
        stand = Stand(directory, **more)
        await stand.desk.open()
        try:
            await play(stand)
        finally:
            await stand.desk.close()

    asyncio.run(run())


async def refused(asked: Awaitable[object]) -> WatchError:
    with pytest.raises(WatchError) as caught:
        await asked
    return caught.value


def test_what_was_said_is_there_after_a_restart(tmp_path: Path) -> None:
    async def before(stand: Stand) -> None:
        note = await stand.desk.add_note("op", {
            "text": "mail is\x1b[2J slow", "kind": "incident", "severity": "critical",
            "tenants": ["T01"], "hypothesis": "disk", "tried": "restart", "next_step": "look",
            "call": "storage", "promised_ms": 3_600_000,
        })  # fmt: skip
        assert (note.text, note.owner) == ("mail is\\x1b[2J slow", "op")
        assert note.promised_until == AT + 3_600_000
        await stand.desk.offer("op", None)
        await stand.desk.answer("chan", stand.last, {"answer": "accepted"})

    async def after(stand: Stand) -> None:
        assert [each.text for each in stand.desk.notes()] == ["mail is\\x1b[2J slow"]
        (handover,) = stand.desk.handovers()
        assert (handover.owner, handover.unanswered) == ("op", ())
        await stand.desk.sign("chan", stand.last, {"sha256": handover.offered.sha256})
        assert stand.desk.handover("last").owner == "chan"

    played(tmp_path, before)
    played(tmp_path, after)


def test_every_open_item_is_handed_over_by_its_id(tmp_path: Path) -> None:
    async def play(stand: Stand) -> None:
        note = await stand.desk.add_note("op", {"text": "x"})
        offered = (await stand.desk.offer("op", None)).offered
        content = await stand.desk.document(offered.id)
        assert hashlib.sha256(content).hexdigest() == offered.sha256
        document = read_snapshot(content)
        assert [each.id for each in offered.items] == list(items_of(document))
        assert f"note:{note.id}" in {each.id for each in offered.items}

    played(tmp_path, play)


def test_what_nobody_could_read_is_not_offered(tmp_path: Path) -> None:
    """A figure that no reader believes, wherever it slipped through: not kept, told or sent."""
    absurd = ShiftRow("db", "mem", 1e300, 0.0)

    async def play(stand: Stand) -> None:
        await stand.desk.add_note("op", {"text": "x"})
        sane, said = stand.played, list(stand.said)
        stand.played = replace(sane, runs=(replace(sane.runs[0], shifts=(absurd,)),))
        error = await refused(stand.desk.offer("op", None))
        assert (error.status, error.what) == (500, "not offered")
        assert error.why.startswith("its document can't be read: a number in it is beyond")
        assert (stand.desk.handovers(), stand.sent, stand.said) == ((), [], said)
        assert [*stand.folder.directory.glob("h-*")] == []
        stand.played = sane
        offered = (await stand.desk.offer("op", None)).offered
        read_snapshot(await stand.desk.document(offered.id))

    played(tmp_path, play)


def test_nobody_signs_what_they_offered_or_what_was_not_answered(tmp_path: Path) -> None:
    async def play(stand: Stand) -> None:
        offered = (await stand.desk.offer("op", None)).offered
        right = {"sha256": offered.sha256}
        own = await refused(stand.desk.sign("op", offered.id, right))
        assert own.why == "you offered it yourself"
        early = await refused(stand.desk.sign("chan", offered.id, right))
        assert early.why.startswith(f"you said nothing of {len(offered.items)} of its items")
        one, *_ = offered.items
        bare = await refused(
            stand.desk.answer("chan", stand.last, {"answer": "refused", "items": [one.id]})
        )
        assert (bare.where, bare.why) == ("why", "it is missing")
        known = await stand.desk.answer(
            "chan", stand.last, {"answer": "questioned", "items": [one.id], "why": "since when?"}
        )
        assert len(known.unanswered) == len(offered.items) - 1
        await stand.desk.answer("chan", stand.last, {"answer": "accepted"})
        assert [each.answer for each in stand.desk.handover("last").answers].count(
            "questioned"
        ) == 1
        wrong = await refused(stand.desk.sign("chan", stand.last, {"sha256": "0" * 64}))
        assert wrong.why == "the hash is that of another document"
        await stand.desk.sign("chan", stand.last, right)
        again = await refused(stand.desk.sign("wong", stand.last, right))
        assert again.why == "chan has signed it"
        assert stand.said[-1] == f"handover: chan has taken {offered.id} over from op"
        assert stand.cleared[-1] == f"handover/{offered.id}"

    played(tmp_path, play)


def test_only_who_answered_signs(tmp_path: Path) -> None:
    async def play(stand: Stand) -> None:
        offered = (await stand.desk.offer("op", None)).offered
        one, two, *_ = (each.id for each in offered.items)
        await stand.desk.answer("wong", offered.id, {"answer": "accepted", "items": [one]})
        asks = {"answer": "questioned", "items": [two], "why": "since when?"}
        await stand.desk.answer("wong", offered.id, asks)
        await stand.desk.answer("wong", offered.id, {"answer": "accepted"})
        right = {"sha256": offered.sha256}
        error = await refused(stand.desk.sign("chan", offered.id, right))
        assert error.why.startswith(f"you said nothing of {len(offered.items)} of its items")
        known = await stand.desk.answer("chan", offered.id, {"answer": "accepted"})
        assert {each.by for each in known.answers if each.item != two} == {"chan"}
        # What somebody else questioned is not accepted with all the rest.
        error = await refused(stand.desk.sign("chan", offered.id, right))
        assert error.why == f"you said nothing of 1 of its items: {two}, which wong questioned"
        by_name = f"twinwatch handover accept {offered.id} --item {two}, or question it too"
        assert error.do == by_name
        # Nor does accepting all once more send them round in a circle.
        error = await refused(stand.desk.answer("chan", offered.id, {"answer": "accepted"}))
        assert (error.status, error.what, error.do) == (409, "nothing is left", by_name)
        assert error.why == f"of what is left wong questioned {two}"
        await stand.desk.answer("chan", offered.id, {"answer": "accepted", "items": [two]})
        assert (await stand.desk.sign("chan", offered.id, right)).owner == "chan"

    played(tmp_path, play)


def test_who_means_nothing_by_all_is_told_so(tmp_path: Path) -> None:
    async def play(stand: Stand) -> None:
        offered = (await stand.desk.offer("op", None)).offered
        await stand.desk.answer("chan", offered.id, {"answer": "accepted"})
        before = stand.desk.handover(offered.id), list(stand.said)
        for body, why, do in (
            ({"answer": "accepted"}, "you have answered for each of its items",
             f"twinwatch handover sign {offered.id}"),
            ({"answer": "refused", "why": "not ours"}, "something was said of each of its items",
             "say which: --item ITEM"),
        ):  # fmt: skip
            error = await refused(stand.desk.answer("chan", offered.id, body))
            assert (error.status, error.why, error.do) == (409, why, do)
        assert (stand.desk.handover(offered.id), stand.said) == before
        stand.played = replace(stand.played, problems=(), services=(), runs=(), notes=())
        stand.now += DAY
        empty = (await stand.desk.offer("op", None)).offered
        assert empty.items == ()
        await stand.desk.answer("chan", empty.id, {"answer": "accepted"})  # all of nothing
        await stand.desk.sign("chan", empty.id, {"sha256": empty.sha256})

    played(tmp_path, play)


def test_what_was_refused_stays_with_whoever_offered_it(tmp_path: Path) -> None:
    async def play(stand: Stand) -> None:
        offered = (await stand.desk.offer("op", None)).offered
        one, two, three, *_ = (each.id for each in offered.items)
        body = {"answer": "refused", "items": [one, three], "why": "not ours"}
        await stand.desk.answer("chan", offered.id, body)
        what = f"handover: chan refuses {one} and 1 more of {offered.id}: not ours"
        assert stand.said[-1] == what
        await stand.desk.answer("chan", offered.id, {"answer": "accepted"})
        signed = await stand.desk.sign("chan", offered.id, {"sha256": offered.sha256})
        assert [signed.owner_of(each) for each in (one, two, three)] == ["op", "chan", "op"]
        assert stand.said[-1].endswith(f"over from op, who keeps {one} and 1 more")

    played(tmp_path, play)


def test_a_question_is_told_and_replied_to_and_goes_on_into_the_next_offer(tmp_path: Path) -> None:
    async def play(stand: Stand) -> None:
        first = (await stand.desk.offer("op", None)).offered
        one, two, *_ = (each.id for each in first.items)
        asks = {"answer": "questioned", "items": [one], "why": "since when?"}
        await stand.desk.answer("chan", first.id, asks)
        assert stand.said[-1] == f"handover: chan questions {one} of {first.id}: since when?"
        await stand.desk.answer("chan", first.id, {"answer": "accepted", "items": [two]})
        error = await refused(stand.desk.reply("op", first.id, {"text": "x", "items": [two]}))
        assert error.what == "no such question"
        stand.now += 1
        second = (await stand.desk.offer("op", None)).offered  # before anybody replied
        known = stand.desk.handover(second.id)
        assert [(each.item, each.why, each.handover) for each in known.carried] == [
            (one, "since when?", first.id)
        ]
        assert len(known.unanswered) == len(second.items)  # a new document wants new answers
        assert known.questions == known.carried
        known = await stand.desk.reply("op", second.id, {"text": "since 03:00"})
        assert [(each.item, each.by, each.text) for each in known.replies] == [
            (one, "op", "since 03:00")
        ]
        assert known.questions == ()
        assert stand.said[-1] == f"handover: op replies of {one} of {second.id}: since 03:00"
        error = await refused(stand.desk.reply("op", second.id, {"text": "again"}))
        assert (error.status, error.what) == (404, "no such question")

    async def after(stand: Stand) -> None:
        known = stand.desk.handover("last")
        assert [each.text for each in known.replies] == ["since 03:00"]
        assert len(known.carried) == 1

    played(tmp_path, play)
    played(tmp_path, after)


def test_who_offered_owns_the_problems_until_somebody_signs_and_a_restart_knows(
    tmp_path: Path,
) -> None:
    roots = [each.id for each in played_snapshot(SMALL).problems if not each.parent]
    one, *others = roots

    async def before(stand: Stand) -> None:
        assert stand.whose == {}
        offered = (await stand.desk.offer("op", None)).offered
        assert stand.whose == dict.fromkeys(roots, "op")
        refuses = {"answer": "refused", "items": [f"problem:{one}"], "why": "not ours"}
        await stand.desk.answer("chan", offered.id, refuses)
        await stand.desk.answer("chan", offered.id, {"answer": "accepted"})
        assert stand.whose == dict.fromkeys(roots, "op"), "nobody has signed"
        stand.now += 60_000
        await stand.desk.sign("chan", offered.id, {"sha256": offered.sha256})
        assert stand.whose == {one: "op"} | dict.fromkeys(others, "chan")
        assert stand.owners[others[0]] == Ownership("chan", offered.id, stand.now)

    async def after(stand: Stand) -> None:
        assert stand.whose == {one: "op"} | dict.fromkeys(others, "chan")

    played(tmp_path, before)
    played(tmp_path, after)


def test_a_problem_that_was_over_for_a_while_is_nobodys_when_it_is_back(tmp_path: Path) -> None:
    problems = played_snapshot(SMALL).problems
    one, *others = (each for each in problems if not each.parent)

    async def before(stand: Stand) -> None:
        offered = (await stand.desk.offer("op", None)).offered
        await stand.desk.answer("chan", offered.id, {"answer": "accepted"})
        await stand.desk.sign("chan", offered.id, {"sha256": offered.sha256})
        stand.show(*others)
        await stand.desk._look()
        stand.now += OVER_MS - 1
        await stand.desk._look()
        assert stand.whose[one.id] == "chan", "a host that is started twice is not lost twice"
        stand.show(*problems)
        await stand.desk._look()
        stand.show(*others)
        stand.now += 1
        await stand.desk._look()
        assert stand.whose[one.id] == "chan", "it was back: the time counts anew"
        stand.complete = False
        stand.now += OVER_MS
        await stand.desk._look()
        assert stand.whose[one.id] == "chan", "what is not seen is not known to be over"
        stand.complete = True
        await stand.desk._look()
        stand.show(*problems)
        await stand.desk._look()
        assert stand.whose == dict.fromkeys((each.id for each in others), "chan")

    async def after(stand: Stand) -> None:
        assert one.id not in stand.whose
        assert stand.whose[others[0].id] == "chan"
        stand.now += 3 * OVER_MS
        offered = (await stand.desk.offer("chan", None)).offered
        assert stand.whose[one.id] == "chan", "it is an item again, and this handover's"
        assert f"problem:{one.id}" in {each.id for each in offered.items}

    played(tmp_path, before)
    played(tmp_path, after)


def test_what_is_over_is_nobodys_though_the_disk_does_not_take_it_and_goes_there_once_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, *others = (each for each in played_snapshot(SMALL).problems if not each.parent)

    async def before(stand: Stand) -> None:
        await stand.desk.offer("op", None)
        stand.show(*others)
        await stand.desk._look()
        stand.now += OVER_MS

        def full(line: object) -> None:
            raise RecordsError(Fault.FULL, "handovers", "no space left")

        with monkeypatch.context() as disk:
            disk.setattr(stand.folder, "append", full)
            await stand.desk._look()
            stand.show(one, *others)
            await stand.desk._look()
            assert one.id not in stand.whose
        await stand.desk._look()
        assert stand.desk.handover("last").gone == (f"problem:{one.id}",)
        await stand.desk._look()
        assert stand.desk.handover("last").gone == (f"problem:{one.id}",), "once"

    async def after(stand: Stand) -> None:
        assert one.id not in stand.whose

    played(tmp_path, before)
    played(tmp_path, after)


def test_what_is_asked_stands_until_somebody_replies_or_signs(tmp_path: Path) -> None:
    async def play(stand: Stand) -> None:
        first = (await stand.desk.offer("op", None)).offered
        one, two, *_ = (each.id for each in first.items)
        asks = {"answer": "questioned", "items": [one], "why": "since when?"}
        stand.now += 1_000
        await stand.desk.answer("chan", first.id, asks)
        refuses = {"answer": "refused", "items": [two], "why": "not ours"}
        await stand.desk.answer("chan", first.id, refuses)
        question, refusal = stand.shown
        assert question.what == f"chan questions {one} of {first.id}: since when?"
        assert refusal.what == f"chan refuses {two} of {first.id}: not ours"
        assert (question.since, question.owner, question.until) == (stand.now, "op", None)
        assert f"twinwatch handover reply {first.id} TEXT --item {one}" in question.why
        stand.now += 1_000
        second = (await stand.desk.offer("op", None)).offered
        assert [each.id for each in stand.shown] == [question.id, refusal.id], "they go on"
        assert second.id in stand.shown[0].why
        await stand.desk.reply("op", second.id, {"text": "since 03:00", "items": [one]})
        assert [each.id for each in stand.shown] == [refusal.id]
        await stand.desk.answer("chan", second.id, {**asks, "why": "and why?"})
        assert {each.id for each in stand.shown} > {refusal.id}
        assert question.id not in {each.id for each in stand.shown}, "another is another problem"
        await stand.desk.answer("chan", second.id, {"answer": "accepted"})
        await stand.desk.answer("chan", second.id, {"answer": "accepted", "items": [one]})
        await stand.desk.sign("chan", second.id, {"sha256": second.sha256})
        assert stand.shown == ()

    played(tmp_path, play)


def test_what_is_answered_or_signed_is_named_by_its_id(tmp_path: Path) -> None:
    async def play(stand: Stand) -> None:
        offered = (await stand.desk.offer("op", None)).offered
        for asked in (
            stand.desk.answer("chan", "last", {"answer": "accepted"}),
            stand.desk.sign("chan", "last", {"sha256": offered.sha256}),
            stand.desk.reply("op", "last", {"text": "x"}),
        ):
            error = await refused(asked)
            assert (error.status, error.what) == (400, "which handover?")
        assert stand.desk.handover("last").answers == ()

    played(tmp_path, play)


@pytest.mark.parametrize("ahead", [OVERDUE_MS, 10 * 365 * DAY])
def test_one_of_a_clock_that_was_ahead_is_overdue(tmp_path: Path, ahead: int) -> None:
    async def play(stand: Stand) -> None:
        stand.now = AT + ahead
        await stand.desk.offer("op", None)
        assert stand.shown == ()
        stand.now = AT
        await stand.desk._look()
        stand.now += 5_000
        await stand.desk._look()
        (problem,) = stand.shown
        assert problem.since == AT  # when it was seen, which is not to come

    played(tmp_path, play)


def test_an_overdue_handover_is_told_of_once_whatever_restarts(tmp_path: Path) -> None:
    async def before(stand: Stand) -> None:
        await stand.desk.offer("op", None)
        stand.now += OVERDUE_MS
        await stand.desk._look()
        assert sum("nobody has signed" in each for each in stand.said) == 1

    async def after(stand: Stand) -> None:
        stand.now += 2 * OVERDUE_MS
        await stand.desk._look()
        assert stand.said == []
        assert len(stand.shown) == 1

    played(tmp_path, before)
    played(tmp_path, after)


def test_who_is_alone_may_sign_for_themselves(tmp_path: Path) -> None:
    async def play(stand: Stand) -> None:
        offered = (await stand.desk.offer("op", None)).offered
        await stand.desk.answer("op", stand.last, {"answer": "accepted"})
        await stand.desk.sign("op", stand.last, {"sha256": offered.sha256})
        assert stand.desk.handover("last").owner == "op"

    played(tmp_path, play, alone=True)


def test_what_nobody_signs_in_time_stands_on_the_board_until_it_is_signed(tmp_path: Path) -> None:
    async def play(stand: Stand) -> None:
        offered = (await stand.desk.offer("op", None)).offered
        stand.now += OVERDUE_MS - 1
        await stand.desk._look()
        assert stand.shown == ()
        stand.now += 1
        await stand.desk._look()
        await stand.desk._look()
        (problem,) = stand.shown
        assert problem.what == f"nobody has signed {offered.id} of op"
        assert problem.since == offered.at + OVERDUE_MS
        assert stand.said.count(f"handover: {problem.what}") == 1
        await stand.desk.answer("chan", stand.last, {"answer": "accepted"})
        await stand.desk.sign("chan", stand.last, {"sha256": offered.sha256})
        assert stand.shown == ()

    played(tmp_path, play)


def test_a_later_offer_supersedes_one_that_nobody_took(tmp_path: Path) -> None:
    async def play(stand: Stand) -> None:
        first = (await stand.desk.offer("op", None)).offered
        stand.now += OVERDUE_MS
        second = (await stand.desk.offer("op", None)).offered
        assert stand.shown == ()
        assert stand.cleared[-1] == f"handover/{first.id}"
        late = await refused(stand.desk.answer("chan", first.id, {"answer": "accepted"}))
        assert late.why == f"{second.id} is later"
        document = read_snapshot(await stand.desk.document(second.id))
        assert document.before is not None and document.before.sha256 == first.sha256

    played(tmp_path, play)


def test_what_ended_before_the_period_begins_is_closed_and_not_gone(tmp_path: Path) -> None:
    async def play(stand: Stand) -> None:
        note = await stand.desk.add_note("op", {"text": "x"})
        before = (await stand.desk.offer("op", None)).offered
        problem = next(each.id for each in before.items if each.kind == "problem")
        runs = {each.where for each in before.items if each.kind == "run"}
        stand.now += DAY
        await stand.desk.close_note("op", note.id, {"why": "over"})
        stand.now += DAY
        stand.played = replace(played_snapshot(SMALL), problems=(), starts=stand.now - 1)
        stand.ended = Ended(frozenset({problem}), frozenset())
        made = await stand.desk.snapshot("op", None)
        assert made.notes == () and made.before is not None
        how = {each.id: each.how for each in made.before.differences}
        assert how[f"note:{note.id}"] == "closed"
        assert how[problem] == "closed"
        assert "vanished" in how.values()  # the other problems, of which nothing says so
        assert stand.left is not None
        assert (stand.left.at, stand.left.runs) == (before.at, runs)

    played(tmp_path, play)


def test_two_who_sign_at_once_are_one_who_signs(tmp_path: Path) -> None:
    async def play(stand: Stand) -> None:
        offered = (await stand.desk.offer("op", None)).offered
        await stand.desk.answer("chan", stand.last, {"answer": "accepted"})
        right = {"sha256": offered.sha256}
        done = await asyncio.gather(
            *(stand.desk.sign(person, stand.last, right) for person in ("chan", "wong")),
            return_exceptions=True,
        )
        refused_ = [each for each in done if isinstance(each, WatchError)]
        assert [each.why for each in refused_] == ["chan has signed it"]
        assert stand.desk.handover("last").owner == "chan"

    played(tmp_path, play)


def test_who_asks_and_goes_away_does_not_stop_a_word_half_way(tmp_path: Path) -> None:
    async def play(stand: Stand) -> None:
        asking = asyncio.create_task(stand.desk.add_note("op", {"text": "x"}))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await stand.desk.add_note("op", {"text": "y"})
        assert [each.text for each in stand.desk.notes()] == ["x", "y"]

    async def after(stand: Stand) -> None:
        assert [each.text for each in stand.desk.notes()] == ["x", "y"]

    played(tmp_path, play)
    played(tmp_path, after)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "text"), ({"text": 7}, "text"), ({"text": "  "}, "text"),
        ({"text": "x", "kind": "song"}, "kind"), ({"text": "x", "severity": "mild"}, "severity"),
        ({"text": "x", "tenants": "T01"}, "tenants"), ({"text": "x", "promised_ms": -1}, "promised_ms"),
        ({"text": "x", "promised_ms": 40 * DAY}, "promised_ms"),
        ({"text": "x", "promised_ms": True}, "promised_ms"),
    ],
)  # fmt: skip
def test_a_note_that_makes_no_sense_is_refused(
    tmp_path: Path, body: dict[str, object], where: str
) -> None:
    async def play(stand: Stand) -> None:
        error = await refused(stand.desk.add_note("op", body))
        assert (error.status, error.where) == (400, where)
        assert stand.desk.notes() == ()

    played(tmp_path, play)


def test_a_note_is_closed_once_and_stays_on_record(tmp_path: Path) -> None:
    async def play(stand: Stand) -> None:
        note = await stand.desk.add_note("op", {"text": "x"})
        await stand.desk.close_note("chan", note.id, {"why": "over"})
        assert stand.desk._notes.since(stand.now) == stand.desk.notes()
        assert stand.desk._notes.since(stand.now + 1) == ()
        for name in (note.id, "n-none"):
            error = await refused(stand.desk.close_note("chan", name, {"why": "over"}))
            assert (error.status, error.what) == (404, "no such note")

    played(tmp_path, play)


def test_a_damaged_record_is_said_and_nothing_is_taken(tmp_path: Path) -> None:
    async def write(stand: Stand) -> None:
        await stand.desk.add_note("op", {"text": "one"})
        await stand.desk.add_note("op", {"text": "two"})
        for _ in range(2):
            await stand.desk.offer("op", None)
            stand.now += DAY

    async def read(stand: Stand) -> None:
        assert "notes can't be read" in stand.said[0]
        error = await refused(stand.desk.add_note("op", {"text": "x"}))
        assert (error.status, error.what) == (507, "it was not written down")
        assert f"{journal}:1" in error.why
        for _ in range(2):  # a change of shift tries again and again
            stand.now += 60_000
            error = await refused(stand.desk.offer("day", None, stand.now))
            assert (error.status, error.what) == (507, "it was not written down")
        assert stand.frozen == 0
        for ask in (stand.desk.notes, stand.desk.handovers, lambda: stand.desk.handover("last")):
            with pytest.raises(WatchError, match="notes and handovers can't be read") as unread:
                ask()
            assert (unread.value.status, f"{journal}:1" in unread.value.why) == (500, True)
        made = await stand.desk.snapshot("op", None)
        unseen = [each for each in made.unseen if each.where == "handovers"]
        assert [(each.kind, f"{journal}:1" in each.why) for each in unseen] == [("records", True)]
        (shown,) = stand.shown
        assert (shown.id, shown.since) == ("handover/record", AT)
        assert sorted(journal.parent.glob("h-*.json")) == kept

    played(tmp_path, write)
    kept = sorted((tmp_path / "handovers").glob("h-*.json"))
    assert len(kept) == 2
    journal = tmp_path / "handovers" / "said.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"one", b"uno"))
    played(tmp_path, read)


def test_the_last_documents_are_kept_and_those_that_nobody_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "KEPT", 3)

    async def play(stand: Stand) -> None:
        stand.folder.prepare()
        strange = stand.folder.document("h-of-another-record")
        strange.write_bytes(b"{}")
        names = []
        for _ in range(5):
            names.append((await stand.desk.offer("op", None)).offered.id)
            stand.now += DAY
        there = {each.stem for each in stand.folder.directory.glob("h-*.json")}
        assert there == {strange.stem, *names[2:]}

    played(tmp_path, play)


@pytest.mark.parametrize("breaks", ["the fact", "the document"])
def test_what_is_not_on_the_disk_was_not_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    """A full disk, which the tests of `storage` have for real."""

    def full(*_: object, **__: object) -> None:
        raise RecordsError(Fault.FULL, "No space left on device", "make room")

    async def play(stand: Stand) -> None:
        note = await stand.desk.add_note("op", {"text": "x"})
        first = (await stand.desk.offer("op", None)).offered
        stand.now += DAY
        before = stand.desk.notes(), stand.desk.handovers(), list(stand.said)
        there = {*stand.folder.directory.iterdir()}
        with monkeypatch.context() as broken:
            if breaks == "the fact":
                broken.setattr(HandoverFolder, "append", full)
                assert (await refused(stand.desk.add_note("op", {"text": "y"}))).status == 507
                closing = stand.desk.close_note("op", note.id, {"why": "over"})
                assert (await refused(closing)).status == 507
                taking = stand.desk.answer("chan", first.id, {"answer": "accepted"})
                assert (await refused(taking)).status == 507
            else:
                broken.setattr(documents.Documents, "keep", full)
            assert (await refused(stand.desk.offer("op", None))).status == 507
        assert (stand.desk.notes(), stand.desk.handovers(), stand.said) == before
        assert {*stand.folder.directory.iterdir()} == there
        assert stand.sent == [first.id]
        await stand.desk.offer("op", None)

    played(tmp_path, play)


@contextmanager
def room_for(path: Path, size: int) -> Iterator[None]:
    """No file grows beyond `size` bytes more than `path` has now: the kernel itself says no."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_half_a_word_is_not_on_record(tmp_path: Path) -> None:
    """There is room for the first of many answers, and of many replies: none is given."""

    async def play(stand: Stand) -> None:
        offered = (await stand.desk.offer("ann", None)).offered
        assert len(offered.items) > 2
        why = {"answer": "questioned", "why": "who?"}
        told = len(stand.said)
        with room_for(stand.folder.journal, 400):
            assert (await refused(stand.desk.answer("bob", offered.id, why))).status == 507
        assert (stand.desk.handover(offered.id).answers, stand.said[told:]) == ((), [])
        await stand.desk.answer("bob", offered.id, why)
        assert len(stand.desk.handover(offered.id).answers) == len(offered.items)
        told = len(stand.said)
        with room_for(stand.folder.journal, 400):
            assert (await refused(stand.desk.reply("ann", offered.id, {"text": "me"}))).status
        assert (stand.desk.handover(offered.id).replies, stand.said[told:]) == ((), [])

    async def after(stand: Stand) -> None:
        known = stand.desk.handover("last")
        assert (len(known.answers), known.replies) == (len(known.offered.items), ())
        await stand.desk.reply("ann", known.offered.id, {"text": "me"})
        assert len(stand.desk.handover("last").replies) == len(known.offered.items)

    played(tmp_path, play)
    played(tmp_path, after)


def test_what_is_overdue_is_told_once_though_the_disk_does_not_take_it(tmp_path: Path) -> None:
    async def play(stand: Stand) -> None:
        await stand.desk.offer("op", None)
        stand.now += OVERDUE_MS
        told = len(stand.said)
        with room_for(stand.folder.journal, 0):
            await stand.desk._look()
            await stand.desk._look()
        assert stand.desk.handover("last").told_at is None
        await stand.desk._look()
        assert len(stand.said) == told + 1

    played(tmp_path, play)


Word = Callable[[Stand, Offered], Awaitable[object]]
WORDS: dict[str, Word] = {
    "note": lambda stand, known: stand.desk.add_note("op", {"text": "y"}),
    "close": lambda stand, known: stand.desk.close_note("op", "n-1", {"why": "over"}),
    "answer": lambda stand, known: stand.desk.answer(
        "chan", known.id, {"answer": "questioned", "why": "who?", "items": [known.items[1].id]}
    ),
    "reply": lambda stand, known: stand.desk.reply("op", known.id, {"text": "me"}),
    "sign": lambda stand, known: stand.desk.sign("lee", known.id, {"sha256": known.sha256}),
    "rehearsal": lambda stand, known: stand.desk.rehearsed("op", None),
    "offer": lambda stand, known: stand.desk.offer("op", None),
}


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_a_record_that_was_mended_is_taken_up_by_the_next_word(tmp_path: Path, word: Word) -> None:
    """Who is refused is told to say it again: that must do, and what was said before is known."""
    journal = tmp_path / "handovers" / "said.jsonl"
    offers: list[Offered] = []

    async def before(stand: Stand) -> None:
        await stand.desk.add_note("op", {"text": "x"})
        known = (await stand.desk.offer("op", None)).offered
        first, *others = [each.id for each in known.items]
        asked = {"answer": "questioned", "items": [first], "why": "who?"}
        await stand.desk.answer("lee", known.id, asked)
        await stand.desk.answer("lee", known.id, {"answer": "accepted", "items": others})
        offers.append(known)

    async def after(stand: Stand) -> None:
        stand.now += DAY
        stand.noted = 1
        error = await refused(word(stand, *offers))
        assert (error.status, f"{journal}:1" in error.why) == (507, True)
        assert error.do == "see twinwatch doctor, then say it again"
        journal.write_bytes(whole)
        await word(stand, *offers)
        assert stand.desk.notes()[0].text == "x"
        await stand.desk._look()
        assert "handover/record" not in {each.id for each in stand.shown}

    played(tmp_path, before)
    whole = journal.read_bytes()
    journal.write_bytes(b"not a line\n" + whole)
    played(tmp_path, after)


def test_what_a_killed_writer_left_is_gone_after_a_restart(tmp_path: Path) -> None:
    left = tmp_path / "handovers" / ".h-20261120-063000.json.x7ab_2"

    async def before(stand: Stand) -> None:
        stand.folder.prepare()
        left.write_bytes(b"{")

    async def after(stand: Stand) -> None:
        assert not left.exists()

    played(tmp_path, before)
    played(tmp_path, after)


def test_what_can_t_be_swept_closes_no_record(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    left = tmp_path / "handovers" / ".h-20261120-063000.json.x7ab_2"

    async def before(stand: Stand) -> None:
        await stand.desk.add_note("op", {"text": "x"})
        left.mkdir()  # nobody removes a directory as if it were a file, root neither

    async def after(stand: Stand) -> None:
        assert [each.text for each in stand.desk.notes()] == ["x"]
        assert stand.said == []
        await stand.desk.offer("op", None)
        assert f"what a killed writer left of a handover stays: {left.parent}" in caplog.text

    played(tmp_path, before)
    played(tmp_path, after)


def test_a_document_that_was_edited_is_not_handed_out(tmp_path: Path) -> None:
    async def play(stand: Stand) -> None:
        offered = (await stand.desk.offer("op", None)).offered
        assert hashlib.sha256(await stand.desk.document("last")).hexdigest() == offered.sha256
        path = stand.folder.document(offered.id)
        path.write_bytes(path.read_bytes().replace(b'"by": "op"', b'"by": "me"'))
        error = await refused(stand.desk.document("last"))
        assert (error.status, error.where) == (500, offered.id)
        assert error.why == f"{path}: the file is not what was offered"
        stand.now += DAY
        made = await stand.desk.snapshot("op", None)
        assert made.before is None
        lost = Unseen("records", offered.id, error.why, offered.at)
        assert lost in made.unseen  # what it left open is not compared, and that is said

    played(tmp_path, play)


#: Takes notes down until it is killed, and says of each that it was taken.
WRITER = """
import asyncio, sys
from pathlib import Path
from tests.watch.handover.test_desk import Stand
async def main():
    stand = Stand(Path(sys.argv[1]))
    await stand.desk.open()
    while True:
        note = await stand.desk.add_note("op", {"text": "x" * 400})
        print(note.id, flush=True)
asyncio.run(main())
"""


@pytest.mark.parametrize("writes", [1, 7, 20])
def test_what_was_answered_survives_a_kill(tmp_path: Path, writes: int) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert writer.stdout is not None
    told = [writer.stdout.readline().strip() for _ in range(writes)]
    writer.send_signal(signal.SIGKILL)
    told += writer.stdout.read().split()
    writer.wait()
    writer.stdout.close()

    async def after(stand: Stand) -> None:
        known = [each.id for each in stand.desk.notes()]
        assert known[: len(told)] == told
        assert len(known) <= len(told) + 1

    played(tmp_path, after)
