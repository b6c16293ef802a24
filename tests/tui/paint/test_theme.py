import colorsys
from itertools import pairwise

import pytest
from rich.cells import cell_len
from rich.color import Color

from tui.paint.cells import BARS, ROLES, Line, Span
from tui.paint.theme import THEMES, render

LINE = Line((Span(" ✘ ", "crit b"), Span("資料庫", "text"), Span(" ▁▂█", "mute")), "sel", "host:x")


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("width", [0, 1, 4, 5, 6, 7, 80])
def test_a_line_fills_its_width_exactly(name, width):
    segments = render(LINE, THEMES[name], width)
    assert sum(cell_len(segment.text) for segment in segments) == width


@pytest.mark.parametrize("name", THEMES)
def test_every_role_on_every_bar_has_a_style(name):
    for role in ROLES:
        for bar in BARS:
            for bold in ("", " b"):
                style = THEMES[name].style(role + bold, bar)
                assert THEMES[name].style(role + bold, bar) is style


def test_mono_has_no_colour_and_says_it_with_bold_dim_and_reverse():
    mono = THEMES["mono"]
    for role in ROLES:
        for bar in BARS:
            style = mono.style(role, bar)
            assert style.color is None
            assert style.bgcolor is None
    assert mono.style("dim").dim
    assert mono.style("crit b").bold
    assert mono.style("text", "critbar").reverse


def test_ansi_keeps_to_sixteen_colours():
    for role in ROLES:
        for bar in BARS:
            style = THEMES["ansi"].style(role, bar)
            for colour in (style.color, style.bgcolor):
                assert colour is None or colour.number is None or colour.number < 16


def test_the_headline_is_one_colour_on_red():
    dark = THEMES["dark"]
    assert dark.style("crit b", "critbar").color.name == dark.on_bar
    assert dark.style("crit", "sel").color.name == dark.colours["crit"]


def test_thin_themes_draw_history_as_dots_and_the_last_cell_as_it_is():
    line = Line((Span("▁▄█", "mute"), Span("█", "crit")))
    text = "".join(segment.text for segment in render(line, THEMES["ansi"], 4))
    assert text == "⡀⡄⡇█"
    assert "".join(s.text for s in render(line, THEMES["dark"], 4)) == "▁▄██"


def test_a_bar_ends_where_the_line_says():
    line = Line((Span("ab"), Span("  "), Span("cd")), "sel", bar_cells=4)
    segments = render(line, THEMES["dark"], 8)
    selected = THEMES["dark"].style("text", "sel")
    assert [segment.style == selected for segment in segments] == [True, True, False, False]
    short = render(Line((Span("ab"),), "sel", bar_cells=4), THEMES["dark"], 8)
    assert [(s.text, s.style == selected) for s in short] == [
        ("ab", True),
        ("  ", True),
        ("    ", False),
    ]


@pytest.mark.parametrize("name", ["dark", "light", "dark-256", "light-256"])
def test_words_can_be_read_on_their_ground(name):
    """WCAG contrast, against the page: the four that speak and the words, 4.5 to 1 or more."""
    theme = THEMES[name]
    for role in ("strong", "text", "dim", "crit", "warn", "unk", "info", "good"):
        assert _contrast(theme.colours[role], theme.background) >= 4.5, role
    assert _contrast(theme.on_bar, theme.bars["critbar"]) >= 4.5


@pytest.mark.parametrize("name", ["dark", "light", "dark-256", "light-256"])
def test_the_four_that_speak_differ_in_hue(name):
    colours = [THEMES[name].colours[role] for role in ("crit", "warn", "unk", "info")]
    hues = sorted(colorsys.rgb_to_hls(*_rgb(colour))[0] for colour in colours)
    assert min(b - a for a, b in pairwise(hues)) > 0.08


def _rgb(colour):
    return tuple(part / 255 for part in Color.parse(colour).get_truecolor())


def _contrast(first, second):
    def luminance(colour):
        linear = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(colour))
        return sum(
            part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True)
        )

    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)
