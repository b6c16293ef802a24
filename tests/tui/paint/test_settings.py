from dataclasses import replace

from tui.paint import keys, paint
from tui.paint.view import Attention

CHOSEN = {"theme": "auto", "low_bandwidth": "off", "bell": "on", "unheard_of": "x"}


def test_a_row_for_each_setting_and_the_cursor_on_one(boards):
    view = boards.view(boards.calm(), 80, 24, screen="settings", settings=CHOSEN)
    assert keys(view) == (
        "setting:theme",
        "setting:low_bandwidth",
        "setting:bell",
        "setting:unheard_of",
    )
    page = paint(replace(view, attention=Attention(cursor="setting:bell")))
    assert page.lines[page.cursor].text.startswith("▌  bell              on         rings once")


def test_about_the_watch(boards):
    board = boards.calm()
    board = replace(board, watch=replace(board.watch, records="disk full", standalone=False))
    text = "\n".join(
        line.text for line in paint(boards.view(board, 80, 24, screen="settings")).lines
    )
    assert "4711 as kfwong, shared by everybody on this machine" in text
    assert "not kept: disk full" in text
    assert "every 5 s" in text
    assert "Nothing can be chosen here." in text


def test_on_a_short_screen_the_cursor_stays_in_sight(boards):
    many = {f"setting{n}": "x" for n in range(30)}
    view = boards.view(boards.calm(), 80, 10, screen="settings", settings=many)
    page = paint(replace(view, attention=Attention(cursor="setting:setting29")))
    assert page.lines[page.cursor].key == "setting:setting29"
