"""`twinwatch note` and `twinwatch handover`, against a watch that keeps what is said."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from estate.attention import Kept
from estate.handover import Offered
from snapshots.reading import read_snapshot, sha256, sha256_of, snapshot_bytes
from tests.watch.room import Room, asked
from watch import later
from watch.clock import now_ms
from watch.core import Watch
from watch.error import WatchError
from watch.handover.opening import opened
from watch.languages import words_in
from watch.notices import desk as notice_desk
from watch.notices.desk import NoticeDesk

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Done = subprocess.CompletedProcess[str]


def played(
    directory: Path, run: Run, play: Callable[[Callable[..., Awaitable[Done]]], Awaitable[Any]]
) -> None:
    """Play commands against a watch of one person, who reads English on a Chinese estate."""
    settings = directory / "home" / ".config" / "twinwatch"
    settings.mkdir(parents=True)
    (settings / "settings.yaml").write_text("language: en\n")

    async def in_room(room: Room) -> None:
        desk = opened(directory / "records.db", room.watch, room.watch.board, alone=True)
        await desk.open()
        room.watch.handovers.open(desk)

        async def twinwatch(*words: object) -> Done:
            return await asyncio.to_thread(run, "--socket", room.path, *words)

        await play(twinwatch)
        await desk.close()

    asked(directory, in_room)


@pytest.fixture(autouse=True)
def _no_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(later, "LATER_SECONDS", 0.01)


def test_a_shift_is_handed_over_from_the_command_line(tmp_path: Path, run: Run) -> None:
    async def play(twinwatch: Callable[..., Awaitable[Done]]) -> None:
        done = await twinwatch(
            "note", "add", "mail is slow", "--kind", "incident", "--severity", "critical",
            "--tenants", " sb,", "--next", "call the network desk", "--promised", "30m",
            "--json",
        )  # fmt: skip
        note = json.loads(done.stdout)
        assert note["tenants"] == ["sb"]
        done = await twinwatch("note", "add", "mail is slow", "--tenants", "sb,T99")
        assert (done.returncode, done.stdout) == (2, "")
        assert "--tenants — the estate has no T99 — write one of sb" in done.stderr
        done = await twinwatch("note", "add", "x" * 501)
        assert (done.returncode, done.stdout) == (2, "")
        assert "it has over 500 characters — say it in 500, or in two" in done.stderr
        assert "mail is slow" in (await twinwatch("note", "list")).stdout
        done = await twinwatch("handover", "offer", "--json")
        offered = json.loads(done.stdout)["offered"]
        done = await twinwatch("handover", "show", "--document")
        assert sha256(read_snapshot(done.stdout.encode())) == offered["sha256"]
        name = offered["id"]
        done = await twinwatch("handover", "sign", name)
        assert done.returncode == 1
        assert "you said nothing of 2 of its items" in done.stderr
        item = f"note:{note['id']}"
        done = await twinwatch("handover", "question", name, "--item", item)
        assert (done.returncode, "--reason" in done.stderr) == (2, True)
        done = await twinwatch(
            "handover", "question", name, "--item", item, "--reason", "since when?"
        )
        assert done.stdout == f"{name}: questioned; 1 is left\n"
        done = await twinwatch("handover", "reply", name, "since 03:00", "--item", item)
        assert done.stdout == f"{name}: replied\n"
        done = await twinwatch("handover", "accept", name)
        sign = f"twinwatch handover sign {name}"
        assert done.stdout == f"{name}: accepted; all are answered: {sign}\n"
        shown = (await twinwatch("handover", "show")).stdout
        for said in ("since when?", "since 03:00", "replied", offered["sha256"], f"accept {name}"):
            assert said in shown, said
        for verb in ("sign", "accept"):  # another may have been offered since it was read
            for words in ((verb,), (verb, "last")):
                done = await twinwatch("handover", *words)
                assert (done.returncode, done.stdout) == (2, ""), words
        done = await twinwatch("handover", "sign", name)
        assert done.stdout.strip().endswith(f"sha256 {offered['sha256']}")
        (row,) = json.loads((await twinwatch("handover", "list", "--json")).stdout)
        assert row["signed"]["sha256"] == offered["sha256"]
        done = await twinwatch("note", "close", note["id"], "--reason", "fast again")
        assert done.stdout == f"{note['id']}: closed\n"
        assert json.loads((await twinwatch("note", "list", "--json")).stdout) == []
        assert len(json.loads((await twinwatch("note", "list", "--all", "--json")).stdout)) == 1

    played(tmp_path, run, play)


def test_all_are_answered_only_where_one_may_sign(tmp_path: Path, run: Run) -> None:
    """The console of one person, at a handover of which somebody else has said something."""
    settings = tmp_path / "home" / ".config" / "twinwatch"
    settings.mkdir(parents=True)
    (settings / "settings.yaml").write_text("language: en\n")

    async def in_room(room: Room) -> None:
        desk = opened(tmp_path / "records.db", room.watch, room.watch.board, alone=True)
        await desk.open()
        room.watch.handovers.open(desk)

        async def twinwatch(*words: str) -> Done:
            return await asyncio.to_thread(run, "--socket", room.path, "handover", *words)

        note = await desk.add_note("op", {"text": "it's slow"})
        offered = (await desk.offer("op", None)).offered
        name, item = offered.id, f"note:{note.id}"
        asks = {"answer": "questioned", "items": [item], "why": "since when?"}
        await desk.answer("chan", name, asks)
        done = await twinwatch("accept", name)
        assert done.stdout == f"{name}: accepted; 1 is left\n"
        accept = f"twinwatch handover accept {name} --item {item}, or question it too"
        for verb in ("sign", "accept"):
            done = await twinwatch(verb, name)
            assert (done.returncode, accept in done.stderr) == (1, True), done.stderr
        done = await twinwatch("accept", name, "--item", item)
        assert done.stdout.endswith(f"; all are answered: twinwatch handover sign {name}\n")
        assert (await twinwatch("sign", name)).returncode == 0
        await desk.close()

    asked(tmp_path, in_room)


def test_what_a_later_version_put_into_a_document_is_signed_too(tmp_path: Path, run: Run) -> None:
    """The hash is of the bytes as they were received, not of what this version makes of them."""

    async def in_room(room: Room) -> None:
        desk = opened(tmp_path / "records.db", room.watch, room.watch.board, alone=True)
        await desk.open()
        room.watch.handovers.open(desk)
        made = await desk.snapshot("op", None)
        content = snapshot_bytes(made).replace(b'"format": 1', b'"format": 1,\n "later": "x"')
        assert read_snapshot(content) == made and sha256_of(content) != sha256(made)
        offered = Offered(made.id, "op", made.made_at, sha256_of(content))
        await desk._put_down_with(content, offered)
        done = await asyncio.to_thread(run, "--socket", room.path, "handover", "show", "--document")
        assert done.stdout.encode() == content
        done = await asyncio.to_thread(run, "--socket", room.path, "handover", "sign", made.id)
        assert done.stdout.strip().endswith(sha256_of(content)), done.stderr
        await desk.close()

    asked(tmp_path, in_room)


def test_the_last_is_shown_and_an_older_one_by_its_id(tmp_path: Path, run: Run) -> None:
    async def in_room(room: Room) -> None:
        desk = opened(tmp_path / "records.db", room.watch, room.watch.board, alone=True)
        await desk.open()
        room.watch.handovers.open(desk)
        for name in ("h-older", "h-newer"):
            made = replace(await desk.snapshot("op", None), id=name)
            content = snapshot_bytes(made)
            await desk._put_down_with(
                content, Offered(name, "op", made.made_at, sha256_of(content))
            )
        for words, name in ((), "h-newer"), (("h-older",), "h-older"):
            show = ("--socket", room.path, "handover", "show", *words, "--json")
            done = await asyncio.to_thread(run, *show)
            assert json.loads(done.stdout)["offered"]["id"] == name, done.stderr
        await desk.close()

    asked(tmp_path, in_room)


def test_what_is_missing_or_unknown_is_told(tmp_path: Path, run: Run) -> None:
    async def play(twinwatch: Callable[..., Awaitable[Done]]) -> None:
        for words, said in (
            (("note", "add", " "), "TEXT"),
            (("note", "add", "x", "--kind", "song"), "it is not one of incident, note, watch"),
            (("note", "add", "x", "--promised", "soon"), "--promised"),
            (("note", "close", "n-none", "--reason", "x"), "there is none of that id"),
            (("handover", "show", "h-none"), "there is none of that id"),
            (("handover", "sign", "h-none"), "there is none of that id"),
            (("handover", "reply", "h-none", "x"), "there is none of that id"),
        ):
            done = await twinwatch(*words)
            assert (done.returncode, done.stdout) == (2, ""), words
            assert said in done.stderr, words
        assert (await twinwatch("handover", "list")).returncode == 0

    played(tmp_path, run, play)


def test_a_word_that_was_taken_asks_for_nothing_more(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails after it would have people say it again, and it would stand there twice."""

    async def in_room(room: Room) -> None:
        desk = opened(tmp_path / "records.db", room.watch, room.watch.board, alone=True)
        await desk.open()
        room.watch.handovers.open(desk)
        before: list[object] = []

        def estate(watch: Watch) -> dict[str, object]:
            if before != [desk.notes(), desk.handovers()]:
                raise WatchError("the watch has too much to do", status=503)
            return {"timezone": "Asia/Hong_Kong", "language": "en"}

        async def twinwatch(*words: object) -> str:
            before[:] = [desk.notes(), desk.handovers()]
            done = await asyncio.to_thread(run, "--socket", room.path, *words)
            assert (done.returncode, done.stderr) == (0, ""), words
            assert before != [desk.notes(), desk.handovers()], words
            return done.stdout

        monkeypatch.setattr(Watch, "estate", estate)
        await twinwatch("note", "add", "mail is slow")
        (note,) = desk.notes()
        await twinwatch("handover", "offer")
        name = desk.handover("last").offered.id
        item, why = ("--item", f"note:{note.id}"), ("--reason", "since when?")
        await twinwatch("handover", "question", name, *item, *why)
        await twinwatch("handover", "reply", name, "since 03:00", *item)
        await twinwatch("handover", "refuse", name, *item, "--reason", "not mine")
        await twinwatch("handover", "accept", name)
        assert "signed by" in await twinwatch("handover", "sign", name)
        await twinwatch("note", "close", note.id, "--reason", "fast again")
        await desk.close()

    asked(tmp_path, in_room)


