"""Acknowledging over the API of a real watch: what was taken down survives it, and ends on time."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from estate.attention import Kept
from estate.document import Document, Problem, Severity, WatchRow
from estate.model import Retention
from storage.database import sqlite3
from storage.keeper import Keeper
from storage.records import Records
from tests.watch.conftest import alive, started, until
from watch.access import this_user
from watch.attention import desk as desks
from watch.attention.desk import AttentionDesk
from watch.attention.standing import Attention
from watch.client import Client
from watch.error import WatchError
from watch.process import Place
from watch.source import Source

HOUR = 3_600_000


def problem(client: Client) -> dict[str, Any]:
    """The first cause on the board: nobody can reach these hosts."""
    until(lambda: [each for each in client.get("/v1/problems") if "parent" not in each])
    return next(each for each in client.get("/v1/problems") if "parent" not in each)


def refused(client: Client, path: str, body: dict[str, Any]) -> WatchError:
    with pytest.raises(WatchError) as caught:
        client.post(path, body)
    return caught.value


def test_what_was_acknowledged_survives_kill_9(place: Place, estate_file: Path) -> None:
    client = started(place, Source(estate_file))
    root = problem(client)
    body = {"problem": root["id"], "reason": "calling\tthe\x1b[31m site", "for_ms": HOUR}
    said = client.post("/v1/acknowledgements", body)
    assert (said["problem"], said["owner"]) == (root["id"], this_user())
    assert said["reason"] == r"calling the\x1b[31m site", "harmless on everybody's terminal"
    assert said["until"] - said["at"] == HOUR
    hush = client.post("/v1/silences", {"where": "host:h3", "reason": "moved", "for_ms": HOUR})
    pid = client.get("/v1/status")["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid))

    client = started(place, Source(estate_file))
    until(lambda: "owner" in problem(client))
    again = problem(client)
    assert (again["id"], again["owner"], again["until"]) == (root["id"], this_user(), said["until"])
    assert client.get("/v1/acknowledgements") == [said]
    assert client.get("/v1/silences") == [hush]

    client.post("/v1/acknowledgements/withdraw", {"problem": root["id"]})
    until(lambda: "owner" not in problem(client))
    assert "returned" in problem(client)
    client.post(f"/v1/silences/{hush['id']}/withdraw")
    assert client.get("/v1/silences") == []
    what = {each["what"] for each in client.get("/v1/events")}
    assert any(f"ended: {this_user()} took it back" in each for each in what)
    returned, pid = problem(client)["returned"], client.get("/v1/status")["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid))

    client = started(place, Source(estate_file))
    until(lambda: problem(client).get("returned") == returned)
    assert (client.get("/v1/acknowledgements"), client.get("/v1/silences")) == ([], [])
    assert "owner" not in problem(client)


def test_what_ended_while_nobody_watched_is_told(place: Place, estate_file: Path) -> None:
    client = started(place, Source(estate_file))
    root = problem(client)["id"]
    client.post("/v1/acknowledgements", {"problem": root, "reason": "a moment", "for_ms": 60_000})
    pid = client.get("/v1/status")["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid))
    with sqlite3.connect(place.records) as records:
        records.execute("UPDATE acknowledgements SET until = at + 1")  # its minute is over
    client = started(place, Source(estate_file))

    def told() -> list[dict[str, Any]]:
        events = client.get("/v1/events")
        return [each for each in events if "ended: its time is up" in each["what"]]

    until(told)
    assert client.get("/v1/acknowledgements") == []
    assert "owner" not in problem(client)


def test_what_lacks_a_reason_or_an_end_is_refused(place: Place, estate_file: Path) -> None:
    client = started(place, Source(estate_file))
    root = problem(client)["id"]
    whole = {"problem": root, "reason": "why", "for_ms": HOUR}
    path = "/v1/acknowledgements"
    assert refused(client, path, {**whole, "reason": " "}).where == "reason"
    assert refused(client, path, {**whole, "for_ms": None}).why == (
        "it is missing: nothing is quiet for ever"
    )
    assert refused(client, path, {**whole, "for_ms": 32 * 24 * HOUR}).where == "for"
    wrong = refused(client, path, {**whole, "problem": f"{root}x"})
    assert (wrong.what, wrong.do) == ("no such problem", f"did you mean {root}?")
    hush = {"where": "", "reason": "why", "for_ms": HOUR}
    assert refused(client, "/v1/silences", hush).where == "where"
    for everything in ("severity!=ok", "host:*", "severity:critical", "site!=central", "age<1h"):
        said = refused(client, "/v1/silences", {**hush, "where": everything})
        assert said.why.startswith("it selects critical problems of any kind and place"), everything
    hidden = refused(client, "/v1/silences", {**hush, "where": 'what:"a\x1b[2Jb"'})
    assert hidden.why == "it has characters that nobody sees"
    assert refused(client, "/v1/silences", {**hush, "where": "no:such"}).what == (
        "the filter is refused"
    )
    assert client.get("/v1/acknowledgements") == []
    assert refused(client, f"{path}/withdraw", {"problem": root}).what == (
        "no such acknowledgement"
    )


# --- a disk that hangs --------------------------------------------------------------------------

T0 = 1_793_145_600_000
DOWN = Problem("gw/reach", "gw", "lost", "", Severity.CRITICAL, T0, kind="reach", hosts=("gw",))
ACK = {"problem": DOWN.id, "reason": "on it", "for_ms": HOUR}
HUSH = {"where": "host:gw", "reason": "moved", "for_ms": HOUR}


class Board:
    """What the desk needs of the watch: one problem, and what was said."""

    def __init__(self) -> None:
        self.attention = Attention()
        self.document = Document(1, T0, "T", "UTC", "en", 5_000, WatchRow(), problems=(DOWN,))
        self.said: list[str] = []

    def say(self, severity: Severity, where: str, what: str) -> None:
        self.said.append(what)

    def wake(self) -> None: ...


class Disk:
    """Real records, whose next writes wait until they may go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.goes_on = threading.Event()
        self.goes_on.set()
        put = Records.put_attention

        def held(records: Records, kept: Kept) -> bool:
            self.goes_on.wait(20)
            return put(records, kept)

        monkeypatch.setattr(Records, "put_attention", held)


