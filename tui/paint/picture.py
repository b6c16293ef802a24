"""A screen as an SVG picture: for tickets, mails and documents.

Words are text, in whatever monospaced font the reader has; rules, bars, blocks and braille are
drawn as shapes, because fonts leave gaps between them where terminals do not. The picture is one
file and asks for nothing from anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme

from tui.paint.cells import Line
from tui.paint.theme import Theme, render

_CELL, _ROW, _FONT, _EDGE = 9.0, 18.0, 15, 12.0

#: What the sixteen colours and the defaults look like in a picture.
_TERMINAL = TerminalTheme(
    (0, 0, 0),
    (204, 204, 204),
    [
        *((0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0)),
        *((30, 100, 200), (205, 85, 205), (0, 205, 205), (229, 229, 229)),
    ],
    [
        *((127, 127, 127), (255, 85, 85), (90, 247, 142), (243, 249, 157)),
        *((92, 150, 255), (255, 146, 208), (154, 237, 254), (255, 255, 255)),
    ],
)

_STYLE = (
    "text{font-family:'JetBrains Mono','DejaVu Sans Mono','Noto Sans Mono CJK TC',monospace;"
    f"font-size:{_FONT}px;white-space:pre;font-variant-ligatures:none}}"
)


def svg(lines: Sequence[Line], theme: Theme, width: int, title: str) -> str:
    """`lines` as an SVG document of `width` columns, with `title` for those who can't see it."""
    wide, high = width * _CELL + 2 * _EDGE, len(lines) * _ROW + 2 * _EDGE
    ground = _hex(theme.style("text").bgcolor, False) or "#000000"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{wide:g}" height="{high:g}" '
        f'viewBox="0 0 {wide:g} {high:g}"><title>{escape(title)}</title><style>{_STYLE}</style>'
        f'<rect width="100%" height="100%" fill="{ground}"/>'
    ]
    for number, line in enumerate(lines):
        parts += _row(render(line, theme, width), _EDGE + number * _ROW, ground)
    parts.append("</svg>\n")
    return "".join(parts)


def _row(segments: Sequence[Segment], top: float, ground: str) -> Iterator[str]:
    grounds: list[str] = []
    inks: list[str] = []
    at = _EDGE
    for number, (text, given, _) in enumerate(segments):
        style = given or Style.null()
        ink, back = _hex(style.color, True), _hex(style.bgcolor, False)
        if style.reverse:
            ink, back = back or ground, ink
        if style.dim:
            ink = "#8a8a8a"
        cells = cell_len(text)
        if back and back != ground:  # a bar runs on over the edges of the picture
            start = 0.0 if at == _EDGE else at
            end = at + cells * _CELL + (_EDGE if number == len(segments) - 1 else 0.0)
            grounds.append(_rect(start, top, end - start, _ROW, back))
        weight = ' font-weight="700"' if style.bold else ""
        inks += _ink(text, at, top, ink, weight)
        at += cells * _CELL
    yield from grounds
    yield from inks


def _ink(text: str, left: float, top: float, ink: str, weight: str) -> Iterator[str]:
    """Runs of ASCII as one text each; every other character on its own, so that columns hold."""
    run, start = "", left
    for character in text:
        if character.isascii():
            if not run:
                start = left
            run += character
        else:
            yield from _text(run, start, top, ink, weight)
            run = ""
            shapes = _shape(character, left, top, ink)
            yield from shapes if shapes is not None else _text(character, left, top, ink, weight)
        left += _CELL * cell_len(character)
    yield from _text(run, start, top, ink, weight)


def _text(text: str, left: float, top: float, ink: str, weight: str) -> Iterator[str]:
    bare = text.lstrip(" ")
    left += (len(text) - len(bare)) * _CELL
    if bare.strip():
        place = f'x="{left:g}" y="{top + _ROW * 0.74:g}"'
        yield f'<text {place} fill="{ink}"{weight}>{escape(bare.rstrip())}</text>'


def _hex(color: Color | None, foreground: bool) -> str:
    if color is None or color.is_default:
        return "#cccccc" if foreground else ""
    return color.get_truecolor(_TERMINAL, foreground).hex


def _rect(left: float, top: float, width: float, height: float, ink: str) -> str:
    place = f'x="{left:.2f}" y="{top:.2f}"'
    return f'<rect {place} width="{width:.2f}" height="{height:.2f}" fill="{ink}"/>'


#: Parts of a cell as (left, top, width, height), all as shares of the cell.
_SHAPES: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "─": ((0, 0.47, 1.03, 0.055),),
    "━": ((0, 0.42, 1.03, 0.16),),
    "╌": ((0.1, 0.47, 0.3, 0.055), (0.6, 0.47, 0.3, 0.055)),
    "│": ((0.45, 0, 0.11, 1.03),),
    "┃": ((0.34, 0, 0.33, 1.03),),
    "┆": tuple((0.45, 0.06 + 0.25 * part, 0.11, 0.12) for part in range(4)),
    "├": ((0.45, 0, 0.11, 1.03), (0.45, 0.47, 0.55, 0.055)),
    "└": ((0.45, 0, 0.11, 0.52), (0.45, 0.47, 0.55, 0.055)),
    "▌": ((0, 0, 0.5, 1.0),),
    "▏": ((0, 0, 0.125, 1.0),),
    "▪": ((0.28, 0.39, 0.44, 0.22),),
    "▀": ((0, 0, 1.03, 0.5),),
    **{block: ((0, 1 - n / 8, 1.03, n / 8),) for n, block in enumerate("▁▂▃▄▅▆▇█", 1)},
}  # fmt: skip

_DOTS = (
    *((0x01, 0, 0), (0x02, 0, 1), (0x04, 0, 2), (0x40, 0, 3)),
    *((0x08, 1, 0), (0x10, 1, 1), (0x20, 1, 2), (0x80, 1, 3)),
)  # bit, column, row
_DOT = 2.2


def _shape(character: str, left: float, top: float, ink: str) -> list[str] | None:
    """A character as shapes; None where a font draws it."""
    if "\u2800" <= character <= "\u28ff":
        dots = ord(character) - 0x2800
        x0, y0 = left + _CELL / 4 - _DOT / 2, top + _ROW / 8 - _DOT / 2
        return [
            _rect(x0 + x * _CELL / 2, y0 + y * _ROW / 4, _DOT, _DOT, ink)
            for bit, x, y in _DOTS
            if dots & bit
        ]
    parts = _SHAPES.get(character)
    if parts is None:
        return None
    return [
        _rect(left + _CELL * x, top + _ROW * y, _CELL * wide, _ROW * high, ink)
        for x, y, wide, high in parts
    ]
