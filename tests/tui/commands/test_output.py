"""`--output` never takes away what has the name: devices, pipes and links stay what they are."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from tui.commands.output import write_output
from watch.error import WatchError


def mode_of(path: Path) -> str:
    return stat.filemode(path.lstat().st_mode)


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    write_output(tmp_path / "new", b"told")
    assert (tmp_path / "new").read_bytes() == b"told"
    assert mode_of(tmp_path / "new") == "-rw-------"
    assert [*tmp_path.iterdir()] == [tmp_path / "new"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o600])
def test_a_file_that_is_there_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "old"
    path.write_text("longer than what follows")
    path.chmod(mode)
    write_output(path, b"told")
    assert path.read_bytes() == b"told"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_link_stays_one_and_its_file_is_written(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to("real")
    for content in (b"first", b"second"):  # where it leads to nothing yet, and to a file
        write_output(link, content)
        assert link.is_symlink()
        assert real.read_bytes() == content


def test_a_link_in_a_circle_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(
        WatchError, match=r"the snapshot can't be written.*levels of symbolic links"
    ):
        write_output(tmp_path / "a", b"told")
    assert (tmp_path / "a").is_symlink()


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_output(pipe, b"told" * 50_000)  # more than a pipe holds
    reader.join(20)
    assert read == [b"told" * 50_000]
    assert stat.S_ISFIFO(pipe.lstat().st_mode)


def test_a_pipe_without_a_name_is_written_to() -> None:
    ours, theirs = os.pipe()
    try:
        write_output(Path(f"/dev/fd/{theirs}"), b"told")
        assert os.read(ours, 10) == b"told"
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_a_device_stays_one(tmp_path: Path) -> None:
    null = tmp_path / "null"
    try:
        os.mknod(null, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        null.open("wb").close()
    except OSError as error:
        pytest.skip(f"no device can be made here: {error}")
    write_output(null, b"told")
    assert stat.S_ISCHR(null.lstat().st_mode)
    assert [*tmp_path.iterdir()] == [null]


def test_a_terminal_is_written_to() -> None:
    ours, theirs = os.openpty()
    try:
        write_output(Path(os.ttyname(theirs)), b"told")
        assert os.read(ours, 10) == b"told"
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WatchError, match=r"can't be written.*Is a directory"):
        write_output(tmp_path, b"told")
