"""What people said at changes of shift: on the disk, in order, or refused with a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.database import Fault, RecordsError
from storage.handovers import HandoverFolder


def test_facts_come_back_in_their_order(tmp_path: Path) -> None:
    folder = HandoverFolder(tmp_path / "handovers")
    assert folder.open() == ()
    for number in range(3):
        folder.append({"fact": "note", "number": number})
    folder.close()
    again = HandoverFolder(tmp_path / "handovers")
    assert [line["number"] for line in again.open()] == [0, 1, 2]
    again.append({"fact": "note", "number": 3})
    again.close()
    assert len(HandoverFolder(tmp_path / "handovers").open()) == 4
    assert (tmp_path / "handovers").stat().st_mode & 0o077 == 0


def test_many_facts_are_put_down_at_once(tmp_path: Path) -> None:
    folder = HandoverFolder(tmp_path)
    folder.append({"fact": "a"}, {"fact": "b"})
    folder.append({"fact": "c"}, {"fact": "d"})
    folder.close()
    assert [line["fact"] for line in HandoverFolder(tmp_path).look()] == ["a", "b", "c", "d"]


def test_a_torn_end_is_cut_off_and_damage_is_refused(tmp_path: Path) -> None:
    folder = HandoverFolder(tmp_path)
    folder.append({"fact": "a"})
    folder.append({"fact": "b"})
    folder.close()
    path = tmp_path / "said.jsonl"
    whole = path.read_bytes()
    for cut in range(len(whole.splitlines(keepends=True)[0]), len(whole)):
        path.write_bytes(whole[:cut])
        torn = HandoverFolder(tmp_path)
        assert [line["fact"] for line in torn.open()] == ["a"]
        torn.close()
    path.write_bytes(whole.replace(b'"a"', b'"x"'))
    with pytest.raises(RecordsError) as refused:
        HandoverFolder(tmp_path).open()
    assert refused.value.fault is Fault.CORRUPT
    assert refused.value.todo.startswith("restore it from a backup, or move it away")


def test_documents_go_by_their_names_and_others_stay(tmp_path: Path) -> None:
    folder = HandoverFolder(tmp_path / "handovers")
    folder.prepare()
    for name in ("h-1", "h-2", "h-3"):
        folder.document(name).write_bytes(name.encode())
    (folder.directory / "mine.json").write_bytes(b"")
    folder.let_go(frozenset({"h-1", "h-3", "h-none"}))
    assert sorted(each.name for each in folder.directory.iterdir()) == ["h-2.json", "mine.json"]
    assert folder.read("h-2") == b"h-2"
    with pytest.raises(RecordsError):
        folder.read("h-1")


def test_what_a_killed_writer_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    folder = HandoverFolder(tmp_path)
    kept = ("h-1.json", ".hidden", "said.jsonl", "r-1.json")
    for name in (*kept, ".h-1.json.x7ab_2", ".h-20261120-063000.json.tmpq"):
        (tmp_path / name).write_bytes(b"")
    folder.sweep()
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(kept)
