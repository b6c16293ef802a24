"""Columns in every language: each has its title, wide enough, over its figures."""

import pytest
from rich.cells import cell_len

from estate.language import LANGUAGES
from tui.paint.hosttable import host_table
from watch.languages import words_in


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [*range(40, 200, 3), 80, 100, 120, 200])
def test_every_column_has_its_whole_title(boards, width, language):
    words = words_in(language)
    table = host_table(boards.view(boards.calm(), width, words=words), width)
    heading = table.heading(words.say("HOSTS"))
    assert heading.width <= width
    for place in table.places:
        title = words.say(place.column.title)
        assert title in heading.text
        assert place.end - place.start >= place.column.cells
        before = heading.text[: heading.text.index(f" {title} ") + 1] if place.column.left else ""
        assert cell_len(before) in (0, place.start)


def test_titles_that_are_wider_than_their_figures_widen_the_column(boards):
    def cells(language, title):
        view = boards.view(boards.calm(), 120, words=words_in(language))
        places = host_table(view, 120).places
        return next(each.end - each.start for each in places if each.column.title == title)

    assert cells("en", "mem") == 6
    assert cells("zh-Hant", "mem") == 8  # 記憶體, and the blanks before it
    assert cells("zh-Hant", "disk") == cells("en", "disk")
