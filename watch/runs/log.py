"""An entry of a run's record in words, one line each."""

from __future__ import annotations

from runbooks.progress import facts
from runbooks.progress.facts import Fact
from runbooks.runbook import Act

#: What the run does where a step did not end well.
_TURNS = {
    Act.STOP: "it stops",
    Act.ASK: "it asks what to do",
    Act.CONTINUE: "it goes on all the same",
    Act.ROLL_BACK: "it takes back what was done",
    Act.JUMP: "it goes on at {to}",
    Act.WAIT: "it waits",
}


def said(fact: Fact) -> str:  # noqa: PLR0911, PLR0912 - one line a fact
    """What happened."""
    match fact:
        case facts.Planned():
            return f"planned {fact.runbook}{' as a drill' if fact.drill else ''}" + _so(fact.reason)
        case facts.PreflightBegun():
            return "asks what must hold before"
        case facts.PreflightPassed():
            return "nothing stands against starting"
        case facts.Begun(step):
            return f"came to {step}"
        case facts.Intended(task, number):
            return f"{task}: attempt {number} is to be put there"
        case facts.Prepared(task):
            return f"{task}: lies there"
        case facts.GoIntended(task):
            return f"{task}: is to be started"
        case facts.Started(task):
            return f"{task}: started"
        case facts.OutputKept(task, _, size):
            return f"{task}: {size:,} bytes of output"
        case facts.Resulted(task, ending, status):
            ended = f"status {status}" if status is not None else ending
            return f"{task}: ended, {ended}" + ("" if fact.whole else ", output incomplete")
        case facts.Judged(task, outcome, why):
            return f"{task}: {outcome}" + _so(why)
        case facts.Cleaned(task):
            return f"{task}: nothing of it is left there"
        case facts.Rested(task, number):
            return f"{task}: attempt {number} is at rest"
        case facts.WhenHeld(task):
            return f"{task}: its condition holds"
        case facts.CheckTried(task, number, why):
            return f"{task}: try {number} did not hold" + _so(why)
        case facts.Approved(task, reason):
            return f"approved {task}" + _so(reason)
        case facts.Refused(task, reason):
            return f"refused {task}" + _so(reason)
        case facts.Waived(task, reason):
            return f"waived {task}" + _so(reason)
        case facts.Settled(task, outcome, reason):
            return f"settled {task}: {outcome}" + _so(reason)
        case facts.Retried(task, reason):
            return f"{task}: once more" + _so(reason)
        case facts.RollBackChosen(task, reason):
            return f"takes back what was done, after {task}" + _so(reason)
        case facts.FencedOff(task, epoch, why):
            return f"{task}: not started, others had its lock since epoch {epoch}" + _so(why)
        case facts.Turned(step, act, to, why, about):
            where = f" for {about}" if about else ""
            # The end of the run, which is next, says why it stops.
            why = "" if act is Act.STOP else why.removeprefix(f"{step}: ")
            return f"after {step}{where}: {_TURNS[act].format(to=to)}" + _so(why)
        case facts.BatchBegun(step, number, hosts):
            return f"{step}: batch {number + 1}, {', '.join(hosts)}"
        case facts.BatchHeld(step, why):
            return f"{step}: held" + _so(why) if why else f"{step}: no longer held"
        case facts.Paused(reason):
            return "paused" + _so(reason)
        case facts.Resumed(reason):
            return "resumed" + _so(reason)
        case facts.Aborted(now, reason):
            return ("aborted now" if now else "aborted after this step") + _so(reason)
        case facts.ClockStarted():
            return "the clock runs"
        case facts.ClockStopped():
            return "the clock stops"
        case facts.TakenOver(epoch, reason):
            return f"took the locks over, epoch {epoch}" + _so(reason)
        case facts.Finished(state, why):
            return f"ended: {state}" + _so(why)


def _so(why: str) -> str:
    return f": {why}" if why else ""
