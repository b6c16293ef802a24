"""What is said of queues: problems, and what became of them."""

from __future__ import annotations

from estate.document import Problem, Severity
from estate.queues import QueueRow
from estate.told import told
from watch import words
from watch.queues.levels import Beyond
from watch.queues.sums import Place


def problem_of(row: QueueRow, place: Place, found: tuple[Beyond, ...]) -> Problem:
    """The one problem of a row that is beyond its limits: the worst of them, with its forecast."""
    worst = found[0]
    what = _about(row, place, _said(row, worst))
    if row.full_in_seconds is not None and worst.metric != "full":
        what = told("{what}, {full}", what=what, full=_full(row, row.full_in_seconds))
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
    """Nobody can tell how deep a queue is, though a host is there that would know its part."""
    said = told("not known: {why}", why=row.why)
    if row.depth is not None:
        said = told("≥ {depth}: {why}", depth=f"{row.depth:,}", why=row.why)
    return Problem(
        id=f"queue/{row.key}",
        where=place.declared.label,
        what=_about(row, place, said, told("queue")),
        why=told("nobody would see it fill"),
        severity=Severity.UNKNOWN,
        since=since,
        kind="queue",
        site=row.site,
        glyph="unknown",
    )


def risen(problem: Problem) -> tuple[Severity, str, str]:
    """The event of a problem that is new, or worse than it was."""
    return problem.severity, problem.where, problem.what


def cleared(
    problem: Problem, row: QueueRow | None, began: int | None, now: int
) -> tuple[Severity, str, str, str]:
    """The event of a problem that is over, with its id; it `began` at a time of the clock of `now`,
    None where nobody knows."""
    name: str = row.queue if row is not None and row.queue else told("queue")
    if row is not None and row.name.startswith(f"{row.site} "):
        name = told("{queue} at {site}", queue=name, site=row.site)
    if row is not None and row.depth is not None:
        name = told("{queue} {depth}", queue=name, depth=f"{row.depth:,}")
    was_unknown = problem.severity is Severity.UNKNOWN
    if began is None:
        what = told("{queue}: back within limits", queue=name)
        if was_unknown:
            what = told("{queue}: known again", queue=name)
        return Severity.OK, problem.where, what, problem.id
    lasted = words.duration((now - began) / 1000)
    what = told("{queue}: back within limits after {time}", queue=name, time=lasted)
    if was_unknown:
        what = told("{queue}: known again after {time}", queue=name, time=lasted)
    return Severity.OK, problem.where, what, problem.id


def _about(row: QueueRow, place: Place, what: str, nameless: str = "") -> str:
    """`what` of the queue, with its site where others have the same."""
    name = row.queue or nameless
    if place.elsewhere:
        at = told("at {site}", site=place.site)
        name = told("{queue} {at}", queue=name, at=at) if name else at
    return told("{queue} {what}", queue=name, what=what) if name else what


def _said(row: QueueRow, worst: Beyond) -> str:
    more, limit = "≥ " if row.at_least else "", f"{int(worst.limit):,}"
    if worst.metric == "depth":
        if row.depth is None:
            return told("was over {limit}, now not known", limit=limit)
        depth = f"{more}{row.depth:,}"
        if row.depth <= worst.limit:
            return told("was over {limit}, now {depth}", limit=limit, depth=depth)
        return f"{depth} > {limit}"
    if worst.metric == "oldest":
        age = told("not known")
        if row.oldest_seconds is not None:
            age = words.duration(row.oldest_seconds)
        return told("oldest {age} > {limit}", age=age, limit=words.duration(worst.limit))
    if row.full_in_seconds is None:
        return told("was filling up")
    return _full(row, row.full_in_seconds)


def _full(row: QueueRow, seconds: float) -> str:
    if not seconds:
        return told("full")
    time = words.remaining(seconds)
    if row.at_least:
        return told("full in {time} at most", time=time)
    return told("full in {time}", time=time)


def _why(row: QueueRow, worst: Beyond) -> str:
    """How it moves, how long the oldest waits, and where most of it wants to go."""
    parts: list[str] = []
    if row.net_per_minute is not None and row.trend in ("rising", "falling"):
        parts.append(f"{row.net_per_minute:+,.0f}/min")
    if row.oldest_seconds is not None and worst.metric != "oldest":
        parts.append(told("oldest {age}", age=words.duration(row.oldest_seconds)))
    if row.destinations:
        most = row.destinations[0]
        said = {"count": f"{most.count:,}", "name": most.name}
        parts.append(
            told("{count} of those seen to {name}", **said)
            if row.sampled
            else told("{count} to {name}", **said)
        )
    if row.missing:
        parts.append(row.why)
    return words.listed(parts) if parts else ""
