"""What is said of acknowledgements and silences, in events."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from estate.attention import Acknowledgement, Ended, Ending, Silence
from estate.document import Problem
from estate.told import told

#: What an event of a silence is about, which is of no host.
SILENCES = "silences"


def acknowledged(said: Acknowledgement, timezone: str) -> str:
    """Somebody has a problem."""
    return told(
        "acknowledged by {owner} until {until}: {reason}",
        owner=said.owner,
        until=moment(said.until, said.at, timezone),
        reason=said.reason,
    )


def silenced(said: Silence, many: int, timezone: str) -> str:
    """Problems are silenced, `many` of them at once."""
    return told(
        "{owner} silences {where} until {until}: {reason} (problems now: {count})",
        owner=said.owner,
        where=said.where,
        until=moment(said.until, said.at, timezone),
        reason=said.reason,
        count=f"{many:,}",
    )


def taken_back(said: Acknowledgement | Silence) -> str:
    """It was on the disk only after its owner was told that nobody knows."""
    what = said.where if isinstance(said, Silence) else said.problem
    return told("{owner}’s word on {what} was written down too late and does not hold",
                owner=said.owner, what=what)  # fmt: skip


def ended(news: Ended, problem: Problem | None, back: int = 0) -> str:
    """An acknowledgement or a silence holds no longer; `back` problems are nobody's again."""
    if isinstance(news.said, Silence):
        how = (_HOW_SILENCES_BACK if back else _HOW_SILENCES)[news.how]
        said = news.said
        return told(how, where=said.where, owner=said.owner, by=news.by, count=f"{back:,}")
    what = problem.what if problem is not None else news.said.problem
    return told(_HOW[news.how], what=what, owner=news.said.owner, by=news.by)


_HOW = {
    Ending.EXPIRED: told("acknowledgement of {what} by {owner} ended: its time is up"),
    Ending.WORSE: told("acknowledgement of {what} by {owner} ended: it got worse"),
    Ending.OVER: told("acknowledgement of {what} by {owner} ended: it is over"),
    Ending.WITHDRAWN: told("acknowledgement of {what} by {owner} ended: {by} took it back"),
    Ending.REPLACED: told("acknowledgement of {what} by {owner} ended: another took its place"),
}

_HOW_SILENCES = {
    Ending.EXPIRED: told("silence of {where} by {owner} ended: its time is up"),
    Ending.WITHDRAWN: told("silence of {where} by {owner} ended: {by} took it back"),
}

_HOW_SILENCES_BACK = {
    Ending.EXPIRED: told(
        "silence of {where} by {owner} ended: its time is up (problems that are back: {count})"
    ),
    Ending.WITHDRAWN: told(
        "silence of {where} by {owner} ended: {by} took it back (problems that are back: {count})"
    ),
}


def moment(at: int, now: int, timezone: str) -> str:
    """A clock time of the estate, with its date where that is another day."""
    zone = ZoneInfo(timezone)
    then, today = (datetime.fromtimestamp(each / 1000, zone) for each in (at, now))
    return f"{then:%H:%M}" if then.date() == today.date() else f"{then:%Y-%m-%d %H:%M}"
