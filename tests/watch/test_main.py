"""The composition root: what is refused before anything starts, and how the process is settled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import watch
from watch.process import Place

ROOT = Path(watch.__file__).resolve().parent.parent


def python(script: str, *path: Path) -> subprocess.CompletedProcess[str]:
    search = ":".join(str(each) for each in (*path, ROOT))
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": search, "PATH": "/usr/bin:/bin"},
        cwd="/",
    )


def test_a_foreign_package_of_our_name_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "storage").mkdir()
    (tmp_path / "storage" / "__init__.py").write_text("")
    script = "from watch.main import _guard_packages; _guard_packages()"
    assert python(script).returncode == 0
    said = python(script, tmp_path).stderr.strip().splitlines()[-1]
    assert said == (
        f"watch.error.WatchError: the installation is mixed up — {tmp_path / 'storage'} — "
        f"`storage` comes from there, the others from {ROOT} — install it in a venv of its own"
    )


def test_files_are_ours_alone_and_no_core_is_dumped() -> None:
    script = """if True:
        import os, resource, signal
        from watch.main import _settle_process
        _settle_process()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        print(oct(os.umask(0)), resource.getrlimit(resource.RLIMIT_CORE), soft == hard,
              signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)
    """
    assert python(script).stdout.strip() == "0o77 (0, 0) True True"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ((), "one of the arguments --estate --ssh-config is required"),
        (("--estate", "a", "--ssh-config", "b"), "not allowed with argument"),
    ],
)
def test_it_watches_one_source(place: Place, source: tuple[str, ...], said: str) -> None:
    command = [sys.executable, "-m", "watch", *place.arguments(), *source]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert ended.returncode == 2
    assert said in ended.stderr


def test_an_estate_that_is_not_there(place: Place, tmp_path: Path) -> None:
    missing = tmp_path / "none.yaml"
    command = [sys.executable, "-m", "watch", *place.arguments(), "--estate", str(missing)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (ended.returncode, ended.stderr) == (
        2,
        f"twinwatch: the file can't be read — {missing} — No such file or directory — "
        "check the path\n",
    )
    assert not place.socket.exists()
