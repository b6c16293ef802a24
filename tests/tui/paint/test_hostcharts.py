import re
from dataclasses import replace

from tui.paint import paint


def lines(boards, name="mta-c03", width=120, height=40, detail=None, board=None, **parts):
    board = board or boards.incident()
    detail = boards.detail(name) if detail is None else detail
    trail = ("home", "hosts", name)
    view = boards.view(
        board, width, height, screen="host", subject=name, trail=trail, detail=detail, **parts
    )
    return paint(view).lines


def text(drawn):
    return "\n".join(line.text for line in drawn)


def test_a_gap_in_the_figures_is_a_gap_in_the_line(boards):
    rows = [line.text for line in lines(boards, width=80, height=24)]
    system = next(row for row in rows if row.startswith("   system"))
    assert "    " in system[20:60]


def test_only_the_figure_in_trouble_is_coloured_from_its_start(boards):
    drawn = lines(boards, height=60)
    roles = {
        span.role for line in drawn for span in line.spans if "⠒" in span.text or "⠤" in span.text
    }
    assert "crit" in roles  # the disk, since it crossed its threshold
    user = next(line for line in drawn if line.text.startswith("   user"))
    assert "crit" not in {span.role for span in user.spans}


def test_thresholds_are_dashes_with_their_figure(boards):
    drawn = text(lines(boards, height=60))
    assert "╌╌╌" in drawn
    assert "╌ 40" in drawn or "╌╌ 40" in drawn or " 40 " in drawn


def test_what_began_is_named_under_its_mark(boards):
    drawn = lines(boards)
    named = next(
        line.text
        for line in drawn
        if line.text.endswith("full in 11 min ┆") or "full in 11 min ┆" in line.text
    )
    axis = drawn[[line.text for line in drawn].index(named) - 1].text
    assert "1 h  24 h  7 d   02:07" in axis
    assert "03:07" in axis


def test_charts_that_have_no_room_are_left_out_least_wanted_first(boards):
    tall, short = text(lines(boards, height=50)), text(lines(boards, width=80, height=24))
    assert "stolen" in tall
    assert "stolen" not in short
    for word in ("user", "used", "in ", "fullest"):
        assert word in short


def test_a_host_without_pressure_figures_has_no_such_charts(boards):
    assert "for memory" not in text(lines(boards, height=90))
    board = boards.incident()
    row = board.hosts["mta-c03"]
    rows = {**board.hosts, "mta-c03": replace(row, values={**row.values, "psi_memory": 3.0})}
    assert "for memory" in text(lines(boards, height=90, board=replace(board, hosts=rows)))


def test_a_stale_figure_is_no_peak(boards):
    board = boards.incident()
    row = board.hosts["mta-c03"]
    high = replace(row, values={**row.values, "cpu_user": 99.0})
    old = replace(high, at=boards.NOW - 60_000)
    points = boards.detail("mta-c03").series["cpu_user"].points
    kept = str(int(max(most for _, _, _, most in points)))
    for host, peak in ((high, "99"), (old, kept)):
        drawn = lines(boards, board=replace(board, hosts={**board.hosts, "mta-c03": host}))
        user = next(line.text for line in drawn if line.text.startswith("   user"))
        assert re.findall("[0-9]+%?", user)[:2] == ["99%", peak]