def with_records(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    play: Callable[[AttentionDesk, Board, Disk], Awaitable[None]],
) -> tuple[Board, Kept]:
    """Play on a desk over real records, and give what a watch after it would know."""
    disk, board = Disk(monkeypatch), Board()
    monkeypatch.setattr(desks, "KEEP_SECONDS", 0.01)

    async def run() -> Kept:
        keeper = Keeper(tmp_path / "records.db", Retention(), lambda: T0, lambda: 0.0)
        keeper.start()
        ticks = iter(range(T0, T0 + 1_000))
        desk = AttentionDesk(keeper, board, now=lambda: next(ticks), nonce=lambda: str(next(ticks)))
        await desk.open()
        try:
            await play(desk, board, disk)
        finally:
            disk.goes_on.set()
            await desk.close()
        kept = await keeper.attention()
        keeper.close()
        assert kept is not None
        return kept

    return board, asyncio.run(run())


async def unknown(monkeypatch: pytest.MonkeyPatch, disk: Disk, said: Awaitable[object]) -> None:
    """The records do not answer in time."""
    disk.goes_on.clear()
    with monkeypatch.context() as patience:
        patience.setattr(desks, "RECORDS_SECONDS", 0.05)
        with pytest.raises(WatchError) as caught:
            await said
    assert caught.value.what == "nobody knows if it was written down"
    assert caught.value.status == 504
    disk.goes_on.set()


