from dataclasses import replace

import pytest

from tui.paint import keys, paint
from tui.paint.home import plan, worst_hosts
from tui.paint.states import standing
from tui.paint.view import Attention


def page(boards, board="incident", width=80, height=24, **parts):
    document = board if not isinstance(board, str) else getattr(boards, board)()
    return paint(boards.view(document, width, height, **parts))


def text(page):
    return [line.text for line in page.lines]


@pytest.mark.parametrize("sites", [0, 1, 2, 5, 30])
@pytest.mark.parametrize("height", [24, 30, 39, 40, 49, 50, 100])
def test_panels_fill_the_screen_exactly(height, sites):
    rows = plan(height, sites)
    air = 6 if rows.airy else 1  # notice's row or none, pulse, a blank above each panel
    assert 3 + air + 4 + sum(rows[:4]) == height
    assert min(rows[:4]) >= 1


@pytest.mark.parametrize("height", range(1, 21))
def test_on_short_screens_panels_drop_from_the_bottom(height):
    rows = plan(height, 2)
    dropped = [panel < 0 for panel in rows[:4]]
    assert dropped == sorted(dropped)
    assert rows.events == -1
    used = sum(panel + 1 for panel in rows[:4] if panel >= 0)
    assert used <= max(0, height - 4) or height < 6


def test_sizes_of_the_design():
    assert plan(24, 2)[:4] == (5, 2, 6, 3)
    assert plan(40, 2)[:4] == (8, 2, 12, 5)
    assert plan(50, 2)[:4] == (9, 2, 20, 6)


def test_hidden_problems_are_counted_and_scroll_into_sight(boards):
    drawn = page(boards)
    assert "5 more ↓" in "\n".join(text(drawn))
    last = [
        key for key in keys(boards.view(boards.incident(), 80, 24)) if key.startswith("problem")
    ][-1]
    drawn = page(boards, attention=Attention(cursor=last))
    assert drawn.lines[drawn.cursor].key == last
    assert "5 more ↑" in "\n".join(text(drawn))


def test_the_worst_hosts_are_those_that_need_a_look(boards):
    view = boards.view(boards.incident())
    names = [entry.host for entry in worst_hosts(view, standing(view), 8)]
    assert names[:3] == ["gw-c02", "mta-c03", "mta-c04"]
    assert "mdb-c01" not in names  # behind gw-c02, which stands for it


def test_while_connecting_hosts_with_figures_come_first(boards):
    view = boards.view(boards.connecting())
    assert all("%" in line.text for line in page(boards, "connecting").lines if line.key)
    assert worst_hosts(view, standing(view), 0) == []


def test_a_notice_takes_the_place_of_the_pulse_on_a_short_screen(boards):
    assert "cpu 24% of 536 cores" in text(page(boards))[2]
    short, tall = page(boards, "restored"), page(boards, "restored", 120, 40)
    assert text(short)[2].startswith(" ! records are not kept")
    assert text(short)[3].startswith("   PROBLEMS")
    assert text(tall)[2].startswith(" ! records are not kept")
    assert text(tall)[5].startswith("   PROBLEMS")


def test_a_filter_takes_the_place_of_the_pulse(boards):
    drawn = page(boards, attention=Attention(filter="mta-c03", filter_open=True))
    assert text(drawn)[2].startswith(" / mta-c03▏")
    assert text(drawn)[2].endswith("2 of 9 match")


def test_zoomed_the_problems_have_the_page(boards):
    drawn = page(boards, attention=Attention(zoom="list"))
    assert not any("FLEET" in line for line in text(drawn))
    assert any("im-c04    maintenance" in line for line in text(drawn))


def test_the_pulse_is_weighted_by_cores(boards):
    board = boards.big(2, 1)
    first, second = board.hosts.values()
    rows = {
        "a": replace(first, name="a", cores=30, values={"cpu": 10.0, "disk": 9.0}),
        "b": replace(second, name="b", cores=10, values={"cpu": 50.0}),
    }
    assert "cpu 20% of 40 cores" in text(page(boards, replace(board, hosts=rows)))[2]
    assert "mem ?" in text(page(boards, replace(board, hosts=rows)))[2]


def test_nothing_stale_is_summed(boards):
    assert text(page(boards, "restored", 120, 40))[3] == "   Nothing measured yet."


@pytest.mark.parametrize(
    ("board", "sentence"),
    [
        ("connecting", "No problems so far; 53 hosts have not answered yet."),
        ("empty", "Nothing is watched yet."),
        ("wide_names", "No problems. No threshold is crossed, no host is lost."),
    ],
)
def test_no_problems_is_a_sentence(boards, board, sentence):
    assert f"   {sentence}" in text(page(boards, board))


def test_hosts_that_all_stand_behind_a_cause_are_a_sentence(boards):
    board = boards.incident()
    rows = {name: row for name, row in board.hosts.items() if row.behind}
    assert "   Every host stands behind a cause above." in text(
        page(boards, replace(board, hosts=rows))
    )


# ── the aside ───────────────────────────────────────────────────────────────────────────────────


def aside(boards, cursor, board="incident"):
    drawn = page(boards, board, 200, 50, attention=Attention(cursor=cursor))
    return "\n".join(line.text[127:] for line in drawn.lines)


def test_the_aside_explains_a_lost_host(boards):
    said = aside(boards, "problem:gw-c02/reach")
    assert "SELECTED  gw-c02" in said
    assert "behind it   mbx-c05–08 mdb-c01 mta-c13–16" in said
    assert "remedy      Is it switched on? Try its console." in said
    assert "last good   02:58:35" in said
    assert "next try    in 12 s" in said


def test_the_aside_shows_a_live_hosts_figures(boards):
    said = aside(boards, "host:mta-c03")
    assert "SELECTED  mta-c03" in said
    assert "━━━━" in said
    assert "3.1 MB/s in, 1.6 MB/s out" in said


def test_the_aside_of_an_event_and_of_nothing(boards):
    assert "SELECTED  gw-c02" in aside(boards, "event:907")
    assert "Nothing is selected." in aside(boards, "", "empty")


def test_the_asides_sections_stand_where_the_pages_do(boards):
    for board in ("calm", "incident"):
        lines = [line.text for line in page(boards, board, 200, 50).lines]
        for left, right in (("PROBLEMS", "SELECTED"), ("HOSTS", "GROUPS"), ("EVENTS", "WATCH")):
            at = next(i for i, line in enumerate(lines) if line.startswith(f"   {left}"))
            assert right in lines[at]


def test_the_cursor_bar_ends_with_the_page(boards):
    drawn = page(boards, width=200, height=50)
    assert drawn.lines[drawn.cursor].bar_cells == 124


def test_groups_that_have_no_room_are_counted(boards):
    board = boards.calm()
    rows = {
        name: replace(row, groups=(f"group-{index}",))
        for index, (name, row) in enumerate(board.hosts.items())
    }
    lines = [line.text for line in page(boards, replace(board, hosts=rows), 200, 50).lines]
    start = next(at for at, line in enumerate(lines) if "GROUPS" in line)
    listed = [line for line in lines[start : start + 11] if " group-" in line[120:]]
    more = next(line for line in lines[start : start + 11] if line.endswith(" more"))
    assert len(listed) + int(more.split()[-2]) == 80
