"""Texts that know how they were said come in the reader's language, wherever they stand."""

from __future__ import annotations

from dataclasses import replace

from estate.document import Problem, Severity
from estate.language import ENGLISH
from estate.told import told
from snapshots.snapshot import ONE_VANTAGE, Snapshot, Unseen
from snapshots.telling.retelling import retold
from watch.languages import words_in


def test_what_was_told_is_retold_and_what_a_host_said_stays(empty: Snapshot) -> None:
    words = words_in("zh-Hant")
    problem = Problem(
        "a/x", "a", "cpu 94% > 90%", told("behind {host}", host="gw"), Severity.WARNING, 1
    )
    snapshot = replace(empty, problems=(problem,), unseen=(Unseen("vantage", "v", ONE_VANTAGE),))
    said = retold(snapshot, words)
    assert said.problems[0].what == "cpu 94% > 90%"
    assert said.problems[0].why == words.say("behind {host}", host="gw") != "behind gw"
    assert said.unseen[0].why == words.say("one vantage alone: what it sees, nobody confirms")
    assert said.unseen[0].where == "v"


def test_in_english_nothing_is_touched(empty: Snapshot) -> None:
    assert retold(empty, ENGLISH) is empty
