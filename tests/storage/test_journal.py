"""The journal of a run: a line is there whole or not at all, whenever it was cut off."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import storage
from storage.database import Fault, RecordsError
from storage.journal import Journal, packed, read_journal

KILLS = int(os.environ.get("TWINWATCH_KILLS", "10"))
SEED = int(os.environ.get("TWINWATCH_SEED", str(time.time_ns())))

LINES: list[dict[str, object]] = [
    {"seq": 1, "fact": "planned", "text": "a\nb\r\x0b\x0c\x1c\u2028ü"},
    {"seq": 2},
    {"seq": 3, "why": '"crc"'},
]


def written(path: Path, lines: list[dict[str, object]]) -> bytes:
    journal = Journal.begin(path, lines[0])
    journal.append(lines[1:])
    journal.close()
    return path.read_bytes()


def test_what_was_appended_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "r.jsonl"
    written(path, LINES)
    journal = Journal.open(path)
    assert (list(journal.lines), journal.torn_bytes) == (LINES, 0)
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    journal.close()


def test_every_line_is_json_by_itself(tmp_path: Path) -> None:
    content = written(tmp_path / "r.jsonl", LINES)
    assert [json.loads(line)["seq"] for line in content.decode().split("\n")[:-1]] == [1, 2, 3]


def test_torn_at_every_byte_it_holds_the_lines_before(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    content = written(path, LINES)
    ends = [index + 1 for index, byte in enumerate(content) if byte == ord("\n")]
    for cut in range(ends[0], len(content) + 1):
        path.write_bytes(content[:cut])
        whole = sum(end <= cut for end in ends)
        journal = Journal.open(path)
        assert list(journal.lines) == LINES[:whole]
        assert journal.torn_bytes == cut - ends[whole - 1]
        journal.append([{"seq": "next"}])
        journal.close()
        assert list(read_journal(path).lines) == [*LINES[:whole], {"seq": "next"}]


@pytest.mark.parametrize(
    "tail",
    [b"\0" * 40, b"\0" * 39 + b"\n", b'{"seq":4,\0\0\0\0"crc":"00000000"}\n', b'{"seq":4', b"{"],
)
def test_what_a_crash_leaves_behind_the_last_line_is_cut_off(tmp_path: Path, tail: bytes) -> None:
    path = tmp_path / "r.jsonl"
    content = written(path, LINES)
    path.write_bytes(content + tail)
    journal = Journal.open(path)
    assert (list(journal.lines), journal.torn_bytes) == (LINES, len(tail))
    journal.close()
    assert path.read_bytes() == content


def test_every_changed_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    content = written(path, LINES)
    first = content.index(b"\n") + 1
    for index in range(first):
        changed = bytearray(content)
        changed[index] ^= 1
        path.write_bytes(changed)
        with pytest.raises(RecordsError) as refused:
            Journal.open(path)
        assert refused.value.fault is Fault.CORRUPT
    assert str(refused.value) == (
        f"{path}:1: the line is damaged, and no crash leaves it like that; "
        "restore it from a backup; decide the run's open steps by hand"
    )


@given(st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.none(), min_size=1))
def test_any_text_is_one_line(line: dict[str, object]) -> None:
    raw = packed(line, 0)
    assert raw.count(b"\n") == 1 and raw.endswith(b'"}\n')


def test_a_journal_is_begun_once(tmp_path: Path) -> None:
    written(tmp_path / "r.jsonl", LINES)
    with pytest.raises(RecordsError, match="File exists"):
        Journal.begin(tmp_path / "r.jsonl", {})


def test_a_last_line_that_was_changed_is_no_crash(tmp_path: Path) -> None:
    """It may say that a step was begun: without it the step would be begun again."""
    path = tmp_path / "r.jsonl"
    content = written(path, LINES)
    path.write_bytes(content.replace(b'"seq":3', b'"seq":4'))
    with pytest.raises(RecordsError, match=r":3: the line is damaged, and no crash leaves"):
        Journal.open(path)


def test_what_a_crash_tore_is_no_end_where_whole_lines_follow(tmp_path: Path) -> None:
    """The second was flushed before the third was written: it was announced, and was true."""
    path = tmp_path / "r.jsonl"
    journal = Journal.begin(path, LINES[0])
    journal.append(LINES[1:2])
    journal.append(LINES[2:])
    journal.close()
    first, second, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + b"\0" * (len(second) - 1) + b"\n" + third)
    with pytest.raises(RecordsError) as refused:
        Journal.open(path)
    assert str(refused.value).startswith(
        f"{path}:2: the line is damaged, and whole ones follow it that were written later; "
    )


# --- a power cut: of what was not flushed any block may be missing ---


class Cut:
    """A journal of two flushed lines and four that were on their way when the power went."""

    KEPT: tuple[dict[str, object], ...] = ({"seq": 1}, {"seq": 2})
    ON_THEIR_WAY: tuple[dict[str, object], ...] = (
        {"seq": 3, "a": "b"},
        {"seq": 4},
        {"seq": 5, "c": 12},
        {"seq": 6},
    )

    def __init__(self, path: Path) -> None:
        self.path = path
        journal = Journal.begin(path, self.KEPT[0])
        journal.append(self.KEPT[1:])
        self.flushed = path.stat().st_size
        journal.append(self.ON_THEIR_WAY[:1], durable=False)
        journal.append(self.ON_THEIR_WAY[1:])
        journal.close()
        self.content = path.read_bytes()

    def expected(self, first_lost: int) -> list[dict[str, object]]:
        """Every line that ends before the first byte that is lost."""
        whole = self.content[:first_lost].count(b"\n")
        return [*self.KEPT, *self.ON_THEIR_WAY][:whole]

    def read(self, content: bytes | bytearray) -> list[dict[str, object]]:
        self.path.write_bytes(content)
        return list(read_journal(self.path).lines)


def test_any_blocks_in_a_row_may_be_missing(tmp_path: Path) -> None:
    """Of every split of the bytes: the first part is missing, or the last, or one between."""
    cut = Cut(tmp_path / "r.jsonl")
    whole = len(cut.content)
    for lost in range(cut.flushed, whole):
        for back in range(lost + 1, whole + 1):
            content = cut.content[:lost] + b"\0" * (back - lost) + cut.content[back:]
            assert cut.read(content) == cut.expected(lost), (lost, back)


@given(st.data())
def test_any_bytes_may_be_missing_and_the_end_too(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    cut = Cut(tmp_path_factory.mktemp("cut") / "r.jsonl")
    there = st.integers(cut.flushed, len(cut.content))
    end, lost = data.draw(there), data.draw(st.sets(there))
    content = bytes(0 if at in lost else byte for at, byte in enumerate(cut.content[:end]))
    assert cut.read(content) == cut.expected(min({end, *lost}))


def test_after_a_power_cut_it_goes_on_behind_the_last_whole_line(tmp_path: Path) -> None:
    cut = Cut(tmp_path / "r.jsonl")
    content = bytearray(cut.content)
    content[cut.flushed : cut.flushed + 9] = b"\0" * 9
    cut.path.write_bytes(content)
    journal = Journal.open(cut.path)
    assert list(journal.lines) == list(cut.KEPT)
    assert journal.torn_bytes == len(content) - cut.flushed
    journal.append([{"seq": 3}])
    journal.append([{"seq": 4}])
    journal.close()
    assert [each["seq"] for each in read_journal(cut.path).lines] == [1, 2, 3, 4]


def test_what_was_flushed_is_never_torn(tmp_path: Path) -> None:
    cut = Cut(tmp_path / "r.jsonl")
    for lost in range(cut.flushed):
        content = bytearray(cut.content)
        content[lost] = 0
        with pytest.raises(RecordsError, match="the line is damaged"):
            cut.read(content)


# --- journals of older versions ---

OLD = (
    b'{"seq":1,"fact":"planned","crc":"%08x"}\n' % zlib.crc32(b'{"seq":1,"fact":"planned"'),
    b'{"seq":2,"crc":"%08x"}\n' % zlib.crc32(b'{"seq":2'),
)


def test_a_journal_of_an_older_version_is_read_and_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b"".join(OLD) + b'{"seq":3,')
    journal = Journal.open(path)
    assert list(journal.lines) == [{"seq": 1, "fact": "planned"}, {"seq": 2}]
    journal.append([{"seq": 3}])
    journal.close()
    assert [each["seq"] for each in read_journal(path).lines] == [1, 2, 3]
    content = path.read_bytes()
    assert content.startswith(b"".join(OLD))
    path.write_bytes(content.replace(b'"seq":2', b'"seq":\0'))
    with pytest.raises(RecordsError, match=r":2: the line is damaged, and whole ones follow it"):
        Journal.open(path)


def test_in_a_journal_of_an_older_version_nothing_follows_what_is_torn(tmp_path: Path) -> None:
    """It does not say what was flushed when, so that nobody can know."""
    path = tmp_path / "r.jsonl"
    path.write_bytes(OLD[0].replace(b"fact", b"\0\0\0\0") + OLD[1])
    with pytest.raises(RecordsError, match=r":1: the line is damaged, and whole ones follow it"):
        Journal.open(path)


# --- what reaches the disk, and when ---


class Disk:
    """Every call to the disk in its order; `refuses` those of a name, and they fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        self.refuses: set[str] = set()
        for name in ("pwrite", "fsync", "ftruncate"):
            monkeypatch.setattr(f"storage.journal.os.{name}", self._watched(name))

    def _watched(self, name: str) -> Callable[..., object]:
        real = getattr(os, name)

        def call(descriptor: int, *given: object) -> object:
            kind = "directory" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else name
            self.calls.append(kind)
            if name in self.refuses:
                raise OSError(errno.EIO, "Input/output error")
            return real(descriptor, *given)

        return call


