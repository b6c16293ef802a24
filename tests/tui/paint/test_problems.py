"""The problems screen: whose a problem is, why, and until when; what is silenced is counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.document import Problem, Severity
from tui.paint import paint
from tui.paint.plain import plain
from tui.paint.problemtable import note
from tui.paint.view import Attention
from watch.languages import words_in

NOW = 1_795_115_232_000  # 03:07:12 in Hong Kong
HOUR = 3_600_000
SITE = Problem(
    "site/central", "central", "site lost: none of 8 hosts answers", "its link",
    Severity.CRITICAL, NOW - 90_000, kind="reach", hosts=("a", "b"), site="central", glyph="lost",
)  # fmt: skip
DISK = Problem(
    "mta-c02/disk/var", "mta-c02", "/var 91% > 85%", "writes fail", Severity.WARNING,
    NOW - 600_000, kind="disk", hosts=("mta-c02",), glyph="warning", owner="kfwong",
    until=NOW + HOUR, reason="new disk on its way",
)  # fmt: skip
HUSHED = replace(
    DISK, id="im-c01/mem", where="im-c01", what="memory 93% > 90%", kind="mem", owner="op2",
    until=NOW + 50 * HOUR, reason="moves on Monday", silence="s-1",
)  # fmt: skip


def screen(boards, *problems, width=120, height=40, **more):
    board = replace(boards.calm(), problems=problems)
    view = boards.view(board, screen="problems", width=width, height=height, **more)
    return view, [line.text for line in paint(view).lines]


@pytest.mark.parametrize("width", [80, 120, 200])
def test_who_has_it_and_until_when(boards, width):
    _, lines = screen(boards, SITE, DISK, HUSHED, width=width)
    head = next(line for line in lines if "PROBLEMS" in line)
    for word in ("since", "until", "who"):
        assert word in head
    site, disk, hushed = (
        next(line for line in lines[2:] if what in line)
        for what in ("site lost", "/var 91%", "memory 93%")
    )
    assert site.startswith("▌✘ central")
    assert site.rstrip().endswith("nobody")
    assert disk.startswith(" a mta-c02")
    assert disk.split()[-2:] == ["04:07", "kfwong"]
    assert hushed.startswith(" s im-c01")
    assert hushed.split()[-3:] == ["22", "Nov", "op2"]
    assert ("new disk on its way" in disk) is (width >= 120)
    assert all(len(line) <= width for line in lines)


def test_without_anybody_there_is_no_such_column(boards):
    _, lines = screen(boards, SITE)
    assert "until" not in next(line for line in lines if "PROBLEMS" in line)


def test_what_is_silenced_is_counted_and_never_well(boards):
    view, lines = screen(boards, HUSHED)
    assert note(view) == "1, all owned · 1 silenced"
    assert "1 problem, each with an owner, 1 silenced. Nothing needs you." in lines[1]
    assert "Nothing is wrong" not in "\n".join(lines)
    view, _ = screen(boards, SITE, DISK, HUSHED)
    assert note(view) == "3 · 1 yours · 1 nobody’s · 1 silenced"


def test_what_came_back_is_new(boards):
    old = replace(SITE, id="x", where="x", since=NOW - 9 * HOUR)
    back = replace(SITE, since=NOW - 8 * HOUR, returned=NOW - 60_000)
    view, _ = screen(boards, old, back)
    assert note(view).startswith("2, 1 new: central")


@pytest.mark.parametrize("width", [80, 120, 200])
def test_what_came_back_says_so_for_as_long_as_nobody_has_it(boards, width):
    back = replace(SITE, since=NOW - 8 * HOUR, returned=NOW - HOUR)
    view, lines = screen(boards, back, width=width)
    assert next(line for line in lines[2:] if "site lost" in line).rstrip().endswith("returned")
    assert "returned 02:07:12: nobody has it any more" in plain(view)
    if width == 200:
        at = Attention(cursor=f"problem:{SITE.id}")
        view = boards.view(view.document, width=200, height=50, attention=at)
        said = [line.text for line in paint(view).lines]
        assert any("returned" in each and "02:07:12: nobody has it" in each for each in said)


def test_in_plain_words(boards):
    view, _ = screen(boards, HUSHED)
    said = plain(view)
    assert "silenced: im-c01: memory 93% > 90%" in said
    assert "owner op2; until 22 Nov 05:07:12; moves on Monday" in said


def test_in_chinese(boards):
    _, lines = screen(boards, DISK, HUSHED, words=words_in("zh-Hant"))
    assert "1 項已靜音" in "\n".join(lines)


@pytest.mark.parametrize("width", [80, 120, 200])
def test_who_took_it_over_is_named_and_it_is_as_loud_as_before(boards, width):
    taken = replace(SITE, owner="wong", handover="h-20261120-200001")
    view, lines = screen(boards, taken, width=width)
    row = next(line for line in lines[2:] if "site lost" in line)
    assert row.startswith("▌✘ central")
    assert row.rstrip().endswith("wong")
    assert note(view) == "1, all owned"
    assert "owner wong; by h-20261120-200001, not acknowledged" in plain(view)
    assert "critical: central" in plain(view)
    assert "Nothing needs you" not in "\n".join(lines)
    quiet = replace(taken, until=NOW + HOUR, reason="on it", quieted_by="kfwong")
    view, _ = screen(boards, quiet, width=width)
    assert "owner wong; by h-20261120-200001; quieted by kfwong" in plain(view)
    back = replace(taken, returned=NOW - HOUR)
    view, _ = screen(boards, back, width=width)
    assert "returned 02:07:12: nobody has acknowledged it since" in plain(view)
    assert "nobody has it" not in plain(view)
    if width == 200:
        at = Attention(cursor=f"problem:{SITE.id}")
        view = boards.view(view.document, width=200, height=50, attention=at)
        said = "\n".join(line.text for line in paint(view).lines)
        assert "by h-20261120-200001, not acknowledged" in said
        assert "nobody has acknowledged it since" in " ".join(said.split())
