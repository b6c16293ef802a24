"""The report in a terminal: columns that stand, whatever is wide, and nothing but text."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from snapshots.page import Page, Phrase, Ribbon, RibbonRow, Section, table
from snapshots.rendering import render
from snapshots.rendering.text import WIDTH, text
from snapshots.snapshot import Snapshot
from watch.languages import words_in


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize("width", [None, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_page(full: Snapshot, language: str, width: int | None) -> None:
    said = render(full, "text", words_in(language), width=width).decode()
    assert max(map(cell_len, said.split("\n"))) <= (width or WIDTH)
    assert all(each.isprintable() for each in said.split("\n"))
    assert "\n\n\n" not in said


def page(*blocks: object) -> Page:
    one = Section(1, "one", Phrase("One"), blocks)  # type: ignore[arg-type]
    return Page("en", Phrase("T"), Phrase("s"), Phrase("calm"), (one,))


def test_wide_characters_take_two_cells_in_a_table() -> None:
    said = text(page(table(("name", "figure"), [(Phrase("郵件"), Phrase("7")),
                                                (Phrase("mail"), Phrase("7"))], " >")))  # fmt: skip
    rows = [each for each in said.split("\n") if each.endswith("7")]
    assert len(rows) == 2
    assert len({cell_len(each) for each in rows}) == 1


def test_a_chart_s_names_are_cut_by_cells() -> None:
    long = RibbonRow(Phrase("很長的服務名稱一二三四五六七八九十"), ("up", "down", ""), Phrase("n"))
    short = RibbonRow(Phrase("a"), ("up", "down", ""), Phrase("n"))
    said = text(page(Ribbon(Phrase("r"), (long, short), ())))
    rows = [each for each in said.split("\n") if "▪✘·" in each]
    assert {cell_len(each.split("▪")[0]) for each in rows} == {32}
    assert "…" in rows[0]
