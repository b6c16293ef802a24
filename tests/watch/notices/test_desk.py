"""The desk at work: a target that hangs or refuses costs only its own notices."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from estate.attention import Kept
from estate.document import Document, Problem, Severity, WatchRow
from estate.handover import OVERDUE_MS, Answer, Answered, Handover, Item, Offered
from estate.language import ENGLISH
from tests.watch.notices.conftest import Inbox
from watch.error import WatchError
from watch.handover.taking import overdue_problem, questions_of
from watch.notices import desk as desks
from watch.notices import letters
from watch.notices.desk import NoticeDesk
from watch.notices.messages import Attachment, Message

T0 = 1_793_145_600_000
DOWN = Problem(
    "gw/reach", "gw", "lost: no answer", "look at it", Severity.CRITICAL, T0, kind="reach",
    hosts=("gw",),
)  # fmt: skip


class Told:
    """A board and records that only remember."""

    def __init__(self) -> None:
        self.document = Document(1, T0, "Test", "UTC", "en", 5_000, WatchRow())
        self.complete = True
        self.said: list[str] = []
        self.kept: list[Kept] = []
        self.now = T0 + 120_000

    def say(self, severity: Severity, where: str, what: str) -> None:
        self.said.append(f"{severity}: {where}: {what}")

    async def keep_attention(self, kept: Kept) -> bool:
        self.kept.append(kept)
        return True

    def show(self, *problems: Problem) -> None:
        self.document = replace(self.document, problems=problems)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(desks, "FIRST_REST_SECONDS", 0.05)
    monkeypatch.setattr(desks, "SEND_SECONDS", 0.2)


def played(
    tmp_path: Path, targets: dict[str, str], play: Callable[[NoticeDesk, Told], Awaitable[None]]
) -> Told:
    path = tmp_path / "notify.yaml"
    lines = ["targets:", *(f'  {name}: {{url: "{url}"}}' for name, url in targets.items())]
    lines += ["rules:", f"  - {{to: [{', '.join(targets)}], hold: 60s}}"]
    path.write_text("\n".join(lines))
    path.chmod(0o600)

    async def run() -> Told:
        told = Told()
        desk = NoticeDesk(
            told, told, where=lambda: path, words=lambda tag: ENGLISH, now=lambda: told.now
        )
        desk.open(Kept())
        try:
            await play(desk, told)
        finally:
            await desk.close()
        return told

    return asyncio.run(run())


async def until(what: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not what():
            await asyncio.sleep(0.01)


def test_a_problem_is_told_once_and_that_it_is_over(tmp_path: Path, inbox: Inbox) -> None:
    async def play(desk: NoticeDesk, told: Told) -> None:
        told.show(DOWN)
        await until(lambda: told.kept)
        told.show()
        await until(lambda: len(told.kept) == 2)

    told = played(tmp_path, {"hook": inbox.url}, play)
    raised, over = inbox.taken
    assert raised["title"] == "Test: CRITICAL: gw: lost: no answer"
    assert raised["message"].splitlines() == [
        "look at it", "since 00:00 (2:00)", "you have it: twinwatch ack 'gw/reach'",
    ]  # fmt: skip
    assert over["title"] == "Test: over: gw: lost: no answer"
    assert [each.problem for each in told.kept[0].sent] == ["gw/reach"]
    assert told.kept[1].settled == (("hook", "gw/reach"),)


def test_many_at_once_are_one_message(tmp_path: Path, inbox: Inbox) -> None:
    async def play(desk: NoticeDesk, told: Told) -> None:
        told.show(*(replace(DOWN, id=f"h{n}/reach", where=f"h{n}") for n in range(40)))
        await until(lambda: told.kept)

    told = played(tmp_path, {"hook": inbox.url}, play)
    assert inbox.asked == 1
    assert inbox.taken[0]["title"] == "Test: 40 notices"
    assert inbox.taken[0]["message"].splitlines()[-1] == "and 10 more"
    assert len(told.kept[0].sent) == 40


def test_one_that_hangs_costs_only_its_own(tmp_path: Path, inbox: Inbox) -> None:
    hung = Inbox()
    hung.held.clear()
    try:

        async def play(desk: NoticeDesk, told: Told) -> None:
            told.show(DOWN)
            await until(lambda: inbox.taken and told.kept)
            await until(lambda: told.said)
            rows = {row.name: row for row in desk.rows()}
            assert rows["good"].failing_since is None
            assert rows["hung"].failing_since == told.now
            assert rows["hung"].why == "it hangs: nothing in 0.2 s"
            assert hung.asked == 1, "it is asked no more while it holds on to this"
            tried = {each["target"]: each["why"] for each in await desk.tried("op1")}
            assert tried == {"good": "", "hung": "it hangs: nothing in 0.2 s"}
            hung.held.set()
            await until(lambda: len(told.kept) == 2)
            await until(lambda: len(told.said) == 2)

        told = played(tmp_path, {"good": inbox.url, "hung": hung.url}, play)
        assert told.said[0] == "warning: notices: hung is not told: it hangs: nothing in 0.2 s"
        assert told.said[1] == "ok: notices: hung is told again"
    finally:
        hung.close()


def test_one_that_refuses_is_tried_again_until_it_takes_it(tmp_path: Path, inbox: Inbox) -> None:
    inbox.status = 500

    async def play(desk: NoticeDesk, told: Told) -> None:
        told.show(DOWN)
        await until(lambda: inbox.asked >= 3)
        (row,) = desk.rows()
        assert row.waiting == 1
        assert row.failing_since is not None
        assert "s3cretpass" not in row.why
        inbox.status = 200
        await until(lambda: told.kept)

    told = played(tmp_path, {"hook": inbox.url}, play)
    assert len(inbox.taken) == 1
    assert len(told.said) == 2, "not an event for each attempt"


def test_one_bad_address_does_not_page_the_others_again(tmp_path: Path, inbox: Inbox) -> None:
    bad = Inbox()
    bad.status = 500
    try:

        async def play(desk: NoticeDesk, told: Told) -> None:
            path = tmp_path / "notify.yaml"
            both = f'url: ["{bad.url}", "{inbox.url}"]'
            path.write_text(path.read_text().replace(f'url: "{inbox.url}"', both))
            await until(lambda: [row.name for row in desk.rows()] == ["ops", "ops/2"])
            told.show(DOWN)
            await until(lambda: bad.asked >= 3)
            assert [row.failing_since is None for row in desk.rows()] == [False, True]
            told.show()
            await until(lambda: len(told.kept) == 2)
            assert [each["target"] for each in desk.rehearsed("ops")] == ["ops", "ops/2"]
            assert [each["target"] for each in desk.rehearsed("ops/2")] == ["ops/2"]

        told = played(tmp_path, {"ops": inbox.url}, play)
    finally:
        bad.close()
    assert [each["title"] for each in inbox.taken] == [
        "Test: CRITICAL: gw: lost: no answer", "Test: over: gw: lost: no answer",
    ]  # fmt: skip
    assert [each.target for kept in told.kept for each in kept.sent] == ["ops/2"]
    assert told.kept[1].settled == (("ops/2", "gw/reach"),)


def test_the_rest_after_a_failure_grows_and_ends_with_it(
    tmp_path: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        if seconds >= 1:  # a rest, and not a look
            rests.append(seconds)
            seconds = 0.01
        await sleep(seconds)

    monkeypatch.setattr(desks, "FIRST_REST_SECONDS", 1.0)
    monkeypatch.setattr(desks, "LAST_REST_SECONDS", 4.0)
    monkeypatch.setattr(asyncio, "sleep", noted)
    inbox.status = 500

    async def play(desk: NoticeDesk, told: Told) -> None:
        told.show(DOWN)
        await until(lambda: len(rests) >= 4)
        inbox.status = 200
        await until(lambda: told.kept)
        assert rests[:4] == [1.0, 2.0, 4.0, 4.0]
        inbox.status, many = 500, len(rests)
        told.show()
        await until(lambda: len(rests) > many)
        assert rests[many] == 1.0

    played(tmp_path, {"hook": inbox.url}, play)


def test_what_too_many_pushed_out_is_counted(
    tmp_path: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "MOST_WAITING", 3)
    monkeypatch.setattr(desks, "LOOK_SECONDS", 60.0)
    inbox.status = 500

    async def play(desk: NoticeDesk, told: Told) -> None:
        await until(lambda: inbox.asked)
        (row,) = desk.rows()
        assert (row.waiting, row.lost) == (3, 2)

    async def shown(desk: NoticeDesk, told: Told) -> None:
        told.show(*(replace(DOWN, id=f"h{n}/reach", where=f"h{n}") for n in range(5)))
        await play(desk, told)

    played(tmp_path, {"hook": inbox.url}, shown)


def test_what_somebody_takes_while_a_target_fails_is_sent_no_more(
    tmp_path: Path, inbox: Inbox
) -> None:
    inbox.status = 500

    async def play(desk: NoticeDesk, told: Told) -> None:
        told.show(DOWN)
        await until(lambda: inbox.asked >= 1)
        told.show(replace(DOWN, owner="op1", until=1 << 60))
        await until(lambda: desk.rows()[0].waiting == 0)
        inbox.status = 200
        await asyncio.sleep(0.3)

    played(tmp_path, {"hook": inbox.url}, play)
    assert inbox.taken == []


def test_a_rehearsal_sends_nothing_and_a_test_does(tmp_path: Path, inbox: Inbox) -> None:
    async def play(desk: NoticeDesk, told: Told) -> None:
        await until(desk.rows)
        told.show(replace(DOWN, owner="op1", until=1 << 60))
        (said,) = desk.rehearsed()
        assert (said["target"], said["service"], said["notices"]) == ("hook", "json", ["gw/reach"])
        assert said["title"] == "Test: CRITICAL: gw: lost: no answer"
        assert inbox.asked == 0
        (tried,) = await desk.tried("op1")
        assert (tried["sent"], tried["why"]) == (True, "")
        with pytest.raises(WatchError, match="no such target"):
            desk.rehearsed("nobody")

    played(tmp_path, {"hook": inbox.url}, play)
    assert inbox.taken[0]["message"] == "op1 asked for it. Nothing is wrong."


def test_a_handover_that_does_not_arrive_stands_beside_its_target(
    tmp_path: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "RESTS_SECONDS", (0.01,))
    inbox.status = 500
    sent = Message("h-1 is offered", "x")

    async def play(desk: NoticeDesk, told: Told) -> None:
        await until(desk.rows)
        with (tmp_path / "notify.yaml").open("a") as file:
            file.write("\nhandovers: hook\n")
        await until(lambda: desk.hands_over)
        assert [each["handovers"] for each in desk.rehearsed()] == [True]
        page = Attachment("h-1.html", "text/html", b"<p>all of it</p>")
        (row,) = desk.rehearsed_letter(sent._replace(attachment=page))
        assert row == {
            "target": "hook", "service": "json", "title": "h-1 is offered", "body": "x",
            "attachment": {"name": "h-1.html", "kind": "text/html", "bytes": 16}, "sent": False,
        }  # fmt: skip
        assert (inbox.asked, desk.rows()[0].letters) == (0, 0)
        desk.hand_over(sent)
        assert desk.rows()[0].letters == 1
        await until(lambda: desk.rows()[0].letter_why)
        await until(lambda: told.said)
        assert "did not get “h-1 is offered”" in told.said[0]
        (row,) = desk.rows()
        assert (row.letters, row.waiting) == (0, 0)
        assert "s3cretpass" not in row.letter_why
        inbox.status = 200
        desk.hand_over(sent)
        await until(lambda: not desk.rows()[0].letter_why)
        (tried,) = await desk.tried("op1")  # with a file, for that is what it must take
        assert (tried["sent"], tried["handovers"]) == (True, True)

    played(tmp_path, {"hook": inbox.url}, play)
    (file,) = inbox.taken[-1]["attachments"]
    assert file["mimetype"] == "text/html"


def test_a_defect_stands_beside_its_target_and_ends_nothing(
    tmp_path: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, met = desks.message, []

    def stumble(*given: object) -> Message:
        if not met:
            met.append(None)
            raise KeyError("span")
        return write(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(desks, "message", stumble)
    monkeypatch.setattr(desks, "FIRST_REST_SECONDS", 0.3)

    async def play(desk: NoticeDesk, told: Told) -> None:
        told.show(DOWN)
        await until(lambda: met and desk.rows()[0].failing_since is not None)
        assert desk.rows()[0].why == "a defect of twinwatch: KeyError"
        await until(lambda: told.kept)
        assert desk.rows()[0].failing_since is None

    told = played(tmp_path, {"hook": inbox.url}, play)
    assert told.said == [
        "warning: notices: hook is not told: a defect of twinwatch: KeyError",
        "ok: notices: hook is told again",
    ]
    assert inbox.asked == 1


def test_a_mistake_in_the_file_silences_nobody(tmp_path: Path, inbox: Inbox) -> None:
    async def play(desk: NoticeDesk, told: Told) -> None:
        await until(desk.rows)
        (tmp_path / "notify.yaml").write_text("targets: {hook: {url: secret-without-scheme}}\n")
        await until(lambda: desk.trouble)
        assert "secret-without-scheme" not in desk.trouble
        told.show(DOWN)
        await until(lambda: told.kept)

    told = played(tmp_path, {"hook": inbox.url}, play)
    assert len(inbox.taken) == 1
    assert told.said[0].startswith("warning: notices: ")


def test_a_file_that_was_open_to_others_is_taken_once_its_mode_is_mended(
    tmp_path: Path, inbox: Inbox
) -> None:
    async def play(desk: NoticeDesk, told: Told) -> None:
        path = tmp_path / "notify.yaml"
        path.chmod(0o644)
        await until(lambda: "others may read it" in desk.trouble)
        path.chmod(0o600)
        await until(lambda: not desk.trouble)

    played(tmp_path, {"hook": inbox.url}, play)


def test_what_is_asked_at_a_handover_and_one_that_is_overdue_are_told_by_the_same_rules(
    tmp_path: Path, inbox: Inbox
) -> None:
    items = (Item("problem:gw/reach", "problem", "gw", "lost"),)
    asked = Answered("h-1", items[0].id, Answer.QUESTIONED, "chan", T0, "since when?")
    known = Handover(Offered("h-1", "op", T0, "0" * 64, items), (asked,))

    async def play(desk: NoticeDesk, told: Told) -> None:
        path = tmp_path / "notify.yaml"
        path.write_text(path.read_text().replace("hold:", "severity: warning, hold:"))
        await until(desk.rows)
        late = overdue_problem(known, T0 + OVERDUE_MS)
        told.show(*questions_of(known, lambda item: "op", T0))
        told.now = T0 + 59_000
        await asyncio.sleep(0.1)
        assert inbox.taken == [], "it has not stood for as long as the rule wants"
        told.now = T0 + 60_000
        await until(lambda: len(inbox.taken) == 1)
        told.show()
        await until(lambda: len(inbox.taken) == 2)
        told.show(late)
        told.now = late.since + 60_000
        await until(lambda: len(inbox.taken) == 3)

    played(tmp_path, {"hook": inbox.url}, play)
    raised, over, late = inbox.taken
    said = "handover: chan questions problem:gw/reach of h-1: since when?"
    assert raised["title"] == f"Test: WARNING: {said}"
    assert "twinwatch handover reply h-1 TEXT --item problem:gw/reach" in raised["message"]
    assert over["title"] == f"Test: over: {said}"
    assert late["title"] == "Test: WARNING: handover: nobody has signed h-1 of op"


def test_of_a_file_that_is_not_followed_nothing_is_rehearsed(tmp_path: Path, inbox: Inbox) -> None:
    async def play(desk: NoticeDesk, told: Told) -> None:
        await until(desk.rows)
        (tmp_path / "notify.yaml").write_text("targets: 7")
        await until(lambda: desk.trouble)
        with pytest.raises(WatchError, match="nothing is sent"):
            desk.rehearsed_letter(Message("h-1", "x"))

    played(tmp_path, {"hook": inbox.url}, play)
