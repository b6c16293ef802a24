from dataclasses import replace

from tui.paint.fleet import paint_fleet
from tui.paint.states import standing


def fleet(boards, board, width=80, rows=2):
    view = boards.view(board, width)
    return [line.text for line in paint_fleet(view, standing(view), width, rows)]


def test_one_glyph_a_host_under_its_group(boards):
    heading, central, recovery = fleet(boards, boards.incident())
    assert heading.startswith("   FLEET  80  mta ─────────────")
    at = heading.index("mta")
    assert central[at : at + 16] == "··✘!········××××"
    assert recovery[at : at + 16] == "······a···≠·····"
    assert central[heading.index("gw") :][:2] == "·✘"


def test_more_hosts_than_cells_are_shown_by_their_worst(boards):
    board = boards.big(1000)
    lost = boards.incident().hosts["gw-c02"]
    rows = dict(board.hosts)
    rows["node-0021"] = replace(lost, name="node-0021", site="site-0", groups=("g0",), behind="")
    heading, *sites = fleet(boards, replace(board, hosts=rows), rows=3)
    assert heading.startswith("   FLEET  1,000 ÷")
    assert sum(line.count("✘") for line in sites) == 1
    assert all(len(line) <= 79 for line in sites)


def test_more_sites_than_rows_are_summed_up(boards):
    lines = fleet(boards, boards.big(60, 6), rows=4)
    assert len(lines) == 5
    assert lines[-1] == "   3 more sites  30 of 30 hosts up"


def test_rows_are_filled_when_there_is_nothing(boards):
    assert fleet(boards, boards.empty()) == [
        "   FLEET  0 ───────────────────────────────────────────────────────────────────",
        "   No hosts yet.",
        "",
    ]


def test_figures_stand_behind_the_glyphs_where_there_is_room(boards):
    heading, central, recovery = fleet(boards, boards.incident(), 120)
    assert heading.endswith("cpu 15 min ────── mem ──── not up")
    assert central.endswith("10")
    assert recovery.endswith("3")


def test_groups_beyond_the_width_become_one_column(boards):
    board = boards.calm()
    rows = {
        name: replace(row, groups=(f"group-{index}",))
        for index, (name, row) in enumerate(board.hosts.items())
    }
    heading, central, _ = fleet(boards, replace(board, hosts=rows, groups=()))
    assert "all groups" in heading
    assert central.count("·") + central.count("~") == 42


def test_figures_give_way_to_one_mark_a_host(boards):
    heading, central, _ = fleet(boards, boards.incident(), 100)
    assert "cpu 15 min" not in heading
    assert central.count("×") == 9


def test_how_many_hosts_a_mark_stands_for_is_always_said(boards):
    for width in (20, 30, 40, 60, 80, 120, 200):
        heading, *sites = fleet(boards, boards.big(1000), width, rows=3)
        assert "÷" in heading
        assert all(len(line) < width for line in sites)
