from dataclasses import replace

import pytest

from tui.paint import keys, paint
from tui.paint.home import worst_hosts
from tui.paint.states import standing
from tui.paint.view import Attention


def page(boards, board="incident", width=80, height=24, **parts):
    document = board if not isinstance(board, str) else getattr(boards, board)()
    return paint(boards.view(document, width, height, **parts))


def text(page):
    return [line.text for line in page.lines]


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
