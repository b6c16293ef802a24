"""Runs that have ended: found again without their journals, tidied up behind, kept and let go."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from runbooks.fingerprint import fingerprint
from runbooks.progress.entries import entry_to_json
from storage.database import RecordsError
from storage.runs import RunFolder
from tests.runbooks.progress.drive import Drive
from tests.runbooks.progress.test_run import book, do, drive
from tests.runbooks.progress.world import T0, World
from watch.error import WatchError
from watch.runs.archive import KEPT_MS, Archive
from watch.runs.register import Register
from watch.runs.rows import row_of

STEP = do("a")


def ended(folder: RunFolder, run: str, world: World | None = None) -> Drive:
    """A run that has ended, and its journal in the folder."""
    found = drive(book(STEP), world)
    found.to_the_end()
    journal = folder.begin(run, entry_to_json(found.journal[0]))
    journal.append([entry_to_json(each) for each in found.journal[1:]])
    journal.close()
    return found


def put(archive: Archive, run: str, found: Drive) -> None:
    row = replace(row_of(found.run, found.now, T0), id=run)
    asyncio.run(archive.put(row, found.run, found.now))


def loaded(folder: RunFolder) -> Archive:
    archive = Archive(folder)
    asyncio.run(archive.load())
    return archive


def test_a_run_that_has_ended_is_known_without_its_journal(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    found = ended(folder, "r-1")
    assert asyncio.run(loaded(folder).unfinished()) == ("r-1",), "nobody looked at it yet"
    put(loaded(folder), "r-1", found)
    archive = loaded(folder)
    assert "r-1" in archive and asyncio.run(archive.unfinished()) == ()
    assert [(row.id, row.state) for row in archive.rows()] == [("r-1", "succeeded")]
    (ms,) = archive.history(fingerprint(STEP))
    assert ms > 0 and archive.history("another") == []


def test_one_that_left_something_on_a_host_is_looked_at_again(tmp_path: Path) -> None:
    folder, world = RunFolder(tmp_path), World()
    world.fault = lambda call: "cut" if type(call).__name__ == "Gc" else ""
    put(loaded(folder), "r-1", ended(folder, "r-1", world))
    archive = loaded(folder)
    assert asyncio.run(archive.unfinished()) == ("r-1",)
    assert [row.state for row in archive.rows()] == ["succeeded"], "and shown as what it is"


def test_one_that_grew_since_is_looked_at_again(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    put(loaded(folder), "r-1", ended(folder, "r-1"))
    journal = folder.open("r-1")
    journal.append([{"seq": 99}])
    journal.close()
    assert asyncio.run(loaded(folder).unfinished()) == ("r-1",)


def test_one_that_grew_since_is_not_let_go(tmp_path: Path) -> None:
    """Nobody has looked at what was added: it may say that something still stands open."""
    folder = RunFolder(tmp_path)
    found = ended(folder, "r-1")
    put(loaded(folder), "r-1", found)
    archive = loaded(folder)
    journal = folder.open("r-1")
    journal.append([{"seq": 99}])
    journal.close()
    asyncio.run(archive.prune(found.now + 2 * KEPT_MS))
    assert folder.ids() == ("r-1",)


def test_a_lost_index_loses_nothing(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    put(loaded(folder), "r-1", ended(folder, "r-1"))
    (tmp_path / "index.db").write_bytes(b"not a database" * 100)
    archive = loaded(folder)
    assert asyncio.run(archive.unfinished()) == ("r-1",)


def test_a_run_is_read_from_its_journal(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    found = ended(folder, "r-1")
    with pytest.raises(WatchError, match="the run's record can't be read"):
        asyncio.run(loaded(folder).view("r-1", found.now))  # its text is no runbook's file


def test_what_was_kept_long_enough_is_let_go(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    found = ended(folder, "r-1")
    put(loaded(folder), "r-1", found)
    ended(folder, "r-2")  # as old, and nobody knows that it has ended
    archive = loaded(folder)
    asyncio.run(archive.prune(found.now + KEPT_MS - 1_000))
    assert folder.ids() == ("r-1", "r-2")
    asyncio.run(archive.prune(found.now + KEPT_MS + 1_000))
    assert folder.ids() == ("r-2",) and "r-1" not in archive
    assert "r-1" not in loaded(folder)


def test_one_that_cant_be_removed_is_left_with_its_row_and_no_other_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder(tmp_path)
    for run in ("r-1", "r-2", "r-3"):
        found = ended(folder, run)
        put(loaded(folder), run, found)
    unlink = Path.unlink

    def refuses(path: Path, missing_ok: bool = False) -> None:
        if path.name == "r-2.jsonl":
            raise OSError(1, "Operation not permitted")
        unlink(path, missing_ok=missing_ok)

    archive, late = loaded(folder), found.now + KEPT_MS + 1_000
    with monkeypatch.context() as locked:
        locked.setattr(Path, "unlink", refuses)
        with pytest.raises(RecordsError, match=r"r-2\.jsonl"):
            asyncio.run(archive.prune(late))
    for each in (archive, loaded(folder)):
        assert [row.id for row in each.rows()] == ["r-2"]
    asyncio.run(archive.prune(late))
    assert loaded(folder).rows() == archive.rows() == () == folder.ids()


def test_a_row_of_which_there_is_no_journal_is_no_run(tmp_path: Path) -> None:
    """A watch that was killed between the two left it."""
    folder = RunFolder(tmp_path)
    put(loaded(folder), "r-1", ended(folder, "r-1"))
    (tmp_path / "r-1.jsonl").unlink()
    archive = loaded(folder)
    assert archive.rows() == () and archive.footprints() == {} and "r-1" not in archive


def test_of_a_run_whose_journal_is_lost_nobody_says_how_it_was(tmp_path: Path) -> None:
    folder, name = RunFolder(tmp_path), "r-20261120-0210-0001"
    found = ended(folder, name)
    put(loaded(folder), name, found)
    register = Register(loaded(folder))
    (folder.directory / f"{name}.jsonl").write_text("torn\n")
    first, last = found.journal[0].at, found.journal[-1].at
    (row,) = asyncio.run(register.rows_then(first))
    assert (row.state, row.ended_at) == ("unknown", None) and "can't be read" in row.trouble
    (row,) = asyncio.run(register.rows_then(last))
    assert row.state == "succeeded", "it had ended then as the index says"