async def soon(what: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not what():
            await asyncio.sleep(0.01)


def endings(tmp_path: Path) -> list[str]:
    """How words ended that are on the disk."""
    with closing(sqlite3.connect(tmp_path / "records.db")) as records:
        every = "SELECT ended_how FROM acknowledgements UNION ALL SELECT ended_how FROM silences"
        return [how for (how,) in records.execute(every)]


def returned_after_restart(kept: Kept) -> int | None:
    """Since when the problem is back, as a watch tells that goes on from `kept`."""
    attention = Attention()
    attention.restored(kept)
    (shown,), _ = attention.look((DOWN,), T0 + 60_000, complete=True)
    return shown.returned


@pytest.mark.parametrize("body", [ACK, HUSH])
def test_what_was_written_down_too_late_does_not_hold_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: dict[str, Any]
) -> None:
    async def play(desk: AttentionDesk, board: Board, disk: Disk) -> None:
        speak = desk.acknowledge if body is ACK else desk.silence
        await unknown(monkeypatch, disk, speak("op1", body))
        await soon(lambda: board.said)

    board, kept = with_records(tmp_path, monkeypatch, play)
    assert (kept.acknowledgements, kept.silences) == ((), ())
    assert endings(tmp_path) == ["late"], "it was on the disk"
    assert returned_after_restart(kept) is None, "it hid nothing"
    assert (board.attention.acknowledgements, board.attention.silences) == ((), ())
    (said,) = board.said
    assert said.endswith("was written down too late and does not hold")


def test_a_word_that_a_late_one_replaced_on_the_disk_holds_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(desk: AttentionDesk, board: Board, disk: Disk) -> None:
        await desk.acknowledge("op1", ACK)
        await unknown(monkeypatch, disk, desk.acknowledge("op2", ACK))
        await soon(lambda: not desk.acknowledgements())
        (shown,), _ = board.attention.look((DOWN,), T0 + 999, complete=True)
        assert shown.returned is not None, "it is nobody's, and everybody hears of it"

    _, kept = with_records(tmp_path, monkeypatch, play)
    assert kept.acknowledgements == ()
    assert returned_after_restart(kept) is not None, "perhaps nobody was told before"


def test_who_says_it_again_meanwhile_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(desk: AttentionDesk, board: Board, disk: Disk) -> None:
        await unknown(monkeypatch, disk, desk.acknowledge("op1", ACK))
        await desk.acknowledge("op1", ACK)
        await soon(lambda: not board.attention.unkept and len(board.said) == 2)
        assert len(desk.acknowledgements()) == 1

    _, kept = with_records(tmp_path, monkeypatch, play)
    assert [each.owner for each in kept.acknowledgements] == ["op1"]


def test_a_taking_back_that_is_written_down_late_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(desk: AttentionDesk, board: Board, disk: Disk) -> None:
        said = await desk.silence("op1", HUSH)
        await unknown(monkeypatch, disk, desk.withdraw("op1", said))
        assert desk.silences() == (said,)
        await soon(lambda: not desk.silences())
        await desk.withdraw("op1", said)
        assert board.attention.unkept == [], "it ended once"

    _, kept = with_records(tmp_path, monkeypatch, play)
    assert (kept.silences, len(kept.ended)) == ((), 1)


def test_who_leaves_before_the_answer_leaves_nothing_that_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(desk: AttentionDesk, board: Board, disk: Disk) -> None:
        disk.goes_on.clear()
        asked = asyncio.create_task(desk.silence("op1", HUSH))
        await asyncio.sleep(0.05)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        disk.goes_on.set()
        await soon(lambda: board.said)

    _, kept = with_records(tmp_path, monkeypatch, play)
    assert (kept, endings(tmp_path)) == (Kept(), ["late"])


def test_what_the_records_refuse_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(desk: AttentionDesk, board: Board, disk: Disk) -> None:
        monkeypatch.setattr(Records, "put_attention", lambda records, kept: False)
        with pytest.raises(WatchError, match="it was not written down"):
            await desk.silence("op1", HUSH)
        assert desk.silences() == ()

    with_records(tmp_path, monkeypatch, play)
