from dataclasses import replace

import pytest

from estate.document import Problem, Severity
from tui.paint import paint
from tui.paint.problemtable import entries, note, problem_table
from tui.paint.view import Attention

NOW = 1_795_115_232_000


def problem(key, parent="", kind="reach", **parts):
    base = {
        "what": "unreachable: behind gw",
        "hosts": (key.partition("/")[0],),
        "severity": Severity.CRITICAL,
    }
    return Problem(
        id=key,
        where=key.partition("/")[0],
        why="",
        since=NOW - 1000,
        kind=kind,
        parent=parent,
        **{**base, **parts},
    )


def listed(boards, *problems, **attention):
    board = replace(boards.calm(), problems=problems)
    return entries(boards.view(board, attention=Attention(**attention)))


def test_consequences_stand_folded_and_count_once(boards):
    rows = listed(
        boards,
        problem("gw/reach"),
        problem("a1/reach", "gw/reach"),
        problem("a2/reach", "gw/reach"),
    )
    assert [(row.key, row.tree) for row in rows] == [
        ("problem:gw/reach", ""),
        ("fold:problem:gw/reach", "└ "),
    ]
    assert len(rows[1].folded) == 2


def test_a_single_consequence_needs_no_folding(boards):
    rows = listed(boards, problem("gw/reach"), problem("a1/reach", "gw/reach"))
    assert [row.key for row in rows] == ["problem:gw/reach", "problem:a1/reach"]


def test_unfolded_each_stands_for_itself(boards):
    rows = listed(
        boards,
        problem("gw/reach"),
        problem("a1/reach", "gw/reach"),
        problem("a2/disk", "gw/reach", "disk"),
        unfolded=frozenset({"problem:gw/reach"}),
    )
    assert [row.tree for row in rows] == ["", "├ ", "└ "]


def test_consequences_of_consequences_come_along(boards):
    rows = listed(
        boards,
        problem("gw/reach"),
        problem("jump/reach", "gw/reach"),
        problem("a1/reach", "jump/reach"),
    )
    assert {each.id for each in rows[1].folded} == {"jump/reach", "a1/reach"}


def test_a_ring_of_parents_and_a_lost_parent_hide_nothing(boards):
    rows = listed(
        boards,
        problem("a/reach", "b/reach"),
        problem("b/reach", "a/reach"),
        problem("c/disk", "gone/x"),
    )
    assert "problem:c/disk" in [row.key for row in rows]


def test_rows_of_the_same_kind_only_are_called_unreachable(boards):
    rows = listed(
        boards,
        problem("gw/reach"),
        *(problem(f"a{n}/reach", "gw/reach") for n in range(2)),
        *(problem(f"a{n}/cpu", "gw/reach", "cpu") for n in range(3)),
    )
    assert [(row.key, len(row.folded)) for row in rows[1:]] == [
        ("fold:problem:gw/reach", 2),
        ("", 3),
    ]


def test_faults_only_leaves_out_what_somebody_has(boards):
    kept = listed(
        boards,
        problem("a/cpu", kind="cpu"),
        problem("b/cpu", kind="cpu", owner="me", until=NOW + 1),
        problem("c/cpu", kind="cpu", severity=Severity.MAINTENANCE),
        faults_only=True,
    )
    assert [row.key for row in kept] == ["problem:a/cpu"]


def test_a_cause_stays_when_only_its_consequence_matches(boards):
    rows = listed(
        boards,
        problem("gw/reach"),
        problem("a1/reach", "gw/reach"),
        problem("z/reach"),
        filter="a1",
    )
    assert [row.key for row in rows] == ["problem:gw/reach", "problem:a1/reach"]


@pytest.mark.parametrize(
    ("problems", "said"),
    [
        ((), "none"),
        ((problem("a/cpu", owner="vlam"),), "1, all owned"),
        ((problem("a/cpu", owner="kfwong"), problem("b/cpu")), "2 · 1 yours · 1 nobody’s"),
        ((problem("a/cpu"), problem("b/cpu", parent="a/cpu")), "1 · 1 nobody’s"),
    ],
)
def test_what_the_heading_says(boards, problems, said):
    assert note(boards.view(replace(boards.calm(), problems=problems))) == said


def test_a_new_fault_is_named_in_the_heading_however_many_old_ones_there_are(boards):
    old = tuple(problem(f"old{n}/reach") for n in range(14))
    old = tuple(replace(each, since=boards.NOW - 700_000) for each in old)
    new = replace(problem("good3/reach"), since=boards.NOW - 5_000)
    board = replace(boards.calm(), problems=(*old, new))
    assert note(boards.view(board)) == "15, 1 new: good3 · 15 nobody’s"
    drawn = [line.text for line in paint(boards.view(board, 80, 24)).lines]
    heading = next(line for line in drawn if line.startswith("   PROBLEMS"))
    assert "15, 1 new: good3" in heading
    later = replace(new, since=boards.NOW - 120_000)
    assert note(boards.view(replace(board, problems=(*old, later)))) == "15 · 15 nobody’s"
    assert note(boards.view(replace(board, problems=(new,)))) == "1 · 1 nobody’s"


def test_nobody_is_a_word_and_consequences_need_no_owner(boards):
    board = replace(boards.calm(), problems=(problem("gw/reach"), problem("a1/reach", "gw/reach")))
    lines = paint(boards.view(board, 80, 24, screen="problems")).lines
    cause, consequence = (line for line in lines if line.key)
    assert cause.text.endswith("nobody")
    assert cause.spans[-1].role == "warn"
    assert "nobody" not in consequence.text
    assert consequence.text.startswith(" × └ a1")


def test_the_same_trouble_on_many_hosts_names_them_and_says_nothing_twice(boards):
    hosts = [f"mta-r{n:02}" for n in range(1, 17)]
    fold = replace(problem("group/recovery/mta/cpu", kind="cpu"), where="mta", hosts=tuple(hosts))
    every = [fold, *(problem(f"{host}/cpu", fold.id, "cpu") for host in hosts)]
    rows = listed(boards, *every)
    assert [(row.key, row.alike) for row in rows[1:]] == [(f"fold:problem:{fold.id}", True)]
    view = boards.view(boards.calm())
    line = problem_table(view, 80).line(view, rows[1], False)
    assert "└ 16 hosts: mta-r01–16  " in line.text
    assert "follow" not in line.text


def test_an_id_that_comes_twice_goes_round_once(boards):
    rows = listed(
        boards,
        problem("gw/reach"),
        problem("a1/reach", "gw/reach"),
        problem("gw/reach", "a1/reach"),
        unfolded=frozenset({"problem:gw/reach"}),
    )
    assert [row.key for row in rows] == ["problem:gw/reach", "problem:a1/reach"]
