"""The timeline: how many moments it has, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estate.past import Moment
from tui.paint import paint
from tui.paint.cells import joined
from watch.languages import words_in


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 1, "TIMELINE  1 moment ─"),
        ("en", 2, "TIMELINE  2 moments ─"),
        ("zh-Hant", 1, "1 個時刻 ─"),
    ],
)
def test_one_moment_is_one(boards, language, count, said):
    words = words_in(language)
    shown = boards.view(boards.calm(), 80, 24, screen="timeline", words=words)
    moments = tuple(Moment(boards.NOW - 60_000 * number) for number in range(count))
    drawn = joined(paint(replace(shown, moments=moments)).lines)
    assert said in drawn
