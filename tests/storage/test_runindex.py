"""The index of runs: what is put is there, and a damaged one is begun anew."""

from __future__ import annotations

from pathlib import Path

from storage.runindex import Indexed, RunIndex


def test_rows_come_back_newest_first(tmp_path: Path) -> None:
    index = RunIndex(tmp_path / "runs" / "index.db")
    assert index.rows() == {}
    one, two = Indexed("r-1", 10, 5, {"title": "é"}), Indexed("r-2", 20, None, {})
    index.put(one)
    index.put(two)
    index.put(Indexed("r-2", 30, None, {"state": "running"}))
    assert list(RunIndex(index.path).rows().values()) == [
        Indexed("r-2", 30, None, {"state": "running"}),
        one,
    ]
    index.forget("r-2")
    assert list(index.rows()) == ["r-1"]
    assert index.path.stat().st_mode & 0o077 == 0


def test_a_damaged_one_is_begun_anew(tmp_path: Path) -> None:
    index = RunIndex(tmp_path / "index.db")
    index.put(Indexed("r-1", 10, 5, {}))
    index.path.write_bytes(b"no database at all, and long enough to be looked at" * 50)
    assert index.rows() == {}
    index.put(Indexed("r-1", 10, 5, {}))
    assert list(index.rows()) == ["r-1"]
