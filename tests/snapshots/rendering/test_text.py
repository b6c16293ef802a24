"""The report in a terminal: columns that stand, whatever is wide, and nothing but text."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from snapshots.page import Curve, Curves, Page, Phrase, Ribbon, RibbonRow, Section, Table, table
from snapshots.rendering import render
from snapshots.rendering.text import WIDTH, text
from snapshots.snapshot import Snapshot
from snapshots.telling import tell
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


def test_a_curve_in_characters_has_its_heights_its_peaks_and_its_gaps() -> None:
    def drawn(*values: float | None) -> str:
        points = tuple(enumerate(values))
        curve = Curve(Phrase("q"), Phrase("n"), 0, len(values), 80.0, points)
        (line,) = (
            each for each in text(page(Curves((curve,)))).split("\n") if each.endswith("  n")
        )
        return line.removeprefix("q").removesuffix("n").strip()

    assert drawn(0.0, 10.0, 40.0, 80.0, None, 79.0) == "▁▂▅█?█"
    # 120 values are 40 characters, each the highest of three.
    many: list[float | None] = [0.0] * 120
    many[10], many[62:65] = 80.0, [None] * 3
    assert drawn(*many) == f"▁▁▁█{'▁' * 17}?{'▁' * 18}"


def test_a_chart_s_names_are_cut_by_cells() -> None:
    long = RibbonRow(Phrase("很長的服務名稱一二三四五六七八九十"), ("up", "down", ""), Phrase("n"))
    short = RibbonRow(Phrase("a"), ("up", "down", ""), Phrase("n"))
    said = text(page(Ribbon(Phrase("r"), (long, short), ())))
    rows = [each for each in said.split("\n") if "▪✘·" in each]
    assert {cell_len(each.split("▪")[0]) for each in rows} == {32}
    assert "…" in rows[0]


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_no_figure_is_cut_short_and_no_column_is_lost(
    full: Snapshot, language: str, width: int
) -> None:
    words = words_in(language)
    lines = render(full, "text", words, width=width).decode().split("\n")
    shown = set(re.split(r"  +", "  ".join(lines)))
    for section in tell(full, words).sections:
        for table_ in (each for each in section.blocks if isinstance(each, Table)):
            for row in table_.rows:
                for column, each in zip(table_.columns, row, strict=True):
                    if column.right and each.text:
                        assert each.text in shown, (column.title.text, each.text)


def test_a_table_that_has_no_room_is_cards() -> None:
    titles = tuple(f"a long title {number}" for number in range(9))
    row = tuple(Phrase(str(number) * 4) for number in range(9))
    said = text(page(table(titles, [row], " >>>>>>>>")), 60)
    assert "a long title 8  8888" in said
    assert "a long title 8  8888" not in text(page(table(titles, [row], " >>>>>>>>")), 200)
