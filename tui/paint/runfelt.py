"""What users felt of a run, by the ledger: a line under the run's clock for each service."""

from __future__ import annotations

from estate.language import Words
from estate.runs import FeltRow, RunView
from tui.paint import numbers
from tui.paint.cells import Line
from tui.paint.rows import TEXT, Row
from tui.paint.runwords import is_open
from tui.paint.view import View

#: A run is for one service, or for a few that stand and fall together.
MOST = 3


def felt_lines(view: View, run: RunView) -> list[Line]:
    """A line a service; none where a run is for no service, or nothing happened to it yet."""
    return [
        _line(view, row).line()
        for row in run.felt[:MOST]
        if row.since is not None or row.unknown_ms or not is_open(run.row)
    ]


def felt_words(row: FeltRow, now: int, zone: str, words: Words) -> tuple[str, str]:
    """A service's outage in a sentence, and its role."""
    say = words.say
    if row.since is None:
        if row.unknown_ms:
            unseen = _unseen(row.unknown_ms)
            return say("{service} was not seen for {span}", service=row.service, span=unseen), "unk"
        return say("{service} was not out", service=row.service), "dim"
    began = numbers.moment(row.since, now, zone, words)
    span = numbers.duration(((row.until or now) - row.since) / 1000)
    if row.target_ms is not None:
        target = numbers.duration(row.target_ms / 1000)
        span = f"{span} {say('of {target}', target=target)}"
    over = row.target_ms is not None and (row.until or now) - row.since > row.target_ms
    if row.until is None:
        said = say(
            "{service} is out since {time}, {span}", service=row.service, time=began, span=span
        )
    else:
        said = say(
            "{service} was out {span} from {time}", service=row.service, time=began, span=span
        )
    if row.unknown_ms:
        unseen = _unseen(row.unknown_ms)
        said += ", " + say("{span} of it not seen", span=unseen)
    return said, "crit b" if over else "warn" if row.until is None else "text"


def _unseen(milliseconds: int) -> str:
    """A span that is there is never 0:00."""
    return numbers.duration(milliseconds / 1000) if milliseconds >= 1000 else "< 0:01"


def _line(view: View, row: FeltRow) -> Row:
    line = Row(view.width).put(TEXT, view.words.say("felt by users:"), "dim")
    said, role = felt_words(row, view.now, view.document.timezone, view.words)
    return line.then(" " + said, role)
