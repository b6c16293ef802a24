"""The stock way: a DataTable of 80 rows and 10 columns, of which 24 cells change every 2 s."""

from __future__ import annotations

import random
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable, Footer, Header

COLUMNS = ("host", "site", "role", "state", "age", "cpu", "mem", "disk", "net", "queue")
ROWS = 80


class Stock(App[None]):
    """As the documentation shows it."""

    BINDINGS: ClassVar[list[BindingType]] = [("j", "down", "down"), ("q", "quit", "quit")]

    def compose(self) -> ComposeResult:
        """Header, table, footer."""
        yield Header()
        yield DataTable[str](cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        """Fill the table and start the clock."""
        self._random = random.Random(1)
        table = self.query_one(DataTable)
        table.add_columns(*((column, column) for column in COLUMNS))
        for row in range(ROWS):
            cells = (f"{self._random.uniform(0, 100):5.1f}" for _ in COLUMNS[1:])
            table.add_row(f"host-{row:03d}", *cells, key=str(row))
        self.set_interval(2.0, self._tick)

    def action_down(self) -> None:
        """Move the cursor."""
        self.query_one(DataTable).action_cursor_down()

    def _tick(self) -> None:
        table = self.query_one(DataTable)
        for row in self._random.sample(range(ROWS), 8):
            for column in ("cpu", "mem", "net"):
                table.update_cell(str(row), column, f"{self._random.uniform(0, 100):5.1f}")


if __name__ == "__main__":
    Stock().run()
