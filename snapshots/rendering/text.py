"""A page as plain text for a terminal or a mail; wide characters count as two cells.

Only this file and `strokes` use rich. It is told everything that it would ask the environment.
"""

from __future__ import annotations

from io import StringIO
from itertools import groupby

from rich import box
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table as RichTable
from rich.text import Text

from snapshots.page import Block, Facts, Heading, Page, Paragraph, Phrase, Points, Table
from snapshots.rendering.strokes import strokes

#: Cells of a line where nothing else is asked for, and the fewest that tables can do with.
WIDTH, LEAST_WIDTH = 120, 60
#: A name in the first column is not torn apart up to this width.
_WHOLE_NAME = 26
#: Texts are folded, but into no fewer cells; between columns there are so many.
_LEAST_COLUMN, _GAP = 8, 2


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
            _table(console, block)
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


def _table(console: Console, table: Table) -> None:
    """In columns where they have room; else each row as a card, for no figure may be cut short."""
    for names in (_WHOLE_NAME, 0):
        wholes = [_is_whole(table, number, names) for number in range(len(table.columns))]
        if _needed(table, wholes) <= console.width:
            break
    else:
        for row in table.rows:
            titled = [(column.title, each) for column, each in zip(table.columns, row, strict=True)]
            console.print(_grid([(title, each) for title, each in titled if each.text]))
            console.print()
        return
    set_ = RichTable(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for column, whole in zip(table.columns, wholes, strict=True):
        justify: JustifyMethod = "right" if column.right else "left"
        set_.add_column(_text(column.title), justify=justify, overflow="fold", no_wrap=whole)
    for row in table.rows:
        set_.add_row(*map(_text, row))
    console.print(set_)


def _needed(table: Table, wholes: list[bool]) -> int:
    """The fewest cells in which no whole column is cut."""
    widest = [_widest(table, number) for number in range(len(wholes))]
    needed = (
        cells if whole else min(cells, _LEAST_COLUMN)
        for cells, whole in zip(widest, wholes, strict=True)
    )
    return sum(needed) + _GAP * (len(wholes) - 1)


def _is_whole(table: Table, number: int, names: int) -> bool:
    """Whether a column stays in one piece: figures do, and names of up to `names` cells."""
    return table.columns[number].right or (number == 0 and _widest(table, number) <= names)


def _widest(table: Table, number: int) -> int:
    texts = (table.columns[number].title, *(row[number] for row in table.rows))
    return max(cell_len(each.text) for each in texts)


def _text(phrase: Phrase) -> Text:
    return Text(phrase.text, overflow="fold")
