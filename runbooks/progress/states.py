"""The states of a run and of a step on a host, and every legal move between them.

The tables are the law: a fact that they have no entry for is refused, and there is no other way
from one state to the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from runbooks.progress import facts
from runbooks.progress.facts import Fact, Outcome


class IllegalMove(Exception):  # noqa: N818 - a refusal, said in one word
    """A fact that can't follow: the journal is of another runbook, or we have a defect."""


class StepState(StrEnum):
    """One step on one host."""

    PENDING = "pending"
    INTENT = "intent"  # J1: it will be put there
    PREPARED = "prepared"  # J2: it lies there, and can't start by itself
    GOING = "going"  # J3: from here on it may have started, whatever we hear
    RUNNING = "running"  # J4
    DONE = "done"  # J6: the host said how it ended, or that it can't say
    UNKNOWN = "unknown"  # neither the host nor `done_when` could tell yet: a person must
    VERIFIED = "verified"  # J7
    SETTLED = "settled"  # by a person, with a reason


class RunState(StrEnum):
    """A run as a whole."""

    PLANNED = "planned"
    PREFLIGHT = "preflight"
    RUNNING = "running"
    WAITING = "waiting"  # for an approval
    PAUSED = "paused"
    NEEDS_DECISION = "needs-decision"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABORTED = "aborted"
    ROLLED_BACK = "rolled-back"


#: A run in one of these has ended for good.
ENDED = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.ABORTED, RunState.ROLLED_BACK})

#: A step in one of these asks nothing more of anybody.
DECIDED = frozenset({StepState.VERIFIED, StepState.SETTLED})

_S = StepState
_J1, _J2, _J3, _J4 = facts.Intended, facts.Prepared, facts.GoIntended, facts.Started
_J5, _J6, _J7 = facts.OutputKept, facts.Resulted, facts.Judged

#: (state, fact) → state. `Judged` leads to UNKNOWN instead where it says so: see `moved`.
STEP_MOVES: Mapping[tuple[StepState, type[Fact]], StepState] = {
    (_S.PENDING, facts.Cleaned): _S.PENDING,  # taken back, done again, and not taken back again
    (_S.PENDING, facts.Rested): _S.PENDING,  # before another attempt, where one may still run
    (_S.PENDING, facts.WhenHeld): _S.PENDING,
    (_S.PENDING, facts.CheckTried): _S.PENDING,
    (_S.PENDING, facts.Approved): _S.PENDING,  # a gate: one of as many as it needs
    (_S.PENDING, facts.Refused): _S.PENDING,  # a gate: judged next
    (_S.PENDING, _J1): _S.INTENT,
    (_S.PENDING, _J7): _S.VERIFIED,  # a check; done already; passed over
    (_S.INTENT, _J2): _S.PREPARED,
    (_S.INTENT, _J3): _S.GOING,  # a playbook: it starts here, nothing is put on a host
    (_S.INTENT, _J7): _S.VERIFIED,  # refused, or never reached: it can't have started
    (_S.PREPARED, facts.Approved): _S.PREPARED,  # a plan that had grown old
    (_S.PREPARED, facts.Refused): _S.PREPARED,
    (_S.PREPARED, _J3): _S.GOING,
    (_S.PREPARED, _J7): _S.VERIFIED,  # given up before go
    (_S.GOING, _J4): _S.RUNNING,
    (_S.GOING, _J6): _S.DONE,
    (_S.GOING, _J7): _S.VERIFIED,  # the host refused: a newer epoch stands there
    (_S.GOING, facts.FencedOff): _S.PREPARED,  # refused as well, and a person says whether to go on
    (_S.RUNNING, _J5): _S.RUNNING,
    (_S.RUNNING, facts.Refused): _S.RUNNING,  # a lost secret: what it prints is given up
    (_S.RUNNING, _J6): _S.DONE,
    (_S.DONE, facts.Refused): _S.DONE,  # a lost secret: `done_when` is not asked
    (_S.DONE, _J7): _S.VERIFIED,
    (_S.UNKNOWN, _J5): _S.UNKNOWN,
    (_S.UNKNOWN, _J6): _S.DONE,  # the host answers again: its own word comes first
    (_S.UNKNOWN, facts.Settled): _S.SETTLED,
    **{
        (decided, answer): after
        for decided in (_S.VERIFIED, _S.SETTLED)
        for answer, after in {
            facts.Retried: _S.PENDING,  # another attempt: by a person, or of what is safe to repeat
            facts.Waived: decided,
            facts.Refused: decided,
            facts.RollBackChosen: decided,
            facts.Cleaned: decided,
        }.items()
    },
    (_S.UNKNOWN, facts.Waived): _S.VERIFIED,  # only a check
    (_S.UNKNOWN, facts.Refused): _S.UNKNOWN,
    (_S.UNKNOWN, facts.Retried): _S.PENDING,  # only what is safe to repeat: see `conclusions`
    (_S.UNKNOWN, facts.Cleaned): _S.UNKNOWN,
}


def moved(state: StepState, fact: Fact) -> StepState:
    """The state of a step after `fact`; raises IllegalMove."""
    after = STEP_MOVES.get((state, type(fact)))
    if after is None:
        raise IllegalMove(f"{type(fact).__name__} can't follow the state {state}")
    if isinstance(fact, facts.Judged) and fact.outcome is Outcome.UNKNOWN:
        return StepState.UNKNOWN
    return after
