"""What people ask of runs, in the plain values of the API: checked, allowed or refused, and done.

Everything that changes something asks `permission.may` first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from estate.clean import clean
from estate.wire import to_json
from runbooks.planning.plan import Plan
from runbooks.ports import Unwritable
from runbooks.progress.decisions import DecisionRefused, decided
from runbooks.progress.facts import Fact, Outcome, Task
from runbooks.progress.questions import Decision
from runbooks.reasons import Reason
from runbooks.runbook import Runbook
from watch.error import WatchError
from watch.runs.consoles import Seen
from watch.runs.desk import RunDesk
from watch.runs.permission import Person, Right, may
from watch.runs.planrows import planned

Body = Mapping[str, Any]

#: Characters of a reason.
MOST_REASON = 8_000

_Word = TypeVar("_Word", bound=StrEnum)

#: What each decision takes.
_RIGHT = {Decision.APPROVE: Right.APPROVE, Decision.WAIVE: Right.APPROVE}
#: What is true of a step that nobody knows of, as a person may say it.
_SETTLES = (Outcome.OK, Outcome.FAILED)
_IN_HOUSE = Reason("role", "its output is for in-house staff only", "ask somebody in-house")


async def plan(desk: RunDesk, person: Person, body: Body) -> dict[str, Any]:
    """The plan of `runbook` with `set`, as a `drill`; without `ask` hosts are not asked.

    Nor are they for whoever may neither run nor approve it: what they answer is host output, and
    scripts of the runbook are carried out there for it. Such a person reads the rest.
    """
    name, given, ask = _text(body, "runbook"), _texts(body, "set"), body.get("ask") is not False

    def may_ask(runbook: Runbook) -> bool:
        return any(not may(person, right, runbook) for right in (Right.RUN, Right.APPROVE))

    made, done = await desk.plan(name, given, drill=_flag(body, "drill"), ask=ask, may_ask=may_ask)
    made = made.with_reasons(may(person, Right.RUN, made.runbook))
    return to_json(planned(made, desk.now(), given, done))


async def start(desk: RunDesk, person: Person, body: Body) -> dict[str, Any]:
    """Begin a run of `runbook` with `set`; its row. From a console, the one that was `seen`."""
    waives = _flag(body, "waive") or _flag(body, "take_over")
    seen = _seen(body)

    def check(made: Plan) -> list[Reason]:
        approval = may(person, Right.APPROVE, made.runbook) if waives else []
        other = seen.against(made) if seen else ()
        return [*may(person, Right.RUN, made.runbook), *approval, *other]

    row = await desk.start(
        _text(body, "runbook"),
        _texts(body, "set"),
        person.name,
        drill=_flag(body, "drill"),
        reason=_reason(body),
        waive=_flag(body, "waive"),
        take_over=_flag(body, "take_over"),
        check=check,
    )
    return to_json(row)


async def steer(desk: RunDesk, run: str, verb: str, person: Person, body: Body) -> dict[str, Any]:
    """`decide`, `pause`, `resume` or `abort` a run; its row."""
    acts = {"decide": _decide, "pause": _pause, "resume": _resume, "abort": _abort}
    if verb not in acts:
        why = f"there are {', '.join(acts)}"
        raise WatchError("no such request", verb, why, "see /openapi.json", status=404)
    try:
        await acts[verb](desk, run, person, body)
    except DecisionRefused as refused:
        why, do = "; ".join(refused.reasons), f"see twinwatch runs show {run}"
        raise WatchError("the decision is refused", run, why, do, status=409) from refused
    except Unwritable as error:
        what, do = "it was not written down", "say it again then"
        raise WatchError(what, run, str(error), do, status=507) from error
    return to_json((await desk.view(run)).row)


async def output(
    desk: RunDesk, run: str, person: Person, name: str, *, offset: int, limit: int
) -> bytes:
    """What an attempt printed."""
    view = await desk.view(run)
    if view.row.sensitive and not person.in_house:
        _allow([_IN_HOUSE], run)
    return await desk.output(run, name, offset, limit)


async def _decide(desk: RunDesk, run: str, person: Person, body: Body) -> None:
    step, reason, host = _text(body, "step"), _reason(body), _text(body, "host", "")
    decision = _one_of(Decision, _text(body, "decision"), "decision")
    outcome = _outcome(_text(body, "outcome", ""))
    progress, runbook = desk.open_run(run)
    gate = decision is Decision.REFUSE and Task(step) in set(progress.course.all_tasks())
    right = Right.APPROVE if gate else _RIGHT.get(decision, Right.STEER)
    _allow(may(person, right, runbook, requester=progress.requester), run)

    def made() -> Sequence[Fact]:
        now, everywhere = desk.now(run), _flag(body, "all")
        return decided(
            progress, step, decision, reason, now, host=host, outcome=outcome, everywhere=everywhere
        )

    await desk.say(run, made, person.name)


async def _pause(desk: RunDesk, run: str, person: Person, body: Body) -> None:
    _may_steer(desk, run, person)
    await desk.pause(run, person.name, _reason(body))


async def _resume(desk: RunDesk, run: str, person: Person, body: Body) -> None:
    _may_steer(desk, run, person)
    await desk.go_on(run, person.name, _reason(body), _texts(body, "set"))


async def _abort(desk: RunDesk, run: str, person: Person, body: Body) -> None:
    _may_steer(desk, run, person)
    await desk.abort(run, person.name, _reason(body), now=_flag(body, "now"))


def _may_steer(desk: RunDesk, run: str, person: Person) -> None:
    progress, runbook = desk.open_run(run)
    _allow(may(person, Right.STEER, runbook, requester=progress.requester), run)


def _allow(reasons: Sequence[Reason], run: str) -> None:
    if reasons:
        why = "; ".join(each.what for each in reasons)
        do = "; ".join(dict.fromkeys(each.todo for each in reasons))
        raise WatchError("you may not do that", run, why, do, status=403)


# --- what is asked and answered -----------------------------------------------------------------


def _wrong(key: str, why: str, do: str = "see /openapi.json") -> WatchError:
    return WatchError("the request is refused", key, why, do, status=400)


def _text(body: Body, key: str, default: str | None = None) -> str:
    value = body.get(key, default)
    if not isinstance(value, str):
        raise _wrong(key, "it is missing, or no text")
    return value


def _reason(body: Body) -> str:
    """What a person gives as reason: for the record, and for everybody's terminal."""
    return clean(_text(body, "reason", ""), limit=MOST_REASON)


