"""`twinwatch queues`: a table for a person, rows for a program."""

from __future__ import annotations

from estate.language import ENGLISH
from estate.queues import QueueRow
from tui.commands.queues import _row


def test_a_row_of_the_table() -> None:
    row = QueueRow(
        "k", "mta deferred", "central", state="critical", depth=16_767, at_least=True,
        oldest_seconds=509.0, net_per_minute=1940.0, trend="rising", full_in_seconds=1028.0,
        why="4 of 16 hosts not known: behind gw-c02",
    )  # fmt: skip
    assert [cell.text for cell in _row(row, ENGLISH)] == [
        "mta deferred", "central", "critical", "≥16,767", "8:29", "+1,940", "full ≤ 17 min",
        "4 of 16 hosts not known: behind gw-c02",
    ]  # fmt: skip


def test_what_is_not_known_has_no_figure() -> None:
    row = QueueRow("k", "mta hold", "central", why="no answer")
    assert [cell.text for cell in _row(row, ENGLISH)] == [
        "mta hold", "central", "unknown", "?", "?", "–", "", "no answer",
    ]  # fmt: skip
