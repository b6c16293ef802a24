from dataclasses import replace

import pytest

from estate.samples import Reading
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


def test_who_it_is(boards):
    line = lines(boards)[3].text
    assert line.startswith("   home › hosts › mta-c03")
    assert "✘ critical 3:29" in line
    assert line.endswith("central · rack B1 · mta · 8 cores · 16.0 GiB · up 212 d   LIVE 1 s")


def test_why_comes_first_with_owner_and_since(boards):
    drawn = text(lines(boards, height=60))
    why = drawn.index("WHY")
    assert why < drawn.index("UNITS") < drawn.index("EVENTS")
    assert "nobody · 3:29" in drawn


def test_a_silent_host_says_why_and_what_to_do_and_shows_no_figures(boards):
    drawn = text(lines(boards, "gw-c02", height=60))
    assert "Is it switched on? Try its" in drawn
    assert "tried again in 12 s" in drawn
    assert "SILENT 8:32" in drawn
    rows = [line.text for line in lines(boards, "gw-c02", width=80)]
    assert next(row for row in rows if row.startswith("   user")).split()[-2] == "–"


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


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ("✘ postfix-policy", "failed 3:06"),
        ("! rsyslog", "inactive"),
        ("· postfix@-", "212 d"),
        ("✘ sdb", "SMART: failed!"),
        ("/var/log ro", "47%"),
        ("! eth1", "1.0 kB/s"),
        ("smtpd ×212", "118%"),
        ("kworker ×8", "?"),
        ("chrony", "+0.4 ms"),
        ("seen from here", "-2 to +11 ms"),
        ("? packages", "no package manager found"),
    ],
)
def test_what_the_probes_found(boards, said, where):
    rows = [line.text for line in lines(boards, width=200, height=60)]
    assert any(said in row and where in row for row in rows), "\n".join(rows)


def test_slow_probes_say_how_old_they_are(boards):
    drawn = text(lines(boards, height=60))
    assert "UNITS  3, 1 failed · 20 s ago" in drawn


def test_events_come_from_the_records_and_the_board_once_each(boards):
    drawn = text(lines(boards, height=90))
    assert drawn.count("/var/spool over 90%") == 1  # event 909 is in both
    bare = replace(boards.detail(), events=())
    assert "/var/spool over 90%" in text(lines(boards, height=90, detail=bare))


def test_a_clock_in_step_has_no_negative_zero(boards):
    reading = Reading("clock_synchronised", "chrony", -0.04, "yes")
    bare = replace(boards.detail(), readings={"clock": (reading,)})
    assert "+0.0 ms" in text(lines(boards, height=90, detail=bare))


def test_a_clock_nobody_keeps_is_a_warning(boards):
    reading = Reading("clock_synchronised", "kernel", float("nan"), "no")
    bare = replace(boards.detail(), readings={"clock": (reading,)})
    assert "! kernel" in text(lines(boards, height=90, detail=bare))


def test_before_the_detail_has_come(boards):
    board = boards.incident()
    view = boards.view(board, screen="host", subject="dir-c01")
    drawn = text(paint(view).lines)
    assert "Asking the watch for the rest …" in drawn
    assert "Nothing is wrong here." in drawn


def test_detail_of_another_host_is_not_shown_as_this_ones(boards):
    drawn = text(lines(boards, "dir-c01", detail=boards.detail("mta-c03")))
    assert "postfix-policy" not in drawn


def test_a_host_that_has_gone_is_said(boards):
    assert "No host is called nobody. esc goes back" in text(lines(boards, "nobody"))


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
