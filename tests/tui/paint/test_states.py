from dataclasses import replace

import pytest

from estate.document import HostRow, Problem, Severity
from estate.samples import Reach
from tui.paint import paint
from tui.paint.states import folded, natural, ordered, standing, state, state_since

NOW, EVERY = 1_000_000_000, 5000


def row(reach=Reach.LIVE, at=NOW - 1000, **parts):
    return HostRow(name="h", site="s", reach=reach, at=at, since=NOW - 60_000, **parts)


def look(row, **parts):
    found = state(row, NOW, EVERY, **parts)
    return found.word, found.glyph.symbol, found.believed


@pytest.mark.parametrize(
    ("reach", "at", "seen"),
    [
        (Reach.LIVE, NOW - 1000, ("live", "·", "fresh")),
        (Reach.LIVE, NOW - 3 * EVERY, ("live", "·", "fresh")),
        (Reach.LIVE, NOW - 3 * EVERY - 1, ("stale", "?", "stale")),
        (Reach.LIVE, None, ("stale", "?", "stale")),
        (Reach.LATE, NOW - 9000, ("late", "?", "fresh")),
        (Reach.LATE, NOW - 48_000, ("stale", "?", "stale")),
        (Reach.UNREACHABLE, NOW - 48_000, ("lost", "✘", "none")),
        (Reach.UNREACHABLE, None, ("unreachable", "✘", "none")),
        (Reach.FROZEN, NOW - 48_000, ("frozen", "✘", "none")),
        (Reach.REFUSED, None, ("refused", "?", "none")),
        (Reach.UNTRUSTED, NOW - 9, ("untrusted", "≠", "none")),
        (Reach.CONNECTING, None, ("connecting", "▸", "none")),
        (Reach.CONNECTING, NOW - 3_600_000, ("connecting", "▸", "stale")),
    ],
)
def test_a_host_in_one_word(reach, at, seen):
    assert look(row(reach, at)) == seen


def test_a_live_host_shows_its_worst_problem():
    glyphs = [look(row(severity=severity))[1] for severity in Severity]
    assert glyphs == ["✘", "!", "?", "~", "·"]


def test_an_acknowledged_host_is_quiet_until_it_is_lost():
    assert look(row(severity=Severity.WARNING), quiet="acknowledged")[1] == "a"
    assert look(row(severity=Severity.WARNING), quiet="silenced")[1] == "s"
    assert look(row(Reach.UNREACHABLE, severity=Severity.CRITICAL), quiet="silenced")[1] == "✘"


def test_a_changed_key_comes_before_a_warning_and_an_unknown_one_after():
    warned = HostRow("a", "x", reach=Reach.LIVE, at=0, severity=Severity.WARNING)
    changed = HostRow("b", "x", reach=Reach.UNTRUSTED, severity=Severity.CRITICAL)
    unknown = HostRow("c", "x", reach=Reach.UNTRUSTED, severity=Severity.UNKNOWN)
    ranks = [state(row, 0, 2_000).rank for row in (changed, warned, unknown)]
    assert ranks == sorted(set(ranks))


def test_what_stands_behind_a_cause_is_small():
    assert look(row(Reach.UNREACHABLE, behind="gw")) == ("unreachable", "×", "none")
    assert look(row(Reach.UNREACHABLE, behind="gw", severity=Severity.MAINTENANCE))[1] == "~"


def test_an_age_is_that_of_the_values_else_of_the_state():
    assert state_since(row(), state(row(), NOW, EVERY), NOW) == 1000
    lost = row(Reach.UNREACHABLE, NOW - 65_000)
    assert state_since(lost, state(lost, NOW, EVERY), NOW) == 60_000


def test_a_board_at_one_moment(boards):
    stand = standing(boards.view(boards.incident()))
    assert stand.behind["gw-c02"][0] == "mbx-c05"
    assert len(stand.behind["gw-c02"]) == 9
    assert stand.hot["mta-c03", "disk"] == "crit"
    assert stand.hot["mta-c03", "cpu"] == "warn"
    assert stand.states["mta-r07"].glyph.symbol == "a"
    assert stand.faulty("gw-c02")
    assert stand.faulty("mbx-r03")
    assert not stand.faulty("mta-r07")
    assert not stand.faulty("dir-c01")


