"""Notices in words: a title of one line, and what a person needs to know at 3 am below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from estate.language import Words, later
from watch.attention.words import moment
from watch.notices.deciding import Notice, Turn
from watch.words import duration

#: Lines of one message: what many notices at once are cut to.
MOST_LINES = 30

_TURNS = {
    Turn.RAISED: later("{severity}: {where}: {what}"),
    Turn.WORSE: later("now {severity}: {where}: {what}"),
    Turn.RETURNED: later("back, nobody has it: {severity}: {where}: {what}"),
    Turn.REMINDER: later("still, nobody has it: {severity}: {where}: {what}"),
    Turn.RECOVERED: later("over: {where}: {what}"),
}
#: Of what somebody owns by a handover alone.
_OWNED = {
    Turn.RETURNED: later("back, {owner} has not acknowledged it: {severity}: {where}: {what}"),
    Turn.REMINDER: later("still, {owner} has not acknowledged it: {severity}: {where}: {what}"),
}


class Attachment(NamedTuple):
    """A file that goes with a message to whoever can take one."""

    name: str
    kind: str  # its media type
    content: bytes


class Message(NamedTuple):
    """What is sent."""

    title: str
    body: str
    attachment: Attachment | None = None


def message(notices: Sequence[Notice], estate: str, timezone: str, words: Words) -> Message:
    """Notices to one target as one message: many at once are one thing to read."""
    first = notices[0]
    if len(notices) == 1:
        return Message(f"{estate}: {_line(first, words)}", _about(first, timezone, words))
    title = words.say("{estate}: {count:,} notices", estate=estate, count=len(notices))
    lines = [_line(each, words) for each in notices[:MOST_LINES]]
    if len(notices) > MOST_LINES:
        lines.append(words.say("and {count:,} more", count=len(notices) - MOST_LINES))
    return Message(title, "\n".join(lines))


def _line(notice: Notice, words: Words) -> str:
    problem = notice.problem
    turns = {**_TURNS, **_OWNED} if problem.owner else _TURNS
    return words.say(
        turns[notice.turn],
        owner=problem.owner,
        severity=words.say(problem.severity.value).upper(),
        where=problem.where,
        what=words.retold(problem.what),
    )


def _about(notice: Notice, timezone: str, words: Words) -> str:
    problem, say = notice.problem, words.say
    lasted = duration(max(0, notice.at - problem.since) / 1000)
    since = moment(problem.since, notice.at, timezone)
    lines = [words.retold(problem.why)] if problem.why else []
    lines.append(say("since {time} ({lasted})", time=since, lasted=lasted))
    if problem.handover and notice.turn is not Turn.RECOVERED:
        owned = say("{owner} owns it by {handover}", owner=problem.owner, handover=problem.handover)
        lines.append(owned)
    if len(problem.hosts) > 1:
        some = " ".join(problem.hosts[:12]) + (" …" if len(problem.hosts) > 12 else "")
        hosts = words.say_many("{count:,} host", "{count:,} hosts", len(problem.hosts))
        lines.append(f"{hosts}: {some}")
    if notice.turn is not Turn.RECOVERED:
        lines.append(say("you have it: {command}", command=f"twinwatch ack '{problem.id}'"))
    return "\n".join(lines)
