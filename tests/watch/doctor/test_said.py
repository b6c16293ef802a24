"""What people said and what runs did, looked at by the doctor while a watch may be at work."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from storage.handovers import HandoverFolder
from storage.runs import RunFolder
from watch.doctor import Verdict, said
from watch.process import Place, place_in


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return place_in(tmp_path / "place").prepare()


def test_what_was_never_said_is_nothing_to_tell(place: Place) -> None:
    assert [*said.handovers(place), *said.runs(place)] == []


def test_a_damaged_record_of_what_people_said(place: Place) -> None:
    folder = HandoverFolder(place.records.parent / "handovers")
    folder.append({"fact": "of a later version"})
    folder.close()
    assert [each.verdict for each in said.handovers(place)] == [Verdict.OK]
    folder.journal.write_bytes(b"not a line\n" + folder.journal.read_bytes())
    (found,) = said.handovers(place)
    assert found.verdict is Verdict.FAIL
    assert found.what.startswith(f"{folder.journal}:1: the line is damaged")
    assert found.remedy == (
        "restore it from a backup, or move it away: what was said is lost then; "
        "then start the watch again"
    )


def test_a_line_of_no_such_form(place: Place) -> None:
    folder = HandoverFolder(place.records.parent / "handovers")
    folder.append({"fact": "note", "text": 7})
    folder.close()
    (found,) = said.handovers(place)
    assert found.verdict is Verdict.FAIL and str(folder.journal) in found.what


def test_a_torn_end_is_what_a_crash_leaves(place: Place) -> None:
    folder = HandoverFolder(place.records.parent / "handovers")
    folder.append({"fact": "of a later version"})
    folder.close()
    torn = folder.journal.read_bytes() + b'{"fact":"no'
    folder.journal.write_bytes(torn)
    assert [each.verdict for each in said.handovers(place)] == [Verdict.OK]
    assert folder.journal.read_bytes() == torn  # a watch may be writing it


@pytest.mark.parametrize("content", [b"garbage", b"[]", b'{"im": 7}'])
def test_damaged_locks(place: Place, content: bytes) -> None:
    folder = RunFolder(place.records.parent / "runs")
    folder.save_locks({})
    assert [*said.runs(place)] == []
    folder.locks_path.write_bytes(content)
    (found,) = said.runs(place)
    assert found.verdict is Verdict.FAIL
    assert found.what.startswith(f"no run can be started: {folder.locks_path} is damaged")
    assert "then start the watch again" in found.remedy


def test_damaged_journals_are_each_named(place: Place) -> None:
    folder = RunFolder(place.records.parent / "runs")
    for run in ("r-1", "r-2", "r-3"):
        folder.begin(run, {"seq": 1}).close()
    assert [each.what for each in said.runs(place)] == [f"{folder.directory}: 3 runs"]
    for run in ("r-1", "r-3"):
        path = folder.directory / f"{run}.jsonl"
        path.write_bytes(path.read_bytes() + b"not a line\n")
    found = list(said.runs(place))
    assert [each.verdict for each in found] == [Verdict.FAIL] * 2
    assert "r-1.jsonl:2" in found[0].what and "r-3.jsonl:2" in found[1].what


def test_the_systems_are_not_ours_to_see(tmp_path: Path) -> None:
    place = replace(place_in(tmp_path / "place"), shared=True)
    assert [*said.handovers(place), *said.runs(place)] == []
