"""How hosts were before a run and after it, in a line: the mean of all, and who moved most."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from estate.language import Words
from estate.runs import RunView, ShiftRow
from tui.paint import numbers
from tui.paint.cells import Line
from tui.paint.rows import TEXT, Row
from tui.paint.view import View


def _share(value: float | None) -> str:
    return f"{numbers.percent(value)}%"


#: What is told, in this order: what it is called, and how it is written.
_TOLD: tuple[tuple[str, str, Callable[[float | None], str]], ...] = (
    ("cpu", "cpu", _share),
    ("load1", "load", numbers.decimal),
    ("mem", "mem", _share),
    ("disk", "disk", _share),
    ("net_in", "in", numbers.rate),
    ("net_out", "out", numbers.rate),
)


def shift_lines(view: View, run: RunView) -> list[Line]:
    """One line; none until ten minutes have passed since the run ended."""
    said = shift_words(run.shifts, view.words)
    if not said:
        return []
    row = Row(view.width).put(TEXT, view.words.say("hosts, 10 min before → after:"), "dim")
    return [row.then(f" {said}", "text", view.width - 1).line()]


def shift_words(shifts: Sequence[ShiftRow], words: Words) -> str:
    """ "cpu 23% → 41% · load 0.4 → 2.1 · most: cpu of db-c01 12% → 96%"; "" where nothing is known.

    A host counts where it was measured on both sides: else the mean would move with who is there.
    """
    known = [each for each in shifts if each.before is not None and each.after is not None]
    said = []
    for metric, title, write in _TOLD:
        hosts = [each for each in known if each.metric == metric]
        if hosts:
            before = sum(each.before or 0.0 for each in hosts) / len(hosts)
            after = sum(each.after or 0.0 for each in hosts) / len(hosts)
            said.append(f"{title} {write(before)} → {write(after)}")
    cpu = [each for each in known if each.metric == "cpu"]
    if len(cpu) > 1:
        most = max(cpu, key=lambda each: abs((each.after or 0.0) - (each.before or 0.0)))
        moved = f"{_share(most.before)} → {_share(most.after)}"
        said.append(words.say("most: cpu of {host} {moved}", host=most.host, moved=moved))
    return " · ".join(said)
