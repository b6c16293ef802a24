"""Runs of the shipped runbooks, through the API of a real watch."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from estate.runs import RunView, StepView, TaskView
from estate.wire import from_json
from tests.lab.watching import Watching

SECONDS = 240.0

#: A run that has come to its end.
ENDED = frozenset({"succeeded", "failed", "aborted", "rolled-back"})


@dataclass(frozen=True, slots=True)
class Run:
    """One run of `watch`, by its id."""

    watch: Watching
    id: str

    def view(self) -> RunView:
        return from_json(RunView, self.watch.client.get(f"/v1/runs/{self.id}"))

    def until(self, *states: str, seconds: float = SECONDS) -> RunView:
        """Wait until it is in one of these states; fail where it ends, or asks, otherwise."""
        deadline = time.monotonic() + seconds
        while (view := self.view()).row.state not in states:
            stuck = view.row.state in ENDED or view.row.state == "needs-decision"
            assert not stuck and time.monotonic() < deadline, f"not {states}:\n{told(view)}"
            time.sleep(0.1)
        return view

    def until_asked(self, step: str, seconds: float = SECONDS) -> RunView:
        """Wait until somebody must say something about `step`."""
        deadline = time.monotonic() + seconds
        while step not in {each.step for each in (view := self.view()).questions}:
            stuck = view.row.state in ENDED or time.monotonic() > deadline
            assert not stuck, f"{step} was never asked about:\n{told(view)}"
            time.sleep(0.1)
        return view

    def decide(self, step: str, decision: str, **more: str) -> None:
        body = {"step": step, "decision": decision, **more}
        self.watch.client.post(f"/v1/runs/{self.id}/decide", body)

    def approve(self, step: str) -> None:
        """As soon as it is asked."""
        self.until_asked(step)
        self.decide(step, "approve")

    def succeeds(self, seconds: float = SECONDS) -> RunView:
        return self.until("succeeded", seconds=seconds)

    def printed(self, step: str, host: str) -> str:
        """What the last attempt of a step printed on a host."""
        name = task(self.view(), step, host).output
        said = self.watch.client.get(f"/v1/runs/{self.id}/output", {"name": name, "limit": 4 << 20})
        return str(said)


def start(watch: Watching, runbook: str, *, drill: bool = False, **given: object) -> Run:
    """Begin a run; every reason not to is an error."""
    body: dict[str, Any] = {"runbook": runbook, "drill": drill, "set": _texts(given)}
    return Run(watch, watch.client.post("/v1/runs", body)["id"])


def plan(watch: Watching, runbook: str, *, drill: bool = False, **given: object) -> dict[str, Any]:
    """What a run would be, and why not; nothing is changed."""
    body: dict[str, Any] = {"runbook": runbook, "drill": drill, "set": _texts(given)}
    made = watch.client.post("/v1/plan", body)
    assert isinstance(made, dict)
    return made


def _texts(given: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in given.items()}


def step(view: RunView, name: str) -> StepView:
    return next(each for each in (*view.before, *view.steps) if each.id == name)


def task(view: RunView, name: str, host: str) -> TaskView:
    """A step on a host; within a rolling step `host` is where it was done."""
    return next(each for each in step(view, name).tasks if each.host == host)


def told(view: RunView) -> str:
    """A run as a person would want it in a failed test."""
    lines = [
        f"{view.row.id} is {view.row.state}: {view.row.why or view.row.question} {view.row.trouble}"
    ]
    for each in (*view.before, *view.steps):
        on = "; ".join(f"{t.host} {t.state} {t.outcome} {t.why}".strip() for t in each.tasks)
        lines.append(f"  {each.id}: {each.state} {on}")
    return "\n".join([*lines, *(f"  {line.what}" for line in view.log[-12:])])
