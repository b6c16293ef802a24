"""The contract that every benchmark prints."""

import argparse
import json
import sys

import pytest

from bench.report import Report, UnableError, run


def small_report() -> Report:
    report = Report("two sweeps of 3 hosts")
    report.figure("ours cpu", [0.5, 0.1, 0.3], "s")
    report.figure("peer cpu", [3.0], "s")
    report.at_most("cpu against peer", 0.2, report.ratio("cpu", "ours cpu", "peer cpu"))
    report.at_most("cpu against nobody", 0.2, report.ratio("nobody", "ours cpu", "nobody cpu"))
    report.skip("nobody", "not installed")
    return report


def test_json_is_the_contract() -> None:
    printed = json.loads(json.dumps(small_report().json()))
    assert list(printed)[:5] == ["work", "machine", "figures", "ratios", "goals"]
    assert printed["figures"]["ours cpu"] == {"median": 0.3, "min": 0.1, "max": 0.5, "unit": "s"}
    assert printed["ratios"] == {"cpu": 0.1}
    assert printed["goals"]["cpu against peer"] == {"goal": "<= 0.2", "got": 0.1, "met": True}
    assert printed["skipped"] == {"nobody": "not installed"}
    assert printed["machine"]["cores"] >= 1


def test_a_goal_without_its_peer_is_not_met_and_not_a_number() -> None:
    goal = small_report().json()["goals"]["cpu against nobody"]  # type: ignore[index]
    assert goal == {"goal": "<= 0.2", "got": None, "met": False}
    assert "not measured" in small_report().table()


def test_a_missed_goal_exits_0(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench.x", "--json"])
    run(lambda _: small_report(), argparse.ArgumentParser())
    assert json.loads(capsys.readouterr().out)["work"] == "two sweeps of 3 hosts"


def test_what_could_not_run_exits_1_and_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: argparse.Namespace) -> Report:
        raise UnableError("no sshd here")

    monkeypatch.setattr(sys, "argv", ["bench.x"])
    with pytest.raises(SystemExit) as ended:
        run(refuse, argparse.ArgumentParser(prog="bench.x"))
    assert ended.value.code == 1
    assert capsys.readouterr().err == "bench.x: could not run: no sshd here\n"
