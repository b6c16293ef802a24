"""What the doctor says of targets that a running watch can't tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from watch.client import Client
from watch.doctor.notify import targets
from watch.error import NoWatch
from watch.process import place_in


def test_a_target_that_fails_and_one_that_takes_no_handover_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[dict[str, Any]] = [
        {"name": "well", "service": "json"},
        {"name": "hook", "service": "json", "failing_since": 1, "why": "410 gone", "waiting": 2},
        {"name": "mail", "service": "mailtos", "letter_why": "552 too large", "letters": 1},
    ]
    monkeypatch.setattr(Client, "get", lambda *asked: {"trouble": "", "targets": rows})
    found = [each.plain() for each in targets(place_in(tmp_path))]
    assert [each["verdict"] for each in found] == ["fail", "fail"]
    assert [each["what"] for each in found] == [
        "hook (json) is not told: 410 gone, 2 notices waiting",
        "mail (mailtos) did not take a handover: 552 too large",
    ]
    assert found[1]["remedy"] == "twinwatch notify test --target mail"


def test_where_no_watch_answers_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(*asked: object) -> None:
        raise NoWatch("no watch is running", str(tmp_path), "", "")

    monkeypatch.setattr(Client, "get", nobody)
    assert [*targets(place_in(tmp_path))] == []
