"""A handover at each change of shift: once, whatever restarts, and wherever the clock is set."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bench.played_snapshot import SMALL, played_snapshot
from estate.document import Severity
from estate.file import read_estate
from estate.handover import Handover, Offered
from estate.language import ENGLISH
from tests.watch.notices.conftest import Inbox
from tests.watch.notices.conftest import inbox as inbox
from watch.error import WatchError
from watch.handover.everyshift import PATIENCE_MS, REST_MS, EveryShift
from watch.handover.letter import letter
from watch.notices import letters
from watch.notices.letters import Letters
from watch.notices.messages import Message
from watch.notices.rules import Target, read_rules
from watch.notices.sending import send

MINUTE = 60_000
HEAD = """
estate: E
timezone: Asia/Hong_Kong
sites: {main: {name: Main room}}
hosts:
shifts: {day: 08:00-20:00, night: 20:00-08:00}
"""


def ms(text: str) -> int:
    zone = ZoneInfo("Asia/Hong_Kong")
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 1000


class Stand:
    """The desk and the watch, whose offers outlive a restart as they do on the disk."""

    def __init__(self, now: str, offered: tuple[Handover, ...] = ()) -> None:
        self.now = ms(now)
        self.offered = offered
        self.said: list[str] = []
        self.complete = True
        self.refuses = False
        self.present_estate = read_estate(HEAD + "handover: {every_shift: true}\n", "e")
        self.asked: list[tuple[str, int | None]] = []
        self.every = EveryShift(self, self, now=lambda: self.now)

    def handovers(self) -> tuple[Handover, ...]:
        return self.offered

    async def offer(self, person: str, start: int | None, change: int | None = None) -> Handover:
        if self.refuses:
            raise WatchError("not offered", "h", "No space left on device", "make room")
        self.asked.append((person, start))
        made = Handover(Offered(f"h-{len(self.offered)}", person, self.now, "x", (), change))
        self.offered = (made, *self.offered)
        return made

    def say(self, severity: Severity, where: str, what: str) -> None:
        self.said.append(what)

    def looks_at(self, *times: str) -> int:
        """Look at each of `times`; how many were offered."""
        before = len(self.asked)
        for each in times:
            self.now = ms(each)
            asyncio.run(self.every.look())
        return len(self.asked) - before

    def restarted(self) -> Stand:
        return Stand(datetime.fromtimestamp(self.now / 1000, ZoneInfo("Asia/Hong_Kong"))
                     .strftime("%Y-%m-%d %H:%M"), self.offered)  # fmt: skip


def test_each_change_has_one_by_the_shift_that_ends() -> None:
    stand = Stand("2026-11-20 19:59")
    stand.looks_at("2026-11-20 19:59")  # of 08:00: it was switched on since
    assert stand.looks_at("2026-11-20 20:00", "2026-11-20 20:01", "2026-11-21 07:59") == 1
    assert stand.asked[-1] == ("day", ms("2026-11-20 08:00"))
    assert stand.looks_at("2026-11-21 08:00", "2026-11-21 08:01") == 1
    assert stand.asked[-1] == ("night", ms("2026-11-20 20:00"))


def test_a_restart_and_a_clock_that_is_set_make_no_second_one() -> None:
    stand = Stand("2026-11-20 20:00")
    assert stand.looks_at("2026-11-20 20:00") == 1
    again = stand.restarted()
    assert again.looks_at("2026-11-20 20:00", "2026-11-20 20:05") == 0
    assert (
        again.looks_at("2026-11-20 19:50", "2026-11-20 20:00", "2026-11-20 20:02") == 1
    )  # 08:00's
    assert again.looks_at("2026-11-20 19:50", "2026-11-20 20:03") == 0


def test_a_clock_that_was_years_ahead_stops_nothing() -> None:
    stand = Stand("2026-11-20 20:00")
    stand.looks_at("2026-11-20 20:00", "2031-01-01 12:00")
    assert stand.looks_at("2026-11-21 07:00") == 0
    assert stand.looks_at("2026-11-21 08:00") == 1


def test_what_a_person_offered_within_half_an_hour_is_the_one() -> None:
    by_hand = Handover(Offered("h-1", "op", ms("2026-11-20 19:40"), "x"))
    assert Stand("2026-11-20 20:00", (by_hand,)).looks_at("2026-11-20 20:00") == 0
    early = Handover(Offered("h-1", "op", ms("2026-11-20 15:00"), "x"))
    assert Stand("2026-11-20 20:00", (early,)).looks_at("2026-11-20 20:00") == 1


def test_one_that_was_missed_is_made_up_for_and_those_before_it_are_told_of() -> None:
    stand = Stand("2026-11-20 08:00")
    stand.looks_at("2026-11-20 08:00")
    later = stand.restarted()
    assert later.looks_at("2026-11-21 09:30") == 1
    assert later.asked == [("night", ms("2026-11-20 20:00"))]
    missing, late = later.said
    assert missing.endswith("changes of shift 1 have no handover"), missing
    assert late == "h-1 is late: none was offered at the change of shift"


def test_the_first_picture_is_waited_for_but_not_for_ever() -> None:
    stand = Stand("2026-11-20 20:00")
    stand.complete = False
    assert stand.looks_at("2026-11-20 20:00") == 0
    stand.now += PATIENCE_MS
    asyncio.run(stand.every.look())
    assert len(stand.asked) == 1


def test_a_failure_is_told_of_once_and_tried_again() -> None:
    stand = Stand("2026-11-20 20:00")
    stand.refuses = True
    for _ in range(3):
        asyncio.run(stand.every.look())
        stand.now += REST_MS
    (said,) = stand.said
    assert "No space left on device" in said
    stand.refuses = False
    asyncio.run(stand.every.look())
    assert stand.asked == [("day", ms("2026-11-20 08:00"))]


def test_nothing_is_offered_where_the_estate_does_not_say_so() -> None:
    stand = Stand("2026-11-20 20:00")
    stand.present_estate = read_estate(HEAD, "e")
    assert stand.looks_at("2026-11-20 20:00") == 0


# --- it is sent -----------------------------------------------------------------------------------


def test_a_real_target_gets_the_open_items_and_the_whole_document(inbox: Inbox) -> None:
    made = played_snapshot(SMALL)
    sent = letter(made, ENGLISH)
    text = f"targets: {{hook: {{url: '{inbox.url}'}}}}\nhandovers: hook\n"
    rules = read_rules(text, "notify.yaml")
    assert rules.handovers == ("hook",)
    send(rules.targets["hook"], sent)
    (taken,) = inbox.taken
    assert made.id in taken["title"]
    assert "twinwatch handover show" in taken["message"]
    (file,) = taken["attachments"]
    assert (file["filename"], file["mimetype"]) == (f"{made.id}.html", "text/html")
    assert len(file["base64"]) > len(sent.attachment.content if sent.attachment else b"")


def attempted(
    play: Callable[[Letters], Awaitable[None]], why: dict[str, str]
) -> tuple[list[str], list[str]]:
    said: list[str] = []
    took: list[str] = []

    async def attempt(target: Target, message: Message) -> str:
        await asyncio.sleep(0)
        took.append(f"{target.name} {'with' if message.attachment else 'without'}")
        return why.get(target.name, "")

    async def run() -> None:
        await play(Letters(attempt, lambda *words: said.append(words[2])))

    asyncio.run(run())
    return took, said


def test_a_target_that_fails_costs_only_its_own_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "RESTS_SECONDS", (0.001, 0.001))
    sent = letter(played_snapshot(SMALL), ENGLISH)

    async def play(desk: Letters) -> None:
        for name in ("broken", "well"):
            desk.post(Target(name, ("json://127.0.0.1",)), sent)
        await asyncio.sleep(0.2)
        await desk.close()

    took, said = attempted(play, {"broken": "413 too large"})
    assert [each for each in took if "well" in each] == ["well with"]
    assert [each for each in took if "broken" in each] == ["broken with"] * 2 + ["broken without"]
    assert said == [f"broken did not get “{sent.title}”: 413 too large"]


def test_letters_that_a_target_holds_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "MOST_UNDER_WAY", 1)
    sent = Message("t", "b")

    async def play(desk: Letters) -> None:
        desk.post(Target("a", ("json://127.0.0.1",)), sent)
        desk.post(Target("b", ("json://127.0.0.1",)), sent)
        await desk.close()

    _, said = attempted(play, {})
    assert said == ["b did not get “t”: too many are under way"]
