"""Whatever the file system refuses is a fault of the records, in our own words, nowhere else."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from estate.readiness import Asking
from storage.database import Fault, RecordsError
from storage.handovers import HandoverFolder
from storage.readiness import Askings
from storage.records import Records
from storage.runindex import Indexed, RunIndex
from storage.runs import RunFolder

ASKING = Asking("mail", "move", "ab" * 32, 1_000, ())
INDEXED = Indexed("r-1", 10, 5, {})

#: What the watch does at its start, and what it does later.
DEEDS: list[Callable[[Path], object]] = [
    lambda place: Records.open(place / "records.db"),
    lambda place: Askings(place / "readiness.db").latest(),
    lambda place: Askings(place / "readiness.db").put(ASKING),
    lambda place: RunIndex(place / "runs" / "index.db").rows(),
    lambda place: RunIndex(place / "runs" / "index.db").put(INDEXED),
    lambda place: RunFolder(place / "runs").save_locks({}),
    lambda place: RunFolder(place / "runs").claim("r-20261120-175100-aaaa"),
    lambda place: HandoverFolder(place / "handovers").append({"a": 1}),
    lambda place: HandoverFolder(place / "handovers").prepare(),
]


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A mount of its own: a directory's mode does not stop root."""
    place = tmp_path / "mounted"
    place.mkdir()
    bound = subprocess.run(["mount", "--bind", place, place], capture_output=True, check=False)
    if bound.returncode:
        pytest.skip(f"nothing can be mounted here: {bound.stderr.decode().strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def freeze(place: Path) -> None:
    """Make a mount read-only, as a file system does that has found an error on its disk."""
    subprocess.run(["mount", "-o", "remount,ro,bind", place, place], check=True)


@pytest.mark.parametrize("deed", DEEDS)
def test_a_read_only_file_system_is_a_fault(mounted: Path, deed: Callable[[Path], object]) -> None:
    freeze(mounted)
    with pytest.raises(RecordsError, match="Read-only file system") as raised:
        deed(mounted)
    assert raised.value.fault is Fault.READ_ONLY


@pytest.mark.parametrize("deed", DEEDS)
def test_a_place_that_is_no_directory_is_a_fault(
    tmp_path: Path, deed: Callable[[Path], object]
) -> None:
    place = tmp_path / "state"
    place.write_text("a file")
    with pytest.raises(RecordsError):
        deed(place)


def test_what_was_kept_before_is_read_from_a_read_only_file_system(mounted: Path) -> None:
    index, askings = RunIndex(mounted / "index.db"), Askings(mounted / "readiness.db")
    index.put(INDEXED)
    askings.put(ASKING)
    freeze(mounted)
    assert list(index.rows()) == ["r-1"]
    assert askings.latest() == [ASKING]
    with pytest.raises(RecordsError, match="can't be written"):
        index.put(INDEXED)
    with pytest.raises(RecordsError, match="can't be written"):
        askings.put(ASKING)


def test_a_damaged_file_that_can_not_be_put_aside_is_a_fault(mounted: Path) -> None:
    torn = b"no database at all, and long enough to be looked at" * 50
    for name in ("index.db", "readiness.db"):
        (mounted / name).write_bytes(torn)
    freeze(mounted)
    for read in (RunIndex(mounted / "index.db").rows, Askings(mounted / "readiness.db").latest):
        with pytest.raises(RecordsError):
            read()


def test_a_run_that_can_not_be_removed_is_a_fault(mounted: Path) -> None:
    folder = RunFolder(mounted)
    folder.begin("r-1", {"at": 1}).close()
    freeze(mounted)
    with pytest.raises(RecordsError) as raised:
        list(folder.prune(10, lambda run: 5))
    assert raised.value.fault is Fault.READ_ONLY
    assert folder.ids() == ("r-1",)
