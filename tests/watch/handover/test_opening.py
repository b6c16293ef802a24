"""What is offered goes to whoever is named for it, whole, and a desk that is missing stops nothing."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from estate.document import Problem, Severity
from estate.handover import Ownership
from snapshots.reading import read_snapshot
from tests.watch.conftest import alive, started, until
from tests.watch.handover.test_gathering import Stand
from watch.error import WatchError
from watch.handover import opening
from watch.handover.desk import HandoverDesk
from watch.handover.opening import opened
from watch.notices.messages import Message
from watch.process import Place
from watch.source import Source


class Works(Stand):
    """A watch with a desk of notices; its board remembers what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.posted: list[Message] = []
        self.said: list[str] = []
        self.hands_over = True
        self.complete = True
        self.there = True

    async def notices(self) -> Any:
        if not self.there:
            raise WatchError("not yet", "notices", "the file is broken", "mend it")
        return self

    def hand_over(self, sent: Message) -> None:
        self.posted.append(sent)

    def say(self, severity: Severity, where: str, what: str, cleared: str = "") -> None:
        self.said.append(what)

    def rehearsed_letter(self, letter: Message) -> list[dict[str, Any]]:
        return [{"target": "mail", "title": letter.title, "file": letter.attachment}]

    def show_handovers(self, problems: tuple[Problem, ...]) -> None: ...
    def show_owners(self, owners: Mapping[str, Ownership]) -> None: ...


def played(directory: Path, works: Works, play: Callable[[HandoverDesk], Awaitable[None]]) -> None:
    async def run() -> None:
        desk = opened(directory / "records.db", works, works, alone=True)
        await desk.open()
        try:
            await play(desk)
        finally:
            await desk.close()

    asyncio.run(run())


def test_what_is_offered_is_sent_with_the_whole_document(tmp_path: Path) -> None:
    works = Works()

    async def play(desk: HandoverDesk) -> None:
        await desk.add_note("op", {"text": "mail is slow"})
        offered = (await desk.offer("op", None)).offered
        (sent,) = works.posted
        assert offered.id in sent.title
        assert "mail is slow" in sent.body
        assert sent.attachment is not None
        assert offered.sha256 in sent.attachment.content.decode()

    played(tmp_path, works, play)


def test_a_rehearsal_makes_the_letter_and_offers_and_sends_nothing(tmp_path: Path) -> None:
    works = Works()

    async def play(desk: HandoverDesk) -> None:
        await desk.add_note("op", {"text": "mail is slow"})
        said = list(works.said)
        (row,) = await desk.rehearsed("op", None)
        assert row["target"] == "mail"
        assert "1 item is open" in row["title"]
        assert "mail is slow" in row["file"].content.decode()
        assert (desk.handovers(), works.posted, works.said) == ((), [], said)
        works.there = False
        with pytest.raises(WatchError, match="the file is broken"):  # it is what was asked for
            await desk.rehearsed("op", None)

    played(tmp_path, works, play)


@pytest.mark.parametrize("why", ["nobody is named", "there is no desk"])
def test_it_is_offered_where_it_can_t_be_sent(tmp_path: Path, why: str) -> None:
    works = Works()
    works.hands_over, works.there = False, why == "nobody is named"

    async def play(desk: HandoverDesk) -> None:
        offered = (await desk.offer("op", None)).offered
        assert desk.handover("last").offered == offered
        assert works.posted == []
        assert any("the file is broken" in each for each in works.said) is not works.there

    played(tmp_path, works, play)


def test_what_the_handover_before_left_is_gathered_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    works, now = Works(), [1_795_156_200_000]
    monkeypatch.setattr(opening, "now_ms", lambda: now[0])

    async def play(desk: HandoverDesk) -> None:
        note = await desk.add_note("op", {"text": "x"})
        first = (await desk.offer("op", None)).offered
        now[0] += 1_000
        await desk.close_note("op", note.id, {"why": "over"})
        now[0] += 2 * 86_400_000
        second = (await desk.offer("op", None)).offered
        made = read_snapshot(await desk.document(second.id))
        assert made.starts > first.at  # the period begins long after
        assert works.asked_since[-1] == first.at
        assert made.before is not None and made.before.sha256 == first.sha256
        assert {each.id: each.how for each in made.before.differences} == {
            f"note:{note.id}": "closed"
        }

    played(tmp_path, works, play)


def test_a_watch_that_was_killed_knows_who_signed(place: Place, estate_file: Path) -> None:
    """A real one, of one person, over hosts that nobody can reach."""

    def whose() -> set[tuple[str, str]]:
        rows = client.get("/v1/problems", {"where": "kind=reach"})
        return {
            (row.get("owner", ""), row.get("handover", "")) for row in rows if "parent" not in row
        }

    client = started(place, Source(estate_file))
    until(whose)
    until(
        lambda: all(h["reach"] != "connecting" for h in client.get("/v1/board")["hosts"].values())
    )
    offered = client.post("/v1/handovers")["offered"]
    name = offered["id"]
    client.post(f"/v1/handovers/{name}/answer", {"answer": "accepted"})
    signed = client.post(f"/v1/handovers/{name}/sign", {"sha256": offered["sha256"]})["signed"]
    until(lambda: whose() == {(signed["by"], name)})
    pid = client.get("/v1/status")["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid))
    client = started(place, Source(estate_file))
    until(lambda: whose() == {(signed["by"], name)})
    client.post("/v1/stop")