def test_a_line_is_flushed_before_append_returns_and_the_name_with_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    journal = Journal.begin(tmp_path / "r.jsonl", LINES[0])
    assert disk.calls == ["pwrite", "fsync", "directory"]
    disk.calls.clear()
    journal.append(LINES[1:])
    assert disk.calls == ["pwrite", "fsync"]
    disk.calls.clear()
    journal.append([{"seq": 4}], durable=False)
    assert disk.calls == ["pwrite"]
    journal.close()
    disk.calls.clear()
    journal = Journal.open(tmp_path / "r.jsonl")
    assert disk.calls == ["fsync"], "what is gone on from is on the disk, whoever wrote it"
    journal.close()


def test_a_line_that_could_not_be_flushed_is_not_true_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.jsonl"
    journal = Journal.begin(path, LINES[0])
    disk = Disk(monkeypatch)
    disk.refuses = {"fsync"}
    with pytest.raises(RecordsError, match="Input/output error"):
        journal.append(LINES[1:])
    assert list(read_journal(path).lines) == LINES[:1], "killed now, it was never said"
    with pytest.raises(RecordsError, match="Input/output error"):
        journal.append(LINES[1:])
    disk.refuses = set()
    journal.append(LINES[1:2])
    assert list(read_journal(path).lines) == LINES[:2]
    journal.close()


