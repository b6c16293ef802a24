"""What a console knows beside the board, and asks for it: a desk for each thing, all as one here.

The desks themselves are in `tui.console.desks`, sans-IO as the session that they are a part of.
Those that a first paint does not need are loaded with the first key, screen or answer that is
theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.console.desks.host import HostDesk
from tui.console.desks.queues import QueueDesk
from tui.console.desks.time import TimeDesk
from tui.console.requests.board import AskBoard, AskMoments, AskRunThen, Chart, Detail

if TYPE_CHECKING:
    from estate.document import WatchRow
    from estate.language import Words
    from tui.console.desks.attention import AttentionDesk
    from tui.console.desks.desk import ActingDesk, Desk, TypingDesk
    from tui.console.desks.handover import HandoverDesk
    from tui.console.desks.runs import RunDesk
    from tui.console.journey.orders import Outcome
    from tui.console.journey.places import Place
    from tui.console.journey.standpoint import Standpoint
    from tui.console.prompts.form import Form
    from tui.console.requests.request import Request
    from tui.paint.view import View

#: Screens that show more of runs than the board has.
_OF_RUNS = ("runbooks", "plan", "runs", "run")


class Desks:
    """See the module's first lines."""

    def __init__(self) -> None:
        self.time = TimeDesk()
        self._host = HostDesk()
        self._queues = QueueDesk()
        self._runs: RunDesk | None = None
        self._attention: AttentionDesk | None = None
        self._handover: HandoverDesk | None = None

    @property
    def runs(self) -> RunDesk:
        """Runbooks and runs."""
        if self._runs is None:
            from tui.console.desks.runs import RunDesk

            self._runs = RunDesk()
        return self._runs

    @property
    def attention(self) -> AttentionDesk:
        """Who has which problem."""
        if self._attention is None:
            from tui.console.desks.attention import AttentionDesk

            self._attention = AttentionDesk()
        return self._attention

    @property
    def handover(self) -> HandoverDesk:
        """What one shift hands to the next."""
        if self._handover is None:
            from tui.console.desks.handover import HandoverDesk

            self._handover = HandoverDesk()
        return self._handover

    # --- what comes in ----------------------------------------------------------------------

    def met(self, watch: WatchRow, words: Words, *, back: bool) -> tuple[Outcome, ...]:
        """A board of `watch` came, `back` if there was no connection."""
        return self._runs.met(watch, words, back=back) if self._runs is not None else ()

    def learn(self, request: object, answer: object, here: Standpoint) -> tuple[Outcome, ...]:
        """What the watch said to `request`, or why it did not: to whose request it was."""
        return self._asker(request).learn(request, answer, here)

    def act(self, binding: str, here: Standpoint) -> tuple[Outcome, ...]:
        """A key of one of the desks."""
        return self._keeper(binding).act(binding, here)

    def press(self, key: str, here: Standpoint) -> tuple[Outcome, ...]:
        """A key for the form that is open."""
        desk = self._typed_at
        assert desk is not None and desk.form is not None, "no form is open"
        desk.form, complete = desk.form.after(key, here.words)
        return desk.answered(complete, here) if complete is not None else ()

    def left(self, before: Place, after: Place) -> None:
        """The person went from one place to another."""
        self._host.hurry()
        if self._runs is None:
            return
        if before.screen != after.screen:
            self._runs.forget(before.screen)
        if (before.screen, before.subject) != (after.screen, after.subject):
            self._runs.form = None  # it was of the run that a click led away from

    # --- what goes out ----------------------------------------------------------------------

    def wanted(self, here: Standpoint) -> tuple[Request, ...]:
        """What the screen that is shown lacks; what it shows of the past is all there is."""
        time = self.time.wanted(here)
        if self.time.past is not None:
            return time
        screen = here.place.screen
        handover = self.handover.wanted(here) if screen == "handover" else ()
        runs = self.runs.wanted(here) if screen in _OF_RUNS else ()
        return (
            *time, *handover, *self._host.wanted(here), *self._queues.wanted(here), *runs
        )  # fmt: skip

    def dress(self, view: View) -> View:
        """`view` with all that is known; the past comes last, and has its own."""
        desks = (self._host, self._queues, self._runs, self._handover, self.time)
        for desk in desks:
            view = desk.dress(view) if desk is not None else view
        return view

    def armed_for(self, now: int) -> int:
        """For how many ms more this console may write; 0 when it is read-only."""
        return self._runs.armed_for(now) if self._runs is not None else 0

    def dead(self, place: Place) -> set[str]:
        """Bindings of the desks that lead nowhere from `place`."""
        return self._runs.dead(place) if self._runs is not None else set()

    @property
    def typing(self) -> bool:
        """Whether a form is open."""
        return self._typed_at is not None

    @property
    def form(self) -> Form | None:
        """The form that stands over whatever screen there is; that of runs is a part of theirs."""
        over = (self._attention, self._handover)
        return next((each.form for each in over if each is not None and each.form), None)

    # --- whose it is ------------------------------------------------------------------------

    @property
    def _typed_at(self) -> TypingDesk | None:
        desks = (self._attention, self._handover, self._runs)
        return next((each for each in desks if each is not None and each.form is not None), None)

    def _asker(self, request: object) -> Desk:
        if isinstance(request, Detail):
            return self._host
        if isinstance(request, Chart):
            return self._queues
        if isinstance(request, AskMoments | AskBoard | AskRunThen):
            return self.time
        from tui.console.requests.attention import REQUESTS
        from tui.console.requests.handover import HANDOVER_REQUESTS

        if isinstance(request, HANDOVER_REQUESTS):
            return self.handover
        return self.attention if isinstance(request, REQUESTS) else self.runs

    def _keeper(self, binding: str) -> ActingDesk:
        match binding.partition(".")[0]:
            case "time":
                return self.time
            case "queue":
                return self._queues
            case "handover":
                return self.handover
            case "ack" | "silence" | "runbooks":
                return self.attention
            case _:
                return self.runs
