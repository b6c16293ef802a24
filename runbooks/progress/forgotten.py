"""What a task asks for while a secret of its step is lost: the watch was restarted.

Nothing that carries the secret is sent, and nothing that may have printed it is fetched. A person
is asked for it; who refuses gives up what needs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from runbooks.progress.facts import GoIntended, Judged, Outcome
from runbooks.progress.requests import Go, Look, Poll, Prints, Question, Record, Request, Void
from runbooks.progress.states import StepState
from runbooks.progress.task import TaskProgress, undecidable


def while_lost(
    task: TaskProgress, request: Request, question: Question, *, stopped: bool
) -> Iterator[Request]:
    """What stands for `request` while secrets are not at hand; `question` asks for them."""
    given_up = stopped or task.refusal is not None
    match request:
        case Record(made) if isinstance(made[-1], GoIntended):
            yield question
        case Go():
            # Whether it was started nobody knows: with its gate shut it can be begun anew.
            yield Void(task.task, request.number)
        case Poll() if task.state is StepState.UNKNOWN:
            yield replace(request, prints=Prints.LEFT)  # a person is asked as it is
        case Poll():
            yield replace(request, prints=Prints.GIVEN_UP if given_up else Prints.LEFT)
            if not given_up:
                yield question
        case Look() if task.state is StepState.UNKNOWN:
            return  # a person is asked as it is
        case Look() if given_up and task.state is StepState.DONE:
            yield Record((undecidable(task, "`done_when` was not asked: its secret is lost"),))
        case Look() if given_up:
            why = task.refusal or "aborted while its secret was lost"
            yield Record((Judged(task.task, Outcome.STOPPED, why),))
        case Look():
            yield question
        case _:
            yield request
