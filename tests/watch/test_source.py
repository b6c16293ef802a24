"""Where the estate comes from: named, looked for, and never from a file that others could write."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from estate.file import EstateError
from watch.error import SourceError
from watch.source import Source, default_places, find_source, fingerprint, read, trusted_bytes

MINIMAL = "estate: Test\nsites:\n  c: {name: C, role: primary}\nhosts:\n  a: {site: c}\n"


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path / "home")}


def written(path: Path, text: str = MINIMAL, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_named_file_comes_first_then_the_environment_then_the_usual_places(
    tmp_path: Path, home: dict[str, str]
) -> None:
    usual = written(Path(home["HOME"]) / ".config" / "twinwatch" / "estate.yaml")
    assert find_source(None, None, home, tmp_path) == Source(usual)
    here = written(tmp_path / "estate.yaml")
    assert find_source(None, None, home, tmp_path) == Source(here)
    other = written(tmp_path / "other.yaml")
    named = {**home, "TWINWATCH_ESTATE": "other.yaml"}
    assert find_source(None, None, named, tmp_path) == Source(other)
    assert find_source("estate.yaml", None, named, tmp_path) == Source(here)
    assert find_source(None, "other.yaml", named, tmp_path) == Source(other, ssh=True)


def test_nothing_named_and_nothing_found(tmp_path: Path, home: dict[str, str]) -> None:
    if Path("/etc/twinwatch/estate.yaml").exists():
        pytest.skip("this machine has an estate of its own")
    with pytest.raises(SourceError) as caught:
        find_source(None, None, home, tmp_path)
    looked = ", ".join(str(each) for each in default_places(home, tmp_path))
    assert str(caught.value) == (
        f"no estate — {looked} — none of these files exists — "
        "write one (twinwatch estate import), or try: twinwatch --ssh-config ~/.ssh/config"
    )


@pytest.mark.parametrize(
    ("estate", "ssh_config", "said"),
    [
        ("no.yaml", None, "no estate file — {}/no.yaml — there is no such file — check the path"),
        (None, "no", "no ssh config — {}/no — there is no such file — check the path"),
        (
            "a",
            "b",
            "two sources of hosts — --estate a and --ssh-config b — one watch has one estate — drop one",
        ),
    ],
)  # fmt: skip
def test_what_is_named_must_be_there(
    tmp_path: Path, estate: str | None, ssh_config: str | None, said: str
) -> None:
    with pytest.raises(SourceError) as caught:
        find_source(estate, ssh_config, {}, tmp_path)
    assert str(caught.value) == said.format(tmp_path)


@pytest.mark.parametrize("estate", [True, False])
def test_an_empty_name_is_never_another_estate(tmp_path: Path, estate: bool) -> None:
    """`--estate "$ESTATE"` of a script that forgot to set it must not act on another one."""
    other = {"TWINWATCH_ESTATE": str(written(tmp_path / "other.yaml"))}
    written(tmp_path / "estate.yaml")
    with pytest.raises(SourceError) as caught:
        find_source("" if estate else None, None if estate else "", other, tmp_path)
    option = "--estate" if estate else "--ssh-config"
    assert str(caught.value) == (
        f"no such file — {option} '' — its name is empty — name a file, or leave {option} out"
    )


@pytest.mark.parametrize(
    ("path", "why"), [("/etc", "it is a directory"), ("/dev/null", "it is a device")]
)
def test_what_is_no_file_is_no_source(tmp_path: Path, path: str, why: str) -> None:
    with pytest.raises(SourceError) as caught:
        find_source(path, None, {}, tmp_path)
    assert str(caught.value) == f"no estate file — {path} — {why} — name a file that holds text"


@pytest.mark.parametrize(
    ("mode", "why"), [(0o602, "others could have changed it"), (0o620, "others could have changed")]
)
def test_a_file_that_others_could_have_written_is_refused(
    tmp_path: Path, mode: int, why: str
) -> None:
    path = written(tmp_path / "estate.yaml", mode=mode)
    with pytest.raises(SourceError, match=why):
        read(Source(path))
    path.chmod(0o644)
    assert list(read(Source(path)).hosts) == ["a"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_somebody_elses_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "estate.yaml")
    os.chown(path, 65534, 65534)
    with pytest.raises(SourceError, match="it belongs to uid 65534, neither to you nor to root"):
        read(Source(path))


def test_a_device_is_no_estate() -> None:
    with pytest.raises(SourceError) as caught:
        read(Source(Path("/dev/null")))
    assert str(caught.value) == (
        "the file is refused — /dev/null — it is a device — name a file that holds text"
    )


def test_a_remedy_can_be_pasted(tmp_path: Path) -> None:
    path = written(tmp_path / "our estate.yaml")
    path.chmod(0o620)
    with pytest.raises(SourceError) as caught:
        read(Source(path))
    assert caught.value.do == f"chmod go-w '{path}'"


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "estate.yaml"
    path.write_bytes(b"estate: \xff\n")
    path.chmod(0o600)
    with pytest.raises(SourceError, match="byte 8 is no UTF-8 — save it as UTF-8"):
        read(Source(path))
    with pytest.raises(SourceError, match="Is a directory"):
        read(Source(tmp_path))


def test_a_wrong_estate_is_the_estates_own_error(tmp_path: Path) -> None:
    with pytest.raises(EstateError):
        read(Source(written(tmp_path / "estate.yaml", "estate: 3\n")))


def test_the_hosts_of_an_ssh_config_and_of_what_it_includes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    written(tmp_path / ".ssh" / "more" / "one", "Host web1 web2\n  User ops\n")
    config = written(
        tmp_path / ".ssh" / "config", "Include more/*\nInclude none\nHost db1\nHost *\n"
    )
    assert list(read(Source(config, ssh=True)).hosts) == ["web1", "web2", "db1"]


def test_includes_that_go_round_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    config = written(tmp_path / ".ssh" / "config", "Include config\nHost a\n")
    with pytest.raises(SourceError, match="Includes nest too deeply"):
        read(Source(config, ssh=True))


def test_an_include_that_others_could_have_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    written(tmp_path / ".ssh" / "more", "Host evil\n", mode=0o666)
    config = written(tmp_path / ".ssh" / "config", "Include more\nHost a\n")
    with pytest.raises(SourceError, match="others could have changed it"):
        read(Source(config, ssh=True))


def test_a_changed_file_has_another_fingerprint(tmp_path: Path) -> None:
    path = tmp_path / "estate.yaml"
    assert fingerprint(path) == (0, 0, 0)
    written(path)
    first = fingerprint(path)
    replaced = written(tmp_path / "new.yaml")
    replaced.replace(path)
    assert fingerprint(path) != first


def test_who_may_read_a_file_is_in_its_fingerprint(tmp_path: Path) -> None:
    path = written(tmp_path / "notify.yaml", mode=0o644)
    first = fingerprint(path)
    time.sleep(0.02)  # a tick of the file system's clock
    path.chmod(0o600)
    assert fingerprint(path) != first


def test_a_named_pipe_is_refused_and_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "estate.yaml"
    os.mkfifo(path, 0o600)
    with pytest.raises(SourceError, match="it is a named pipe — name a file"):
        read(Source(path))


def test_what_a_shell_pipes_is_read(tmp_path: Path) -> None:
    said = MINIMAL.encode() * 10_000  # more than a pipe holds
    reading, writing = os.pipe()
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=writing) as cat:
        os.close(writing)
        assert cat.stdin is not None
        stdin = cat.stdin
        writer = threading.Thread(target=lambda: (stdin.write(said), stdin.close()))
        writer.start()
        assert trusted_bytes(Path(f"/dev/fd/{reading}")) == said
        writer.join()
    os.close(reading)


def test_the_home_of_nobody_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no such file"):
        find_source("~no-such-user/estate.yaml", None, {}, tmp_path)
