"""Where in time the person is: at the board of now, or at one that was kept.

What is looked at of the past is as it was then: boards that were kept, and runs by what their
journals said by then. Nothing is asked of hosts and nothing is changed from there: keys that would
do so say how to come back.
"""

from __future__ import annotations

from dataclasses import replace

from estate.document import Document
from estate.language import Words
from estate.past import Moment
from estate.runs import RunView
from tui.console.journey.orders import Go, Outcome, Say, ShowNewest
from tui.console.journey.standpoint import Standpoint
from tui.console.requests.board import AskBoard, AskMoments, AskRunThen
from tui.paint.view import Link, View

#: A new moment is kept so often at most.
MOMENTS_MS = 10_000

#: Screens that are made of more than boards and journals: what they show is of now.
SCREENS_OF_NOW = frozenset(("handover", "runbooks", "plan"))
#: Bindings that ask something of hosts or of people, or hold the present: not from the past.
OF_NOW = frozenset(
    {"ack", "arm", "handover", "pause", "readiness.ask", "refresh", "runbooks", "runs.decide"}
    | {"silence"}
    | {f"handover.{deed}" for deed in ("accept", "accept_all", "question", "refuse")}
    | {"handover.reply", "handover.sign"}
    | {f"plan.{deed}" for deed in ("start", "inputs", "drill", "again")}
    | {f"run.{deed}" for deed in ("waive", "pause", "abort")}
    | {f"answer.{number}" for number in range(1, 8)}
)
#: Bindings that go on from a moment of the past: not from now.
OF_THE_PAST = frozenset({"time.older", "time.newer", "time.live"})


class TimeDesk:
    """See `tui.console.desks.desk.Desk`. `past` is the board that is looked at, or
    None for now's."""

    def __init__(self) -> None:
        self.past: Document | None = None
        self._run: RunView | None = None  # as it was then
        self._run_asked: AskRunThen | None = None
        self._moments: tuple[Moment, ...] | None = None
        self._asked_at: int | None = None
        self._why = ""

    def wanted(self, here: Standpoint) -> tuple[AskMoments | AskRunThen, ...]:
        """What the timeline lacks, or has for too long; a run as it was at the moment."""
        if here.place.screen == "run" and self.past is not None:
            return self._run_wanted(AskRunThen(here.place.subject, self.past.at))
        if here.place.screen != "timeline":
            return ()
        if self._asked_at is not None and here.at - self._asked_at < MOMENTS_MS:
            return ()
        self._asked_at = here.at
        return (AskMoments(here.now + 1),)

    def _run_wanted(self, lacks: AskRunThen) -> tuple[AskRunThen, ...]:
        if self._run_asked == lacks:
            return ()
        self._run_asked, self._run = lacks, None
        return (lacks,)

    def act(self, binding: str, here: Standpoint) -> tuple[Outcome, ...]:
        """To the moment before or after the one that is looked at, or back to now."""
        past, say = self.past, here.words.say
        match binding:
            case "time.older":
                return (AskBoard(past.at if past is not None else here.now, -1),)
            case "time.newer" if past is not None:
                return (AskBoard(past.at, 1),)
            case "time.newer":
                return (Say(say("this is now: there is nothing after it")),)
        self.past = None
        return (ShowNewest(),) if past is not None else (Say(say("this is now")), ShowNewest())

    def learn(self, request: object, answer: object, here: Standpoint) -> tuple[Outcome, ...]:
        """Which moments are kept, newest first; the board of one, None where there is none; a run
        as it was; or why the watch did not say."""
        if isinstance(request, AskRunThen):
            return self._told_of(request, answer)
        if isinstance(request, AskMoments) and isinstance(answer, tuple):
            self._moments, self._why = answer, ""
            return ()
        if not isinstance(request, AskBoard) or not isinstance(answer, Document | None):
            self._why = str(answer)
            return (Say(self._why),)
        return self._travelled(request, answer, here)

    def _told_of(self, asked: AskRunThen, answer: object) -> tuple[Outcome, ...]:
        if asked != self._run_asked:
            return ()  # somebody went on, to another run or another moment
        if isinstance(answer, RunView):
            self._run, self._why = answer, ""
            return ()
        self._why = str(answer)
        return (Say(self._why),)

    def _travelled(
        self, asked: AskBoard, board: Document | None, here: Standpoint
    ) -> tuple[Outcome, ...]:
        said: tuple[Outcome, ...] = ()
        if board is not None:
            self.past = board
        elif asked.step > 0:
            self.past = None  # the next one after the last is now
        else:
            said = (Say(here.words.say("no board was kept before that")),)
        chosen = here.place.screen == "timeline" and not asked.step
        chosen = chosen or (self.past is not None and here.place.screen in SCREENS_OF_NOW)
        return (*said, Go("home")) if chosen else said

    def refusal(self, binding: str, words: Words, live: str) -> tuple[Outcome, ...]:
        """Why `binding` does nothing from the past, where that is looked at; `live` is the key that
        goes back to now."""
        return self._only_now(words, live) if binding in OF_NOW else ()

    def bar(self, screen: str, words: Words, live: str) -> tuple[Say, ...]:
        """Why nobody comes to `screen` from the past, by whatever way: it would show the present
        under the heading of the past."""
        return self._only_now(words, live) if screen in SCREENS_OF_NOW else ()

    def _only_now(self, words: Words, live: str) -> tuple[Say, ...]:
        if self.past is None:
            return ()
        return (Say(words.say("this is the past: {key} goes back to now", key=live)),)

    def dress(self, view: View) -> View:
        """`view` at the moment that is looked at."""
        if view.screen == "timeline":
            view = replace(view, moments=self._moments, unanswered=self._why)
        past = self.past
        if past is None:
            return view
        return replace(
            view, document=past, now=past.at, past_for=max(0, view.now - past.at), held_at=None,
            heard_at=None, link=Link(), detail=None, queue_series=None, runs=(), run=self._run,
            printed=None, unanswered=self._why if view.screen == "run" else view.unanswered,
            status=view.words.say("the past"),
        )  # fmt: skip