def _flag(body: Body, key: str) -> bool:
    return body.get(key) is True


def _texts(body: Body, key: str) -> dict[str, str]:
    value = body.get(key, {})
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise _wrong(key, "it is no mapping of names to texts")
    return value


def _seen(body: Body) -> Seen | None:
    if "confirm" not in body:
        return None
    hosts = body.get("hosts")
    if hosts is not None and not _is_hosts(hosts):
        raise _wrong("hosts", "it is no mapping of selectors to lists of names")
    return Seen(_text(body, "confirm"), _text(body, "sha256", ""), hosts)


def _is_hosts(value: object) -> bool:
    lists = value.values() if isinstance(value, dict) else (None,)
    return all(isinstance(each, list) and all(isinstance(n, str) for n in each) for each in lists)


def _outcome(text: str) -> Outcome | None:
    """How a step ended, as a person who settles it may say; None where nothing was said."""
    if text in ("", *_SETTLES):
        return Outcome(text) if text else None
    raise _wrong("outcome", f"{text!r} is neither {' nor '.join(_SETTLES)}", "say one of these")


def _one_of(kind: type[_Word], text: str, key: str) -> _Word:
    try:
        return kind(text)
    except ValueError:
        why, do = f"{text!r} is none of {', '.join(kind)}", "say one of these"
        raise _wrong(key, why, do) from None
