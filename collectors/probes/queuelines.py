"""Lines about queues, as the scripts of the queue probes print them, and what they mean.

    queue DEPTH OLDEST CAME LEFT OF QUEUE     what waits; OF is the declaration that asked, or "-"
    to COUNT SEEN QUEUE DESTINATION           of SEEN messages of a queue COUNT go there
    unknown OF REASON QUEUE                   a queue that is there, or should be, and was not read
    gap OF REASON                             why there is no more to say of a declaration

Fields stand between tabs; "-" is "not known". OLDEST is an age in seconds, CAME and LEFT are
counters. A queue's name comes last, for it may hold anything but a line end. A gap OF "others" is
about queues that are not told of and known to be empty: it makes nothing else less known.
"""

from __future__ import annotations

import re

from collectors.probes.probe import cut, refusal, unreadable
from collectors.runner import Answer
from estate.clean import clean
from estate.samples import Gap, Reading

#: Queues of one probe of one host: who has more has the deepest shown, and says so.
MOST_QUEUES = 200
#: Lines that are read of one answer: queues that nobody can look into are not among the deepest.
MOST_LINES = 4 * MOST_QUEUES
#: No declaration has this key: see above.
_OTHERS = "others"
#: What is beyond is no count of messages on any machine.
_COUNT = r"\d{1,15}"
_QUEUE = re.compile(rf"queue\t({_COUNT})\t({_COUNT}|-)\t({_COUNT}|-)\t({_COUNT}|-)\t(\S+)\t(.*)")
_TO = re.compile(rf"to\t({_COUNT})\t({_COUNT})\t([^\t]+)\t(.+)")
_UNKNOWN = re.compile(r"unknown\t(\S+)\t([^\t]+)\t(.*)")
_GAP = re.compile(r"gap\t(\S+)\t(.+)")


def read_lines(answer: Answer) -> tuple[Reading | Gap, ...]:
    """Readings ("queue", NAME, depth) and ("destination", QUEUE, count, text=where to).

    Attributes of a queue, where they are known: "oldest_seconds", "came", "left", and "of", the key
    of the declaration; of a destination "seen". A queue that was not read has no depth, and says
    why in "gap". The first line that is none of these ends it.
    """
    refused = refusal(answer)
    if refused:
        return (refused,)
    found: list[Reading | Gap] = []
    lines = answer.output.decode("utf-8", "backslashreplace").split("\n")
    for line in lines[:-1] if answer.truncated else lines:  # half a line is none
        if not line:
            continue
        if len(found) == MOST_LINES:
            found.append(Gap(f"only the first {MOST_LINES} lines of queues are read"))
            break
        found.append(_read(line))
        if found[-1] == unreadable(line):
            break
    return (*found, *cut(answer)) if found else (Gap("no queue was seen"),)


def _read(line: str) -> Reading | Gap:
    if match := _QUEUE.fullmatch(line):
        depth, oldest, came, left, of, name = match.groups()
        return queue_reading(name, int(depth), oldest=oldest, came=came, left=left, of=of)
    if match := _TO.fullmatch(line):
        count, seen, queue, where = match.groups()
        return Reading(
            "destination",
            clean(queue, limit=64),
            float(count),
            clean(where, limit=64),
            {"seen": float(seen)},
        )
    if match := _UNKNOWN.fullmatch(line):
        of, reason, name = match.groups()
        return unread_queue(name, reason, of=of)
    if match := _GAP.fullmatch(line):
        of, reason = match.groups()
        return declaration_gap("" if of == "-" else of, reason)
    return unreadable(line)


def queue_reading(
    name: str,
    depth: int,
    *,
    oldest: str | float = "-",
    came: str | float = "-",
    left: str | float = "-",
    of: str = "-",
) -> Reading:
    """One queue. Figures may come as the text of their line, "-" where they are not known."""
    known = {"oldest_seconds": oldest, "came": came, "left": left}
    attributes: dict[str, float | str] = {
        name: float(figure) for name, figure in known.items() if figure != "-"
    }
    if of != "-":
        attributes["of"] = clean(of, limit=200)
    return Reading("queue", clean(name, limit=64), float(depth), attributes=attributes)


def unread_queue(name: str, why: str, *, of: str = "-") -> Reading:
    """One queue whose depth nobody could read: it has none, which is not 0."""
    attributes: dict[str, float | str] = {"gap": clean(why, limit=200)}
    if of != "-":
        attributes["of"] = clean(of, limit=200)
    return Reading("queue", clean(name, limit=64), attributes=attributes)


def only_the_deepest(*, others_wait: bool) -> Gap:
    """There are more queues than are told of; in the others nothing waits, or something may."""
    said = f"only the {MOST_QUEUES} deepest queues are read"
    return declaration_gap("", said) if others_wait else declaration_gap(_OTHERS, f"empty, {said}")


def declaration_gap(of: str, why: str) -> Gap:
    """Why no more is known of the queues of the declaration `of`, or with "" of any."""
    return Gap(clean(f"{of}: {why}" if of else why, limit=200), clean(of, limit=200))
