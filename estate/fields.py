"""What a filter can ask of a host, a problem or an event, and the answers for one row.

The catalogues say which fields there are and in which unit; `host_fields` and its siblings give
the values at one moment. None means "not known": it matches no comparison, only `field=?`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from estate.document import SEVERITIES, Event, HostRow, Problem
from estate.metrics import METRICS
from estate.samples import Reach, Stage
from estate.states import STATES, host_words
from estate.thresholds import DERIVED


@dataclass(frozen=True, slots=True)
class Field:
    """One name that a filter may use.

    `unit` is "text" for words (one or several), else the unit of the number as in
    `estate.quantities.ALLOWED`. `words` are all that a text can be, none where that is anything.
    """

    name: str
    unit: str
    title: str
    words: tuple[str, ...] = ()


def _catalogue(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}


_SEVERITIES = tuple(severity.value for severity in SEVERITIES)
_SEVERITY = Field("severity", "text", ", ".join(_SEVERITIES), _SEVERITIES)

HOST_FIELDS: Mapping[str, Field] = _catalogue(
    Field("host", "text", "its name"),
    Field("site", "text", "the key of its site"),
    Field("group", "text", "any of its groups"),
    Field("tenant", "text", "any tenant it serves"),
    Field("state", "text", "every word for it: live and ok, lost and unreachable ...", STATES),
    Field("reach", "text", ", ".join(Reach), tuple(reach.value for reach in Reach)),
    _SEVERITY,
    Field("cause", "text", "why it is not reached"),
    Field(
        "stage",
        "text",
        "where on the way it failed: resolve, connect, jump ...",
        tuple(stage.value for stage in Stage),
    ),
    Field("why", "text", "its worst problem"),
    Field("behind", "text", "the jump host or site whose loss explains it"),
    Field("rack", "text", "where it stands"),
    Field("kernel", "text", "what it runs"),
    Field("note", "text", "what is odd about it"),
    Field("age", "s", "age of its last sample"),
    Field("since", "s", "how long it has been in its state"),
    Field("retry", "s", "until the next attempt to reach it"),
    Field("uptime", "s", "since it started"),
    Field("cores", "", "processors"),
    Field("memory", "B", "memory built in"),
    *(Field(metric.name, metric.unit, metric.title) for metric in (*METRICS, *DERIVED)),
)

PROBLEM_FIELDS: Mapping[str, Field] = _catalogue(
    Field("id", "text", "its name while it lasts"),
    Field("where", "text", "what it is about"),
    Field("what", "text", "what is wrong"),
    Field("why", "text", "why, or what follows"),
    Field("state", "text", "down, lost, untrusted, stale ... or its severity", STATES),
    _SEVERITY,
    Field("kind", "text", "the metric or fact: cpu, disk, reach ..."),
    Field("host", "text", "any host it is about"),
    Field("site", "text", "the key of its site"),
    Field("owner", "text", "who has it; nobody"),
    Field("reason", "text", "why its owner has it"),
    Field("silence", "text", "the id of what keeps it quiet"),
    Field("parent", "text", "the problem that explains it"),
    Field("age", "s", "how long it has lasted"),
)

EVENT_FIELDS: Mapping[str, Field] = _catalogue(
    Field("id", "", "its number"),
    Field("where", "text", "what it is about"),
    Field("what", "text", "what happened"),
    _SEVERITY,
    Field("age", "s", "how long ago"),
)

#: Every field there is, for filters that are written before it is known what they will filter.
FIELDS: Mapping[str, Field] = {**EVENT_FIELDS, **PROBLEM_FIELDS, **HOST_FIELDS}


def host_fields(row: HostRow, now: int, every_ms: int = 0) -> dict[str, object]:
    """The fields of `HOST_FIELDS` for one host at `now`, UTC ms, sampled every `every_ms`.

    Metrics that are not known are absent, which a filter takes as None. Where the cadence is not
    known, no host is stale.
    """
    return {
        **row.values,
        "host": row.name,
        "site": row.site,
        "group": row.groups,
        "tenant": row.tenants,
        "state": host_words(row, now, every_ms),  # so that both state!=ok and state!=live hold
        "reach": row.reach.value,
        "severity": row.severity.value,
        "cause": row.cause.what if row.cause else None,
        "stage": row.cause.stage.value if row.cause else None,
        "why": row.why or None,
        "behind": row.behind or None,
        "rack": row.rack or None,
        "kernel": row.kernel or None,
        "note": row.note or None,
        "age": _seconds(row.at, now),
        "since": _seconds(row.since or None, now),
        "retry": _seconds(now, row.retry_at) if row.retry_at is not None else None,
        "uptime": row.uptime_seconds,
        "cores": row.cores,
        "memory": row.memory_bytes,
    }


def problem_fields(problem: Problem, now: int) -> dict[str, object]:
    """The fields of `PROBLEM_FIELDS` for one problem at `now`, UTC ms."""
    return {
        "id": problem.id,
        "where": problem.where,
        "what": problem.what,
        "why": problem.why or None,
        "state": tuple(filter(None, (problem.glyph, problem.severity.value))),
        "severity": problem.severity.value,
        "kind": problem.kind or None,
        "host": problem.hosts,
        "site": problem.site or None,
        "owner": problem.owner or "nobody",
        "reason": problem.reason or None,
        "silence": problem.silence or None,
        "parent": problem.parent or None,
        "age": _seconds(problem.since, now),
    }


def event_fields(event: Event, now: int) -> dict[str, object]:
    """The fields of `EVENT_FIELDS` for one event at `now`, UTC ms."""
    return {
        "id": event.id,
        "where": event.where,
        "what": event.what,
        "severity": event.severity.value,
        "age": _seconds(event.at, now),
    }


def _seconds(start: int | None, end: int | None) -> float | None:
    return None if start is None or end is None else (end - start) / 1000
