"""The folder of runs: outputs by offset, locks as a whole, retention that spares open runs."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from storage.database import Fault, RecordsError
from storage.runs import RunFolder


def test_output_is_put_where_the_record_left_off(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "runs")
    kept = folder.keep_output("r-1", "a@db1.1", 0, b"hello ")
    assert (kept.size, kept.sha256) == (6, hashlib.sha256(b"hello ").hexdigest())
    folder.keep_output("r-1", "a@db1.1", 6, b"lost in a crash before it was on record")
    folder.keep_output("r-1", "a@db1.1", 6, b"world")
    assert folder.output("r-1", "a@db1.1", 0, 100) == b"hello world"
    assert folder.output("r-1", "a@db1.1", -5, 3) == b"wor"
    assert (
        folder.seal_output("r-1", "a@db1.1", 11).sha256
        == hashlib.sha256(b"hello world").hexdigest()
    )
    assert folder.seal_output("r-1", "a@db1.1", 5).sha256 == hashlib.sha256(b"hello").hexdigest()
    assert (
        folder.output("r-1", "none", 0, 9) == b"" and folder.seal_output("r-1", "none", 0).size == 0
    )


def test_files_are_private(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "runs")
    folder.begin("r-1", {"seq": 1}).close()
    folder.keep_output("r-1", "a", 0, b"x")
    folder.pin("r-1", "main.cf", b"y")
    folder.save_locks({"service/mail": 1})
    for path in (tmp_path / "runs").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("name", ["../x", "", ".hidden", "a/b", "x\n", "é"])
def test_a_name_never_leaves_the_folder(tmp_path: Path, name: str) -> None:
    folder = RunFolder(tmp_path / "runs")
    for act in (
        lambda: folder.begin(name, {}),
        lambda: folder.read(name),
        lambda: folder.keep_output("r-1", name, 0, b""),
        lambda: folder.pin(name, "main.cf", b""),
    ):
        with pytest.raises(RecordsError, match="is no name of a run"):
            act()


def test_pinned_files_come_back(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.pin("r-1", "main.cf", b"\0\xff")
    assert folder.pinned("r-1") == {"main.cf": b"\0\xff"}
    assert folder.pinned("r-2") == {}


FILES = [
    "site.yml",
    "_common.conf",
    ".env",
    "...",
    "../x",
    "f@x",
    "roles/a/設定.conf",
    "100%25",
    "a/" * 300,
]


def test_a_file_is_pinned_whatever_it_is_called(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "runs")
    for name in FILES:
        folder.pin("r-1", name, f"1\n{name}".encode())
    assert folder.pinned("r-1") == {name: f"1\n{name}".encode() for name in FILES}
    (pinned,) = {path.parent for path in tmp_path.rglob("*") if path.is_file()}
    assert pinned == tmp_path / "runs" / "r-1.pin"


def test_files_that_an_older_version_pinned_come_back(tmp_path: Path) -> None:
    place = tmp_path / "r-1.pin"
    place.mkdir()
    (place / "roles%2Fmain.yml").write_bytes(b"x")
    (place / ".site.yml.new").write_bytes(b"killed while it was wri")
    assert RunFolder(tmp_path).pinned("r-1") == {"roles/main.yml": b"x"}


def test_locks_are_the_old_ones_or_the_new_ones(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert folder.load_locks() == {}
    folder.save_locks({"host/db1": {"epoch": 3}})
    (tmp_path / ".locks.json.new").write_bytes(b'{"host')  # killed while it was written
    assert RunFolder(tmp_path).load_locks() == {"host/db1": {"epoch": 3}}
    (tmp_path / "locks.json").write_bytes(b"{")
    with pytest.raises(RecordsError, match="is damaged") as refused:
        folder.load_locks()
    assert refused.value.fault is Fault.CORRUPT


def test_what_was_never_begun_is_set_aside(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.begin("r-1", {"seq": 1}).close()
    (tmp_path / "r-1.jsonl").write_bytes(b'{"seq":1,"fa')
    torn = folder.open("r-1")
    assert (torn.lines, torn.torn_bytes) == ((), 12)
    torn.close()
    folder.discard("r-1")
    assert folder.ids() == () and (tmp_path / "r-1.torn").exists()


def test_retention_never_drops_an_open_run(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    ended = {"r-1": 100, "r-2": None, "r-3": 300}
    for run in ended:
        folder.begin(run, {"seq": 1}).close()
        folder.keep_output(run, "a", 0, b"x")
    assert list(folder.prune(200, ended.__getitem__)) == ["r-1"]
    assert folder.ids() == ("r-2", "r-3")
    assert not (tmp_path / "r-1.out").exists() and (tmp_path / "r-2.out").exists()


def test_an_id_is_one_runs_own(tmp_path: Path) -> None:
    """Another run that came upon the same id would write over what the first is pinned to."""
    folder = RunFolder(tmp_path / "runs")
    folder.claim("r-1")
    folder.pin("r-1", "site.yml", b"mine")
    for _ in range(2):  # before its journal is begun, and after
        with pytest.raises(RecordsError):
            folder.claim("r-1")
        if not folder.ids():
            folder.begin("r-1", {"seq": 1}).close()
    folder.begin("r-2", {"seq": 1}).close()  # of a watch that pinned nothing
    with pytest.raises(RecordsError, match="a run of that id is on record"):
        folder.claim("r-2")
    assert folder.pinned("r-1") == {"site.yml": b"mine"}


def test_an_id_whose_run_does_not_begin_is_given_back_with_what_was_kept_under_it(
    tmp_path: Path,
) -> None:
    folder = RunFolder(tmp_path / "runs")
    for run in ("r-1", "r-2"):
        folder.claim(run)
        folder.pin(run, "site.yml", b"mine")
    folder.begin("r-2", {"seq": 1}).close()
    folder.give_back("r-1")
    folder.give_back("r-2")
    assert folder.pinned("r-2") == {"site.yml": b"mine"}, "it has begun"
    assert [path.name for path in folder.directory.glob("*.pin")] == ["r-2.pin"]
    folder.claim("r-1")


def test_what_never_became_a_run_is_swept_away_in_time(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for run in ("r-1", "r-2", "r-3", "r-4"):
        folder.claim(run)
        folder.pin(run, "site.yml", b"mine")
    folder.begin("r-2", {"seq": 1}).close()
    (tmp_path / "r-3.torn").write_bytes(b'{"seq":1,"fa')
    for name in ("r-1.pin", "r-2.pin", "r-3.pin", "r-3.torn"):
        os.utime(tmp_path / name, (100, 100))
    folder.sweep(100_000)
    assert len(list(tmp_path.iterdir())) == 6
    folder.sweep(100_001)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["r-2.jsonl", "r-2.pin", "r-4.pin"]
