import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.paint.cells import Line, Span, cut, elided, fit, joined, line, wrapped


def test_text_in_exactly_its_cells():
    assert fit("mta", 5) == "mta  "
    assert fit("mta", 5, ">") == "  mta"
    assert fit("mta-c03", 5) == "mta-…"
    assert fit("資料庫", 5) == "資料…"
    assert fit("資料庫", 4) == "資 …"  # half a character is a blank
    assert fit("x", 0) == ""


@given(st.text(st.characters(exclude_categories=("C", "M"))), st.integers(0, 30))
def test_widths_are_right_whatever_the_script(text, width):
    assert cell_len(fit(text, width)) == width
    assert cell_len(cut(text, width)) <= max(width, 0)
    if cell_len(text) <= width:
        assert cut(text, width) == text


def test_a_line_knows_its_text_and_width():
    made = line("a", Span("資", "crit"), "  ", key="host:x")
    assert made == Line((Span("a"), Span("資", "crit"), Span("  ")), "", "host:x")
    assert made.text == "a資"
    assert made.width == 5
    assert joined([made, Line()]) == "a資\n"


@pytest.mark.parametrize(
    ("name", "width", "said"),
    [
        ("mta-c01", 7, "mta-c01"),
        ("mail-production-node-0999", 12, "mail-p…-0999"),
        ("mail-production-node-0998", 11, "mail-…-0998"),
        ("web01.dc1.example.org", 12, "web01.dc1.e…"),
        ("production-web-0999.example.org", 12, "produc…-0999"),
        ("production01.example.org", 12, "production01"),
        ("郵件伺服器主機-0999", 12, "郵件伺…-0999"),
        ("abcdefgh", 4, "abc…"),
        ("abcdefgh", 1, "…"),
        ("abcdefgh", 0, ""),
    ],
)
def test_long_names_keep_what_tells_them_apart(name, width, said):
    assert elided(name, width) == said
    assert cell_len(said) <= width


def test_text_wraps_at_blanks_and_between_wide_characters():
    assert wrapped("it is reached, and says nothing new", 14) == [
        "it is reached,",
        "and says",
        "nothing new",
    ]
    assert wrapped("不顯示最後數值：現況不明。", 10) == ["不顯示最後", "數值：現況", "不明。"]
    assert wrapped("磁碟 /var/spool 將滿", 10) == ["磁碟", "/var/spool", "將滿"]
    assert wrapped("  a \n b\t", 10) == ["a b"]
    assert wrapped("", 10) == wrapped("   ", 10) == []


def test_no_line_begins_with_what_closes_a_sentence():
    assert wrapped("數值不明。", 8) == ["數值不", "明。"]


def test_what_is_longer_than_a_line_is_broken_anywhere():
    assert wrapped("abcdefgh ij", 3) == ["abc", "def", "gh", "ij"]
    assert wrapped("a資料庫", 2) == ["a", "資", "料", "庫"]
    assert wrapped("資", 1) == ["資"], "one character at the least"


@given(st.text("ab 資料。，", max_size=60), st.integers(2, 30))
def test_wrapped_lines_fit_and_lose_no_word(text, width):
    lines = wrapped(text, width)
    assert all(cell_len(each) <= width for each in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
