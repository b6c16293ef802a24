"""The book of locks: a change is on the disk before it counts, and none gets lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from storage.database import Fault, RecordsError
from storage.runs import RunFolder
from watch.runs.lockbook import LockBook, Taken


def test_changes_at_once_are_all_kept(tmp_path: Path) -> None:
    async def play() -> None:
        book = LockBook(RunFolder(tmp_path))
        runs = [f"r-{number}" for number in range(20)]
        taken = await asyncio.gather(*(book.take([run], run, over=False) for run in runs))
        assert {each.epoch for each in taken} == {1}
        released = (book.change(lambda locks, run=run: locks.released(run)) for run in runs[:10])  # type: ignore[misc]
        await asyncio.gather(*released)
        again = LockBook(RunFolder(tmp_path))
        await again.load()
        assert again.locks == book.locks
        assert sorted(again.locks.held()) == sorted(runs[10:])

    asyncio.run(play())


def test_one_lock_is_had_by_one_however_many_ask(tmp_path: Path) -> None:
    async def play() -> None:
        book = LockBook(RunFolder(tmp_path))
        asked = (book.take(["host/db1"], f"r-{number}", over=False) for number in range(10))
        answers = await asyncio.gather(*asked)
        assert [bool(each.reasons) for each in answers].count(False) == 1
        (owner,) = book.locks.held().values()
        taken = await book.take(["host/db1", "host/db2"], "r-new", over=True)
        assert taken == Taken(2, {"host/db1": owner})
        await book.change(lambda locks: locks.returned("r-new", taken.had))
        assert book.locks.held() == {"host/db1": owner}
        assert (await book.take(["host/db1"], "r-next", over=True)).epoch == 3, (
            "an epoch only grows"
        )

    asyncio.run(play())


def test_what_cant_be_kept_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: RunFolder, locks: object) -> None:
        raise RecordsError(Fault.FULL, "no space", "free some")

    async def play() -> None:
        book = LockBook(RunFolder(tmp_path))
        await book.take(["a"], "r-1", over=False)
        monkeypatch.setattr(RunFolder, "save_locks", full)
        with pytest.raises(RecordsError):
            await book.take(["b"], "r-2", over=False)
        assert book.locks.held() == {"a": "r-1"}
        await book.change(lambda locks: locks.released("r-1"))
        assert book.locks.held() == {}, "it is free for this watch, though a restart would not know"

    asyncio.run(play())


@pytest.mark.parametrize(
    "content", ['{"service/mail": {"epo', "[]", '{"service/mail": {"epoch": "seven"}}']
)
def test_from_locks_that_cant_be_read_nothing_is_begun_and_they_are_left_as_they_are(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "locks.json"
    path.write_text(content)

    async def play() -> None:
        book = LockBook(RunFolder(tmp_path))
        with pytest.raises(RecordsError, match="is damaged"):
            await book.load()
        for over in (False, True):
            taken = await book.take(["service/mail"], "r-new", over=over)
            epoch, (reason,) = taken.epoch, taken.reasons
            assert epoch == 0 and str(path) in reason.what and "from a backup" in reason.todo
        await book.change(lambda locks: locks.taken(["a"], "r-2")[0])

    asyncio.run(play())
    assert path.read_text() == content, "an epoch from 1 on would be older than what hosts know"
