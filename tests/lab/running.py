"""Runbooks, run by the real watch in the lab; people's answers are given by the test."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from estate.runs import QuestionView, RunView, TaskView
from estate.wire import from_json
from tests.lab.watching import Watching

SECONDS = 120.0
ENDED = frozenset({"succeeded", "failed", "aborted", "rolled-back"})


class Run:
    """A run that was begun."""

    def __init__(self, watch: Watching, row: dict[str, object]) -> None:
        self._watch = watch
        self.id = str(row["id"])

    def view(self) -> RunView:
        return from_json(RunView, self._watch.client.get(f"/v1/runs/{self.id}"))

    def decide(self, step: str, decision: str, reason: str = "") -> None:
        said = {"step": step, "decision": decision, "reason": reason, "all": True}
        self._watch.client.post(f"/v1/runs/{self.id}/decide", said)

    def until_asked(self, step: str, seconds: float = SECONDS) -> QuestionView:
        """Wait until a person must say something about `step`."""
        deadline = time.monotonic() + seconds
        while True:
            view = self.view()
            for question in view.questions:
                if question.step == step:
                    return question
            assert view.row.state not in ENDED, told(view)
            assert time.monotonic() < deadline, told(view)
            time.sleep(0.05)

    def approve(self, *steps: str) -> None:
        """Gates, one after the other, as soon as each is open."""
        for step in steps:
            self.until_asked(step)
            self.decide(step, "approve")

    def until_done(self, step: str, seconds: float = SECONDS) -> None:
        """Wait until `step` has ended well."""
        deadline = time.monotonic() + seconds
        while True:
            view = self.view()
            [found] = [each for each in view.steps if each.id == step]
            if found.state == "ok":
                return
            assert view.row.state not in ENDED, told(view)
            assert time.monotonic() < deadline, told(view)
            time.sleep(0.05)

    def until_ended(self, seconds: float = SECONDS) -> str:
        """How it ended."""
        deadline = time.monotonic() + seconds
        while (view := self.view()).row.state not in ENDED:
            assert time.monotonic() < deadline, told(view)
            time.sleep(0.1)
        return view.row.state

    def succeeds(self, seconds: float = SECONDS) -> RunView:
        """It ends well; everything about it."""
        ended = self.until_ended(seconds)
        view = self.view()
        assert ended == "succeeded", told(view)
        return view

    def tasks(self, step: str) -> tuple[TaskView, ...]:
        view = self.view()
        return next(each.tasks for each in (*view.before, *view.steps) if each.id == step)

    def printed(self, step: str) -> str:
        """What `step` printed, on all its hosts."""
        pieces = [
            self._watch.client.get(
                f"/v1/runs/{self.id}/output", {"name": task.output, "limit": 4 << 20}
            )
            for task in self.tasks(step)
            if task.output
        ]
        return "".join(map(str, pieces))


def begin(
    watch: Watching,
    runbook: str,
    inputs: Mapping[str, str],
    *,
    drill: bool = False,
    waive: bool = False,
) -> Run:
    """Begin a run. Raises WatchError where there are reasons not to that are not, or can't be, waived."""
    body = {"runbook": runbook, "set": dict(inputs), "drill": drill, "waive": waive}
    body["reason"] = "a test"
    return Run(watch, watch.client.post("/v1/runs", body))


def told(view: RunView) -> str:
    """For a message: how it went, and who or what it waits for."""
    return "\n".join(
        [f"{view.row.state}: {view.row.why} {view.row.trouble}", *_said(view), *_logged(view)]
    )


def _said(view: RunView) -> Iterable[str]:
    for step in (*view.before, *view.steps):
        for task in step.tasks:
            if task.outcome not in ("", "ok", "already-done", "skipped"):
                yield f"{step.id} on {task.host} {task.about}: {task.outcome}: {task.why}"
    yield from (f"asked: {question.text}" for question in view.questions)


def _logged(view: RunView) -> Iterable[str]:
    return (f"{line.at / 1000 - view.log[0].at / 1000:7.2f} {line.what}" for line in view.log)
