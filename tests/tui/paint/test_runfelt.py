"""What users felt of a run: said beside its clock, and never in the clock's place."""

import pytest

from estate.runs import FeltRow
from tests.tui.paint.failover import NOW, run
from tests.tui.paint.test_run import view
from tui.paint import paint
from tui.paint.cells import joined
from tui.paint.runfelt import felt_lines, felt_words
from watch.languages import words_in

MINUTE = 60_000
OUT = FeltRow("email", NOW - 8 * MINUTE, NOW - 3 * MINUTE, 5 * MINUTE, 0, 10 * MINUTE)


@pytest.mark.parametrize(
    ("row", "said", "role"),
    [
        (FeltRow("email"), "email was not out", "dim"),
        (FeltRow("email", unknown_ms=90_000), "email was not seen for 1:30", "unk"),
        (FeltRow("email", unknown_ms=40), "email was not seen for < 0:01", "unk"),
        (OUT, "email was out 5:00 of 10:00 from 02:59:12", "text"),
        (
            FeltRow("email", NOW - 12 * MINUTE, None, 11 * MINUTE, MINUTE, 10 * MINUTE),
            "email is out since 02:55:12, 12:00 of 10:00, 1:00 of it not seen",
            "crit b",
        ),
        (FeltRow("email", NOW - MINUTE, None, MINUTE), "email is out since 03:06:12, 1:00", "warn"),
    ],
)
def test_an_outage_in_a_sentence(row: FeltRow, said: str, role: str) -> None:
    assert felt_words(row, NOW, "Asia/Hong_Kong", words_in("en")) == (said, role)


def test_it_stands_under_the_clock_and_only_where_there_is_something(boards) -> None:
    page = paint(view(boards, "run", 80, 24, run=run(felt=(OUT,))))
    lines = joined(page.lines).splitlines()
    said = next(n for n, line in enumerate(lines) if "felt by users: email was out 5:00" in line)
    assert "of 10:00" in lines[said - 1]  # the run's own clock
    shown = view(boards, "run", 80, 24, run=run())
    assert felt_lines(shown, run(felt=(FeltRow("email"),))) == []  # it goes on, and nothing yet
    assert len(felt_lines(shown, run(felt=(OUT,) * 9))) == 3