def test_a_note_is_answered_in_the_estate_s_language(tmp_path: Path, run: Run) -> None:
    async def in_room(room: Room) -> None:
        desk = opened(tmp_path / "records.db", room.watch, room.watch.board, alone=True)
        await desk.open()
        room.watch.handovers.open(desk)
        done = await asyncio.to_thread(run, "--socket", room.path, "note", "add", "mail is slow")
        (note,) = desk.notes()
        assert done.stdout == f"{note.id}：已記錄；以 twinwatch note close {note.id} 結束\n"
        words = ("--socket", room.path, "note", "close", note.id, "--reason", "fast again")
        assert (await asyncio.to_thread(run, *words)).stdout == f"{note.id}：已結\n"
        await desk.close()

    asked(tmp_path, in_room)


def test_a_dry_run_shows_the_letter_to_each_target_and_offers_nothing(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("apprise", reason="notices are an extra: pip install 'twinwatch[notify]'")
    monkeypatch.setattr(notice_desk, "LOOK_SECONDS", 0.02)
    settings = tmp_path / "home" / ".config" / "twinwatch"
    settings.mkdir(parents=True)
    (settings / "settings.yaml").write_text("language: en\n")
    file = tmp_path / "notify.yaml"

    async def in_room(room: Room) -> None:
        desk = opened(tmp_path / "records.db", room.watch, room.watch.board, alone=True)
        await desk.open()
        room.watch.handovers.open(desk)
        told = NoticeDesk(
            room.played,  # type: ignore[arg-type] # nothing is told, so nothing is kept
            room.watch.board,
            where=lambda: file if file.exists() else None,
            words=words_in,
            now=now_ms,
        )
        told.open(Kept())
        room.watch.notices.open(told)

        async def dry(*words: str) -> Done:
            offer = ("--socket", room.path, "handover", "offer", "--dry-run", *words)
            return await asyncio.to_thread(run, *offer)

        note = await desk.add_note("op", {"text": "mail is slow"})
        said = await dry()
        nobody = "nobody is sent handovers: no handovers: in notify.yaml"
        assert said.stdout.splitlines() == [nobody, "nothing was offered or sent"]
        file.write_text(
            "targets:\n  mail: {url: ['json://10.0.0.1/s3cret', 'json://10.0.0.2/s3cret']}\n"
            "  hook: {url: 'json://10.0.0.3'}\nhandovers: mail\n"
        )
        file.chmod(0o600)
        async with asyncio.timeout(20):
            while not told.hands_over:
                await asyncio.sleep(0.02)
        rows = json.loads((await dry("--json")).stdout)
        assert [(row["target"], row["service"], row["sent"]) for row in rows] == [
            ("mail", "json", False), ("mail/2", "json", False)
        ]  # fmt: skip
        page = rows[0]["attachment"]
        assert page["kind"] == "text/html" and page["bytes"] > 1_000
        text = (await dry()).stdout
        assert "mail/2 (json)\n" in text and "hook" not in text and "s3cret" not in text
        assert f"    {note.id}: mail is slow\n" in text
        assert "    with h-" in text and ".html (text/html, " in text
        assert text.endswith("nothing was offered or sent\n")
        assert desk.handovers() == ()
        file.write_text("targets: 7\n")
        async with asyncio.timeout(20):
            while not told.trouble:
                await asyncio.sleep(0.02)
        refused = await dry()
        assert refused.returncode == 1
        assert "nothing is sent" in refused.stderr and "twinwatch doctor" in refused.stderr
        await told.close()
        await desk.close()

    asked(tmp_path, in_room)
