"""What is said of queues: problems, and what became of them."""

from __future__ import annotations

from estate.document import Problem, Severity
from estate.queues import QueueRow
from watch import words
from watch.queues.levels import Beyond
from watch.queues.sums import Place


def problem_of(row: QueueRow, place: Place, found: tuple[Beyond, ...]) -> Problem:
    """The one problem of a row that is beyond its limits: the worst of them, with its forecast."""
    worst = found[0]
    what = f"{_subject(row, place)}{_said(row, worst)}"
    if row.full_in_seconds is not None and worst.metric != "full":
        what += f", full in {words.remaining(row.full_in_seconds)}"
    return Problem(
        id=f"queue/{row.key}",
        where=place.declared.label,
        what=what,
        why=_why(row, worst),
        severity=worst.severity,
        since=min(each.since for each in found),
        kind="queue",
        site=row.site,
    )


def not_known(row: QueueRow, place: Place, since: int) -> Problem:
    """Nobody can tell how deep a queue is, though its hosts are there."""
    return Problem(
        id=f"queue/{row.key}",
        where=place.declared.label,
        what=f"{_subject(row, place) or 'queue '}not known: {row.why}",
        why="nobody would see it fill",
        severity=Severity.UNKNOWN,
        since=since,
        kind="queue",
        site=row.site,
        glyph="unknown",
    )


def risen(problem: Problem) -> tuple[Severity, str, str]:
    """The event of a problem that is new, or worse than it was."""
    return problem.severity, problem.where, problem.what


def cleared(problem: Problem, row: QueueRow | None, now: int) -> tuple[Severity, str, str]:
    """The event of a problem that is over."""
    lasted = words.duration((now - problem.since) / 1000)
    name = row.queue if row is not None and row.queue else "queue"
    if row is not None and row.name.startswith(f"{row.site} "):
        name += f" at {row.site}"
    depth = f" {row.depth:,}" if row is not None and row.depth is not None else ""
    return Severity.OK, problem.where, f"{name}{depth}: back within limits after {lasted}"


def _subject(row: QueueRow, place: Place) -> str:
    """The queue, and its site where others have the same, with a blank behind; or nothing."""
    at = f"at {place.site}" if place.elsewhere else ""
    return "".join(f"{part} " for part in (row.queue, at) if part)


def _said(row: QueueRow, worst: Beyond) -> str:
    more = "≥ " if row.at_least else ""
    if worst.metric == "depth":
        if row.depth is None:
            return f"was over {int(worst.limit):,}, now not known"
        if row.depth <= worst.limit:
            return f"was over {int(worst.limit):,}, now {more}{row.depth:,}"
        return f"{more}{row.depth:,} > {int(worst.limit):,}"
    if worst.metric == "oldest":
        age = "not known" if row.oldest_seconds is None else words.duration(row.oldest_seconds)
        return f"oldest {age} > {words.duration(worst.limit)}"
    if row.full_in_seconds is None:
        return "was filling up"
    return f"full in {words.remaining(row.full_in_seconds)}"


def _why(row: QueueRow, worst: Beyond) -> str:
    """How it moves, how long the oldest waits, and where most of it wants to go."""
    parts = []
    if row.net_per_minute is not None and row.trend in ("rising", "falling"):
        parts.append(f"{row.net_per_minute:+,.0f}/min")
    if row.oldest_seconds is not None and worst.metric != "oldest":
        parts.append(f"oldest {words.duration(row.oldest_seconds)}")
    if row.destinations:
        most = row.destinations[0]
        parts.append(f"{most.count:,}{' of those seen' if row.sampled else ''} to {most.name}")
    if row.missing:
        parts.append(row.why)
    return ", ".join(parts)
