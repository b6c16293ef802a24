"""Roles to colours: the last step on the way to a terminal.

dark and light are 24-bit and told apart in lightness too, so that deutan, protan and tritan eyes
see four different states; dark-256 and light-256 are the same picked by hand from the 256 colours
that a terminal behind ssh and tmux shows (the nearest in RGB would turn the cursor's dark blue
into a loud teal); ansi keeps to the terminal's own sixteen colours (slow links); mono has
none (NO_COLOR): bold, dim, and reverse for the headline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from tui.paint.cells import Line


@dataclass(frozen=True)
class Theme:
    """`colours` of roles and bars; a role or bar that is missing takes the terminal's default.

    `on_bar` is the colour of every word on the headline's bar. `thin` draws the blocks of quiet
    sparklines as dots: where bright black is the only grey, solid blocks shout.
    """

    name: str
    colours: Mapping[str, str]
    bars: Mapping[str, str]
    background: str = "default"
    on_bar: str = "default"
    thin: bool = False
    _styles: dict[tuple[str, str], Style] = field(default_factory=dict, compare=False, repr=False)

    def style(self, role: str, bar: str = "") -> Style:
        """The style of `role` ("crit", "crit b") on `bar`."""
        found = self._styles.get((role, bar))
        if found is None:
            found = self._styles[role, bar] = self._mixed(role, bar)
        return found

    def _mixed(self, role: str, bar: str) -> Style:
        name, _, bold = role.partition(" ")
        colour = self.on_bar if bar == "critbar" else self.colours.get(name)
        ground = self.bars.get(bar) or self.background
        if self.name == "mono":
            quiet = name in ("dim", "mute", "faint") and bar != "critbar"
            loud = bool(bold) or bar in ("critbar", "sel")
            return Style(bold=loud or None, dim=quiet or None, reverse=bar == "critbar" or None)
        loud = bool(bold) or (self.name == "ansi" and (name == "strong" or bar == "sel"))
        return Style(
            color=None if colour in (None, "default") else colour,
            bgcolor=None if ground == "default" else ground,
            bold=loud or None,
        )


THEMES: dict[str, Theme] = {
    "dark": Theme(
        "dark",
        {
            **{"strong": "#f1f4f6", "text": "#c8ced4", "dim": "#949da6"},
            **{"mute": "#48525b", "faint": "#353d45"},
            **{"crit": "#ff6f59", "warn": "#efcb5a", "unk": "#c86af0"},
            **{"info": "#70bcec", "good": "#8fc7a6"},
        },
        {
            **{"critbar": "#b3261a", "sel": "#20303d", "band": "#191e23"},
            **{"warnbar": "#5c4508", "unkbar": "#4a2f6b", "infobar": "#1d4a70"},
        },
        background="#0f1215",
        on_bar="#ffffff",
    ),
    "light": Theme(
        "light",
        {
            **{"strong": "#000000", "text": "#2b3036", "dim": "#5d636a"},
            **{"mute": "#bdb9af", "faint": "#d3d0c8"},
            **{"crit": "#8e0f0a", "warn": "#8f6d10", "unk": "#8a14b8"},
            **{"info": "#0f5a8a", "good": "#1f6b43"},
        },
        {
            **{"critbar": "#b3200f", "sel": "#dfeaf5", "band": "#f0eee8"},
            **{"warnbar": "#f3dc9f", "unkbar": "#e4d3f5", "infobar": "#cfe2f5"},
        },
        background="#fcfbf8",
        on_bar="#ffffff",
    ),
    "dark-256": Theme(
        "dark-256",
        {
            **{"strong": "color(255)", "text": "color(251)", "dim": "color(246)"},
            **{"mute": "color(240)", "faint": "color(238)"},
            **{"crit": "color(203)", "warn": "color(221)", "unk": "color(171)"},
            **{"info": "color(75)", "good": "color(108)"},
        },
        {
            **{"critbar": "color(124)", "sel": "color(236)", "band": "color(234)"},
            **{"warnbar": "color(58)", "unkbar": "color(54)", "infobar": "color(24)"},
        },
        background="color(233)",
        on_bar="color(231)",
    ),
    "light-256": Theme(
        "light-256",
        {
            **{"strong": "color(16)", "text": "color(236)", "dim": "color(241)"},
            **{"mute": "color(250)", "faint": "color(252)"},
            **{"crit": "color(88)", "warn": "color(94)", "unk": "color(90)"},
            **{"info": "color(24)", "good": "color(22)"},
        },
        {
            **{"critbar": "color(124)", "sel": "color(189)", "band": "color(254)"},
            **{"warnbar": "color(223)", "unkbar": "color(183)", "infobar": "color(153)"},
        },
        background="color(231)",
        on_bar="color(231)",
    ),
    "ansi": Theme(
        "ansi",
        {
            **{"dim": "bright_black", "mute": "bright_black", "faint": "bright_black"},
            **{"crit": "bright_red", "warn": "yellow", "unk": "magenta"},
            **{"info": "cyan", "good": "green"},
        },
        {"critbar": "red"},
        on_bar="bright_white",
        thin=True,
    ),
    "mono": Theme("mono", {}, {}, thin=True),
}

#: Blocks as a thin column of dots of about the same height.
_THIN = str.maketrans("▁▂▃▄▅▆▇█", "⡀⡀⡄⡄⡆⡆⡇⡇")


def render(line: Line, theme: Theme, width: int) -> list[Segment]:
    """`line` as rich segments of exactly `width` cells, cut or padded on its bar."""
    segments: list[Segment] = []
    edge = line.bar_cells or width
    at = 0
    for text, role, _action in line.spans:
        if not text:
            continue
        room = width - at
        if room <= 0:
            break
        cells = len(text) if text.isascii() else cell_len(text)
        if cells > room:
            text, cells = set_cell_size(text, room), room  # noqa: PLW2901
        if theme.thin and role == "mute":
            text = text.translate(_THIN)  # noqa: PLW2901
        segments.append(Segment(text, theme.style(role, line.bar if at < edge else "")))
        at += cells
    if at < min(edge, width):
        segments.append(Segment(" " * (min(edge, width) - at), theme.style("text", line.bar)))
        at = min(edge, width)
    if at < width:
        segments.append(Segment(" " * (width - at), theme.style("text")))
    return segments
