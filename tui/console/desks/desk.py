"""What the session needs of a desk, and desks need not know of the session. Ports only."""

from __future__ import annotations

from typing import Protocol

from tui.console.journey.orders import Outcome
from tui.console.journey.standpoint import Standpoint
from tui.console.prompts.form import Form


class Desk(Protocol):
    """One thing that the board does not tell in full. `Standpoint` says by which clocks."""

    def learn(self, request: object, answer: object, here: Standpoint) -> tuple[Outcome, ...]:
        """What the watch said to a request of this desk, or the WatchError that it raised."""


class ActingDesk(Desk, Protocol):
    """A desk with keys of its own."""

    def act(self, binding: str, here: Standpoint) -> tuple[Outcome, ...]:
        """What a key comes to, by the id of its binding."""


class TypingDesk(ActingDesk, Protocol):
    """A desk that asks for more than a key before it does something."""

    form: Form | None

    def answered(self, form: Form, here: Standpoint) -> tuple[Outcome, ...]:
        """What its form comes to, of which every line was answered."""
