"""What the STATE column shows can be typed as it stands there."""

from dataclasses import replace
from itertools import product

import pytest

from estate.document import HostRow, Severity
from estate.filter import parse
from estate.samples import Reach
from estate.states import STATES, host_word
from tui.paint.matching import host_test
from tui.paint.states import state
from tui.paint.view import Attention

NOW, EVERY = 1_000_000_000, 5000
ROWS = [
    HostRow("h", "s", reach=reach, at=at, severity=severity, behind=behind)
    for reach, at, severity, behind in product(
        Reach, (None, NOW - 1000, NOW - 3 * EVERY, NOW - 3 * EVERY - 1), Severity, ("", "gw")
    )
]


@pytest.mark.parametrize("row", ROWS)
def test_the_word_that_is_shown_finds_its_host(boards, row):
    board = replace(boards.incident(), every_ms=EVERY)
    word = state(row, NOW, EVERY).word
    asked = replace(boards.view(board, attention=Attention(filter=f"state:{word}")), now=NOW)
    assert host_test(asked)(row)
    assert host_word(row, NOW, EVERY) in {word, row.behind and "behind"}


def test_every_word_can_be_asked_for():
    assert all(parse(f"state:{word}") for word in STATES)
