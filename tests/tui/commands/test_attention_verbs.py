"""ack, silence, their ends and notify on the command line, against a real watch."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.tui.commands.conftest import TWINWATCH
from tests.watch.conftest import estate_file, place, started, until
from watch.access import this_user
from watch.process import Place
from watch.source import Source

__all__ = ["estate_file", "place"]  # fixtures

ME = this_user()


@pytest.fixture
def socket(place: Place, estate_file: Path, tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    client = started(place, Source(estate_file))
    until(lambda: client.get("/v1/problems"))
    return place.socket


def run(socket: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [TWINWATCH, "--socket", socket, *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def told(socket: Path, *words: str):
    done = run(socket, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_problem_is_had_listed_and_given_back(socket: Path) -> None:
    root = next(each["id"] for each in told(socket, "problems") if "parent" not in each)
    assert run(socket, "ack").stdout == "nobody has acknowledged anything\n"
    done = run(socket, "ack", root, "--reason", "on it", "--for", "2h")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{root}: {ME} has it until ")
    (listed,) = told(socket, "ack")
    assert (listed["problem"], listed["owner"], listed["reason"]) == (root, ME, "on it")
    assert root in run(socket, "ack").stdout
    shown = told(socket, "problems", "--where", f"owner:{ME}")
    assert [each["id"] for each in shown] == [root]
    assert run(socket, "unack", root).stdout == f"{root}: nobody has acknowledged it\n"
    assert run(socket, "unack", root).returncode == 2


def test_what_is_missing_is_asked_for(socket: Path) -> None:
    root = next(each["id"] for each in told(socket, "problems") if "parent" not in each)
    for words, missing in (
        (("ack", root, "--for", "2h"), "--reason"),
        (("ack", root, "--reason", "x"), "--for"),
        (("silence", "--where", "kind:reach", "--for", "2h"), "--reason"),
        (("silence", "--where", "kind:reach", "--reason", "x"), "--for"),
        (("silence", "--for", "2h", "--reason", "x"), "--where"),
        (("ack", root, "--reason", "x", "--for", "soon"), "--for"),
    ):
        done = run(socket, *words)
        assert done.returncode == 2, words
        assert missing in done.stderr
    done = run(socket, "ack", f"{root}x", "--reason", "x", "--for", "1h", "--json")
    assert json.loads(done.stdout or done.stderr)["error"]["do"] == f"did you mean {root}?"


def test_problems_are_silenced_and_heard_again(socket: Path) -> None:
    done = run(socket, "silence", "--where", "kind:reach", "--reason", "a move", "--for", "1d")
    assert done.returncode == 0, done.stderr
    (hush,) = told(socket, "silence")
    assert done.stdout == (
        f"{hush['id']} silences kind:reach; twinwatch unsilence {hush['id']} ends it\n"
    )
    until(lambda: all("silence" in each for each in told(socket, "problems")))
    assert "a move" in run(socket, "silence").stdout
    assert run(socket, "unsilence", hush["id"]).stdout == (
        f"{hush['id']}: kind:reach is silenced no more\n"
    )
    assert run(socket, "silence").stdout == "nothing is silenced\n"


def test_without_rules_nobody_is_told(socket: Path) -> None:
    assert told(socket, "notify") == {"trouble": "", "targets": []}
    assert "no notify.yaml" in run(socket, "notify").stdout
    assert told(socket, "notify", "test", "--dry-run") == []


def test_a_file_that_is_refused_is_all_that_is_said(socket: Path, tmp_path: Path) -> None:
    file = tmp_path / "config" / "twinwatch" / "notify.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("targets: {hook: {url: 'json://127.0.0.1:1/T'}}\n")
    file.chmod(0o644)
    until(lambda: "others may read it" in run(socket, "notify").stdout)
    said = run(socket, "notify")
    assert said.returncode == 1 and "no notify.yaml" not in said.stdout


def test_a_dry_run_shows_who_would_be_told_what(socket: Path, tmp_path: Path) -> None:
    pytest.importorskip("apprise", reason="notices are an extra: pip install 'twinwatch[notify]'")
    file = tmp_path / "config" / "twinwatch" / "notify.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(
        "targets: {hook: {url: 'json://u:s3cretpass@127.0.0.1:1/T0KEN'}}\n"
        "rules: [{to: hook, severity: unknown, hold: 1h}]\n"
    )
    file.chmod(0o600)
    until(lambda: told(socket, "notify")["targets"])
    (said,) = told(socket, "notify", "test", "--dry-run")
    assert (said["target"], said["service"], said["sent"]) == ("hook", "json", False)
    assert said["notices"], "everything that stands is in it"
    shown = run(socket, "notify", "test", "--dry-run").stdout
    assert shown.startswith(f"hook (json): {len(said['notices'])} to be told of\n    Test: ")
    done = run(socket, "notify", "test")
    assert done.returncode == 1
    doctor = run(socket, "doctor").stdout
    for text in (shown, done.stdout, done.stderr, doctor, json.dumps(said)):
        assert "s3cretpass" not in text
        assert "T0KEN" not in text
    assert "1 target, 1 rule" in doctor
