"""A page as plain text for a terminal or a mail; wide characters count as two cells.

Only this file and `strokes` use rich. It is told everything that it would ask the environment.
"""

from __future__ import annotations

from io import StringIO
from itertools import groupby

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from snapshots.page import Block, Facts, Heading, Page, Paragraph, Phrase, Points, Table
from snapshots.rendering.strokes import strokes

#: Cells of a line where nothing else is asked for, and the fewest that tables can do with.
WIDTH, LEAST_WIDTH = 100, 60
#: A name in the first column is not torn apart up to this width.
_WHOLE_NAME = 26


def text(page: Page, width: int = WIDTH) -> str:
    """The whole page. No colour and no control character, but for line ends."""
    width = max(LEAST_WIDTH, width)
    console = Console(
        file=StringIO(),
        width=width,
        color_system=None,
        force_terminal=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
    title, subtitle = page.title.text, page.subtitle.text
    console.print(Text(title, overflow="fold"))
    console.print(Text(subtitle, overflow="fold"))
    console.print(_text(page.worry))
    console.print(Text("═" * width))
    for section in page.sections:
        console.print()
        console.print(Text(f"{section.number}. {section.title.text}"))
        console.print(Text("─" * width))
        for block in section.blocks:
            _set(console, block)
    console.print(Text("═" * width))
    for phrase in page.colophon:
        console.print(_text(phrase))
    assert isinstance(console.file, StringIO)
    lines = [line.rstrip() for line in console.file.getvalue().split("\n")]
    return "\n".join(line for _, same in groupby(lines) for line in _once(list(same)))


def _once(same: list[str]) -> list[str]:
    """Blank lines one at a time."""
    return same if same[0] else same[:1]


def _set(console: Console, block: Block) -> None:
    match block:
        case Paragraph(said):
            console.print(_text(said))
        case Heading(said):
            console.print()
            console.print(Text(f"── {said.text}"))
        case Points(points):
            console.print(_grid([(Phrase("•"), each) for each in points]))
        case Facts(pairs):
            console.print(_grid(pairs))
        case Table():
            console.print(_table(block))
            if block.more.text:
                console.print(_text(block.more))
        case _:
            console.print()
            for line in strokes(block, console.width):
                console.print(Text(line, overflow="fold"))
            console.print()


def _grid(pairs: list[tuple[Phrase, Phrase]] | tuple[tuple[Phrase, Phrase], ...]) -> RichTable:
    grid = RichTable.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, said in pairs:
        grid.add_row(_text(name), _text(said))
    return grid


def _table(table: Table) -> RichTable:
    set_ = RichTable(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for number, column in enumerate(table.columns):
        cells = max((cell_len(row[number].text) for row in table.rows), default=0)
        set_.add_column(
            _text(column.title),
            justify="right" if column.right else "left",
            overflow="fold",
            no_wrap=column.right or (number == 0 and cells <= _WHOLE_NAME),
        )
    for row in table.rows:
        set_.add_row(*map(_text, row))
    return set_


def _text(phrase: Phrase) -> Text:
    return Text(phrase.text, overflow="fold")
