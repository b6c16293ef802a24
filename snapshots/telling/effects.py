"""Of a report: what users felt of each run, by the ledger, and how hosts were before and after."""

from __future__ import annotations

from estate.metrics import INDEX, METRICS
from estate.runs import FeltRow, ShiftRow
from snapshots.page import Block, Heading, Phrase, table
from snapshots.snapshot import Run
from snapshots.telling import figures
from snapshots.telling.teller import Teller

_MOST_HOSTS = 12


def tell_effects(t: Teller) -> tuple[Block, ...]:
    """A heading a run that had any effect that is known."""
    blocks: list[Block] = []
    for run in t.snapshot.runs:
        if run.felt or run.shifts:
            blocks.append(Heading(Phrase(f"{run.row.id} · {run.row.title or run.row.runbook}")))
            blocks += [*_felt(t, run), *_shifts(t, run)]
    return tuple(blocks)


def _felt(t: Teller, run: Run) -> tuple[Block, ...]:
    if not run.felt:
        return ()
    say = t.words.say
    titles = (say("service"), say("out from"), say("to"), say("out for"), say("not seen"),
              say("target"))  # fmt: skip
    return (table(titles, [_felt_row(t, each) for each in run.felt], right="   >>>"),)


def _felt_row(t: Teller, row: FeltRow) -> tuple[Phrase, ...]:
    over = row.target_ms is not None and row.down_ms > row.target_ms
    return (
        Phrase(t.service(row.service), "strong"),
        Phrase(figures.NONE if row.since is None else t.clock_of_day(row.since)),
        Phrase(figures.NONE if row.until is None else t.clock_of_day(row.until)),
        Phrase(t.span(row.down_ms), "crit" if over else ""),
        Phrase(t.span(row.unknown_ms), "unk" if row.unknown_ms else "dim"),
        Phrase(figures.NONE if row.target_ms is None else t.span(row.target_ms), "dim"),
    )


def _shifts(t: Teller, run: Run) -> tuple[Block, ...]:
    """Hosts by metric, "before → after"; those whose processor moved most come first."""
    if not run.shifts:
        return ()
    metrics = [each for each in INDEX if any(shift.metric == each for shift in run.shifts)]
    hosts: dict[str, dict[str, ShiftRow]] = {}
    for shift in run.shifts:
        hosts.setdefault(shift.host, {})[shift.metric] = shift
    ranked = sorted(hosts, key=lambda host: (-_moved(hosts[host].get("cpu")), host))
    say, more = t.words.say, len(hosts) - _MOST_HOSTS
    rows = [
        (Phrase(host, "strong"), *(Phrase(_both(hosts[host].get(each))) for each in metrics))
        for host in ranked[:_MOST_HOSTS]
    ]
    return (
        table(
            (say("host"), *(say(METRICS[INDEX[each]].title) for each in metrics)),
            rows,
            right=" " + ">" * len(metrics),
            more=say("and {count:,} more", count=more) if more > 0 else "",
        ),
    )


def _moved(shift: ShiftRow | None) -> float:
    if shift is None or shift.before is None or shift.after is None:
        return 0.0
    return abs(shift.after - shift.before)


def _both(shift: ShiftRow | None) -> str:
    if shift is None:
        return figures.NONE
    unit = METRICS[INDEX[shift.metric]].unit
    return " → ".join(_quantity(each, unit) for each in (shift.before, shift.after))


def _quantity(value: float | None, unit: str) -> str:
    if value is None:
        return figures.UNKNOWN
    if unit == "%":
        return f"{value:.0f}%"
    return figures.pace(value) if unit == "B/s" else f"{value:.1f}"