def test_what_could_not_be_taken_out_is_taken_out_before_more_is_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.jsonl"
    journal = Journal.begin(path, LINES[0])
    disk = Disk(monkeypatch)
    disk.refuses = {"fsync", "ftruncate"}
    with pytest.raises(RecordsError):
        journal.append(LINES[1:])
    disk.refuses = set()
    disk.calls.clear()
    journal.append(LINES[1:2])
    assert disk.calls == ["ftruncate", "fsync", "pwrite", "fsync"]
    assert list(read_journal(path).lines) == LINES[:2]
    journal.close()


def test_a_name_that_is_no_text_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    line = {"seq": 1, "text": os.fsdecode(b"\xff.conf")}
    Journal.begin(path, line).close()
    assert list(read_journal(path).lines) == [line]


def test_one_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match="No such file"):
        Journal.open(tmp_path / "r.jsonl")


def test_a_full_disk_refuses_the_whole_line_and_takes_it_once_there_is_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"no disk to fill: {mounted.stderr.decode().strip()}")
    try:
        journal = Journal.begin(disk / "r.jsonl", {"seq": 1})
        (disk / "ballast").write_bytes(b"x" * 40_000)
        line = {"seq": 2, "text": "y" * 30_000}
        with pytest.raises(RecordsError) as refused:
            journal.append([line])
        assert refused.value.fault is Fault.FULL
        journal.append([{"seq": 2, "text": "short"}])
        (disk / "ballast").unlink()
        journal.append([{**line, "seq": 3}])
        journal.close()
        assert [each["seq"] for each in read_journal(disk / "r.jsonl").lines] == [1, 2, 3]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


#: Appends as fast as it can, and prints what it may rely on.
WRITER = """
import sys
from pathlib import Path
from storage.journal import Journal
path = Path(sys.argv[1])
journal = Journal.open(path) if path.exists() else Journal.begin(path, {"seq": 1})
seq = journal.lines[-1]["seq"] if journal.lines else 1
while True:
    seq += 1
    journal.append([{"seq": seq, "text": "z" * (seq % 700)}])
    print(seq, flush=True)
"""


@pytest.mark.timeout(60 + 2 * KILLS)
def test_killed_at_any_moment_nothing_is_lost_that_append_had_promised(tmp_path: Path) -> None:
    dice, path, promised = random.Random(SEED), tmp_path / "r.jsonl", 1
    for kill in range(KILLS):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)],
            stdout=subprocess.PIPE, text=True, cwd=Path(storage.__file__).parents[1],
        )  # fmt: skip
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(dice.uniform(0, 0.05))
        writer.send_signal(signal.SIGKILL)
        said = (first + writer.stdout.read()).rsplit("\n", 1)[0].split()
        writer.wait()
        writer.stdout.close()
        promised = int(said[-1])
        lines = read_journal(path).lines
        told = f"kill {kill}, TWINWATCH_SEED={SEED}"
        assert [each["seq"] for each in lines] == list(range(1, len(lines) + 1)), told
        assert len(lines) >= promised, told
