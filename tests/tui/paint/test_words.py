"""What the STATE column shows can be typed as it stands there."""

from dataclasses import replace
from itertools import product

import pytest

from estate.document import HostRow, Severity
from estate.filter import parse
from estate.language import ENGLISH, LANGUAGES
from estate.samples import Reach
from estate.states import STATES, host_word
from tui.paint.matching import host_test, in_english
from tui.paint.states import state
from tui.paint.view import Attention
from watch.languages import words_in

NOW, EVERY = 1_000_000_000, 5000
ROWS = [
    HostRow("h", "s", reach=reach, at=at, severity=severity, behind=behind)
    for reach, at, severity, behind in product(
        Reach, (None, NOW - 1000, NOW - 3 * EVERY, NOW - 3 * EVERY - 1), Severity, ("", "gw")
    )
]


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_that_is_shown_finds_its_host(boards, row, language):
    board, words = replace(boards.incident(), every_ms=EVERY), words_in(language)
    word = state(row, NOW, EVERY).word
    shown = Attention(filter=f"state:{words.say(word)}")
    asked = replace(boards.view(board, attention=shown, words=words), now=NOW)
    assert host_test(asked)(row)
    assert host_word(row, NOW, EVERY) in {word, row.behind and "behind"}
    assert not host_test(replace(asked, attention=Attention(filter=f"!{shown.filter}")))(row)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_has_a_word_of_its_own(language):
    said = [words_in(language).say(each) for each in STATES]
    assert len(set(said)) == len(said)


def test_states_are_typed_in_either_language_and_nothing_else_changes():
    words = words_in("zh-Hant")
    assert in_english("state:失聯,live group:失聯 state!=已過時", words) == (
        "state:lost,live group:失聯 state!=stale"
    )
    assert in_english("不受信任 state:亂", words) == "不受信任 state:亂"
    assert in_english("state:失聯", ENGLISH) == "state:失聯"


def test_every_word_can_be_asked_for():
    assert all(parse(f"state:{word}") for word in STATES)
