"""Commands speak the person's language; what scripts read has none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tui.commands.speech import words_for

if TYPE_CHECKING:
    from tests.tui.commands.conftest import Run


@pytest.fixture
def chinese(tmp_path: Path) -> Path:
    """A person who chose Traditional Chinese."""
    path = tmp_path / "home" / ".config" / "twinwatch" / "settings.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("language: zh-Hant\n")
    return path


def test_tables_have_their_headings_in_the_persons_language(
    run: Run, watch_socket: Path, chinese: Path
) -> None:
    hosts = run("--socket", watch_socket, "hosts")
    assert (hosts.returncode, hosts.stderr) == (0, "")
    lines = hosts.stdout.splitlines()
    assert lines[0].startswith("狀態        主機     站點      組別")
    assert lines[1].startswith("warning     mta-c01  central   mta"), "values are what filters take"
    problems = run("--socket", watch_socket, "problems").stdout
    assert problems.splitlines()[0].split()[:3] == ["嚴重程度", "位置", "歷時"]
    assert "無人負責" in problems
    none = run("--socket", watch_socket, "hosts", "--where", "cpu>99")
    assert none.stdout == "沒有符合 'cpu>99' 的主機\n"


def test_one_host_in_the_persons_language(run: Run, watch_socket: Path, chinese: Path) -> None:
    lines = run("--socket", watch_socket, "hosts", "mta-c01").stdout.splitlines()
    assert lines[0] == "主機      mta-c01"
    assert any(line.startswith("檔案系統") for line in lines)


def test_the_board_as_text(run: Run, watch_socket: Path, chinese: Path) -> None:
    text = run("--socket", watch_socket, "--plain").stdout
    assert "\n問題：2 項\n" in text
    assert "Problems" not in text


@pytest.mark.parametrize("verb", ["hosts", "problems", "events"])
def test_json_has_no_language(run: Run, watch_socket: Path, chinese: Path, verb: str) -> None:
    said = run("--socket", watch_socket, verb, "--json").stdout
    chinese.unlink()
    assert json.loads(said) == json.loads(run("--socket", watch_socket, verb, "--json").stdout)


def test_without_a_wish_it_is_the_estates_where_it_can_be_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "en_HK.UTF-8")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert words_for("zh-HK").say("WHERE") == "位置"
    assert words_for("en").say("WHERE") == "WHERE"
    assert words_for("").say("WHERE") == "WHERE"
    monkeypatch.setenv("TERM", "linux")
    assert words_for("zh-HK").say("WHERE") == "WHERE"
