"""The words for how a host or a problem is: what boards show, and what filters ask for.

One list, so that whatever stands in a STATE column can be typed after `state:`.
"""

from __future__ import annotations

from estate.document import SEVERITIES, HostRow, Severity
from estate.samples import STALE_AFTER, Reach

#: Every word that a state can be, as people look for them: lost hosts were reached before, those
#: that are behind wait for a jump host or a site, and one that is down is so by plan.
STATES: tuple[str, ...] = (
    *(reach.value for reach in Reach),
    *("stale", "lost", "behind", "down"),
    *(severity.value for severity in SEVERITIES),
)


def host_word(row: HostRow, now: int, every_ms: int) -> str:
    """The state of `row` at `now` (UTC ms) in one word, of `STATES`.

    `every_ms` is the cadence of samples; 0 where it is not known, and nothing is stale then.
    """
    if row.reach in (Reach.LIVE, Reach.LATE):
        is_stale = every_ms > 0 and (row.at is None or now - row.at > STALE_AFTER * every_ms)
        return "stale" if is_stale else row.reach.value
    if row.reach is Reach.CONNECTING:
        return row.reach.value
    if row.severity is Severity.MAINTENANCE:
        return "down"
    if row.behind:
        return "behind"
    if row.reach is Reach.UNREACHABLE and row.at is not None:
        return "lost"
    return row.reach.value


def host_words(row: HostRow, now: int, every_ms: int) -> tuple[str, ...]:
    """Every word of `STATES` that holds for `row`: `host_word`, how it is reached, how bad it is.

    A host that is not live is never ok, even before its problem has lasted long enough to be one.
    """
    word = host_word(row, now, every_ms)
    # Whatever kept us from asking it, what is behind a lost jump host can't be reached.
    words = [word, Reach.UNREACHABLE.value] if word == "behind" else [word]
    if row.reach.value not in words and row.reach is not Reach.LIVE:
        words.append(row.reach.value)
    if (row.severity is not Severity.OK or word == "live") and row.severity.value != word:
        words.append(row.severity.value)
    return tuple(words)
