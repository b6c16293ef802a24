"""Where in time the person is: at the board of now, or at one that was kept.

What is looked at of the past is as it was then. Nothing is asked of hosts and nothing is changed
from there: keys that would do so say how to come back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from estate.document import Document
from estate.language import Words
from estate.past import Moment
from tui.console.places import Place
from tui.console.requests import AskBoard, AskMoments
from tui.paint.view import Link, View

#: A new moment is kept so often at most.
MOMENTS_MS = 10_000

#: Bindings that ask something of hosts or of people, or hold the present: not from the past.
OF_NOW = frozenset(
    {"ack", "pause", "readiness.ask", "refresh", "runbooks", "runs.decide", "silence"}
    | {f"handover.{deed}" for deed in ("accept", "accept_all", "question", "refuse", "sign")}
)


class TimeDesk:
    """Sans-IO; `at` is the console's monotonic clock in ms, `now` the watch's in UTC ms."""

    def __init__(self) -> None:
        self.past: Document | None = None
        self._moments: tuple[Moment, ...] | None = None
        self._asked_at: int | None = None
        self._why = ""

    def wanted(self, place: Place, at: int, now: int) -> tuple[AskMoments, ...]:
        """What the timeline lacks, or has for too long."""
        if place.screen != "timeline":
            return ()
        if self._asked_at is not None and at - self._asked_at < MOMENTS_MS:
            return ()
        self._asked_at = at
        return (AskMoments(now + 1),)

    def learn(self, moments: Sequence[Moment]) -> None:
        """These moments are kept, newest first."""
        self._moments, self._why = tuple(moments), ""

    def refused(self, why: str) -> None:
        """The watch did not say which moments there are."""
        self._why = why

    def step(self, step: int, now: int) -> AskBoard | None:
        """To the moment before (-1) or after (1) the one that is looked at; None where it is now
        that is looked at, and after it is nothing."""
        if self.past is not None:
            return AskBoard(self.past.at, step)
        return AskBoard(now, step) if step < 0 else None

    def travelled(self, asked: AskBoard, board: Document | None, words: Words) -> str:
        """The board that was asked for came, or there is none; what is to be said."""
        if board is not None:
            self.past = board
            return ""
        if asked.step > 0:
            self.past = None  # the next one after the last is now
            return ""
        return words.say("no board was kept before that")

    def go_live(self) -> bool:
        """Back to now; whether the past was looked at."""
        was, self.past = self.past is not None, None
        return was

    def dress(self, view: View) -> View:
        """`view` at the moment that is looked at."""
        if view.screen == "timeline":
            view = replace(view, moments=self._moments, unanswered=self._why)
        past = self.past
        if past is None:
            return view
        return replace(
            view, document=past, now=past.at, past_for=max(0, view.now - past.at), held_at=None,
            heard_at=None, link=Link(), detail=None, queue_series=None,
            status=view.words.say("the past"),
        )  # fmt: skip