def problem(key, severity, since, **parts):
    return Problem(key, key, "what", "", severity, since, **parts)


def with_problems(boards, *problems):
    return standing(boards.view(replace(boards.calm(), problems=problems)))


def test_the_worst_problem_colours_the_figure(boards):
    full = problem("full", Severity.CRITICAL, 1, kind="disk", hosts=("mta-c03",))
    inodes = problem("inodes", Severity.WARNING, 1, kind="inodes", hosts=("mta-c03",))
    assert with_problems(boards, full, inodes).hot["mta-c03", "disk"] == "crit"


def test_one_acknowledged_problem_does_not_quiet_another(boards):
    mine = problem("disk", Severity.WARNING, 1, hosts=("mta-c03",), owner="me", until=99)
    nobodys = problem("unit", Severity.CRITICAL, 1, hosts=("mta-c03",))
    rows = boards.calm().hosts
    loud = {**rows, "mta-c03": replace(rows["mta-c03"], severity=Severity.CRITICAL)}
    board = replace(boards.calm(), hosts=loud, problems=(nobodys, mine))
    assert standing(boards.view(board)).states["mta-c03"].glyph.symbol == "✘"
    board = replace(board, problems=(mine,))
    assert standing(boards.view(board)).states["mta-c03"].glyph.symbol == "a"


def test_a_silenced_host_is_not_said_to_be_in_hand(boards):
    hushed = problem("disk", Severity.WARNING, 1, hosts=("mta-c03",), owner="op", until=99)
    hushed = replace(hushed, silence="s-1")
    rows = boards.calm().hosts
    quiet = {**rows, "mta-c03": replace(rows["mta-c03"], severity=Severity.WARNING)}
    board = replace(boards.calm(), hosts=quiet, problems=(hushed,))
    assert standing(boards.view(board)).states["mta-c03"].glyph.symbol == "s"
    said = [line.text for line in paint(boards.view(board, screen="hosts", width=120)).lines]
    assert any(": 1 silenced, " in line for line in said)
    assert not any("acked" in line for line in said)
    mine = problem("cpu", Severity.WARNING, 1, hosts=("mta-c03",), owner="me", until=99)
    board = replace(board, problems=(hushed, mine))
    assert standing(boards.view(board)).states["mta-c03"].glyph.symbol == "a"


def test_causes_are_ordered_worst_and_oldest_first_and_handled_last():
    problems = [
        problem("young", Severity.CRITICAL, 9),
        problem("acked", Severity.CRITICAL, 1, owner="me", until=99),
        problem("warn", Severity.WARNING, 1),
        problem("child", Severity.CRITICAL, 1, parent="old"),
        problem("planned", Severity.MAINTENANCE, 1),
        problem("old", Severity.CRITICAL, 5),
    ]
    assert [each.id for each in ordered(problems)] == ["old", "young", "warn", "acked", "planned"]


def test_a_lost_site_comes_before_any_host_that_was_critical_earlier():
    key = problem("dir-r01", Severity.CRITICAL, 1, kind="reach", hosts=("dir-r01",))
    site = problem("central", Severity.CRITICAL, 9, kind="reach", hosts=("mta-c01", "mta-c02"))
    assert [each.id for each in ordered((key, site))] == ["central", "dir-r01"]
    mine = replace(site, owner="me", until=99)
    assert [each.id for each in ordered((key, mine))] == ["dir-r01", "central"]


def test_names_sort_as_people_count():
    names = ["mta-c10", "mta-c2", "2", "10", "", "db", "mta-c2b"]
    assert sorted(names, key=natural) == ["", "2", "10", "db", "mta-c2", "mta-c2b", "mta-c10"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("mbx-c05", "mbx-c06", "mbx-c07"), "mbx-c05–07"),
        (("mbx-c05", "mbx-c07"), "mbx-c05 mbx-c07"),
        (("mbx-c09", "mbx-c10"), "mbx-c09–10"),
        (("mbx-9", "mbx-10"), "mbx-9 mbx-10"),  # 9–10 could also mean 09
        (("a", "b", "db1"), "a b db1"),
        ((), ""),
    ],
)
def test_names_folded(names, said):
    assert folded(names) == said
