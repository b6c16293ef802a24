"""A phrase of a page: never a formula, never longer than a row can bear."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from snapshots.page import LONGEST_PHRASE, Phrase, table


@given(st.text(max_size=500))
def test_a_phrase_begins_no_formula_and_has_an_end(text: str) -> None:
    said = Phrase(text).text
    assert len(said) <= LONGEST_PHRASE
    assert len(said.strip()) <= 1 or said.lstrip()[0] not in "=+-@＝＋－＠"
    assert Phrase(said).text == said


def test_a_table_s_figures_stand_on_the_right() -> None:
    made = table(("name", "figure", "what"), [], right=" >", more="and 2 more")
    assert [each.right for each in made.columns] == [False, True, False]
    assert made.more == Phrase("and 2 more", "dim")
