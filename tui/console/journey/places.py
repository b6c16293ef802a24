"""Where the person is, was, and can go back to. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tui.paint.view import Attention

#: Screens that a person can go to by name, in the order in which help and the palette list them.
SCREENS = (
    *("home", "hosts", "problems", "events", "services", "budget", "queues"),
    *("readiness", "tenants", "replication", "certificates", "patches"),
    *("runbooks", "runs", "handover", "timeline", "help", "settings"),
)
#: Screens about one thing, and the list that it stands in.
_IN = {"host": "hosts", "plan": "runbooks", "run": "runs"}

#: Visits that `[` can go back through.
KEPT = 50


@dataclass(frozen=True, slots=True)
class Place:
    """A screen, what it is about, and what the person looks at there."""

    screen: str = "home"
    subject: str = ""
    attention: Attention = field(default_factory=Attention)

    @property
    def trail(self) -> tuple[str, ...]:
        """The breadcrumb, outermost first."""
        if self.screen == "home":
            return ("home",)
        if self.screen in _IN:
            return ("home", _IN[self.screen], self.subject)
        return ("home", self.screen)

    def same_view(self, other: Place) -> bool:
        """Whether both are the same screen about the same subject."""
        return (self.screen, self.subject) == (other.screen, other.subject)


@dataclass(frozen=True, slots=True)
class Journey:
    """The places visited, oldest first, and which of them is shown. Never empty."""

    visited: tuple[Place, ...] = (Place(),)
    at: int = 0

    @property
    def here(self) -> Place:
        """The place that is shown."""
        return self.visited[self.at]

    def looking(self, attention: Attention) -> Journey:
        """The same place with another attention."""
        if attention == self.here.attention:
            return self
        here = replace(self.here, attention=attention)
        return replace(self, visited=(*self.visited[: self.at], here, *self.visited[self.at + 1 :]))

    def go(self, screen: str, subject: str = "") -> Journey:
        """To a screen; it remembers what the person looked at when last there."""
        target = Place(screen, subject)
        if target.same_view(self.here):
            return self
        for place in reversed(self.visited):
            if place.same_view(target):
                target = place
                break
        visited = (*self.visited[: self.at + 1], target)[-KEPT:]
        return Journey(visited, len(visited) - 1)

    def back(self) -> Journey:
        """To the place before this one, or stay."""
        return replace(self, at=max(0, self.at - 1))

    def forward(self) -> Journey:
        """To the place that `back` came from, or stay."""
        return replace(self, at=min(len(self.visited) - 1, self.at + 1))

    def last(self) -> Journey:
        """To the view before this one, so that a second call returns here."""
        for place in reversed(self.visited[: self.at]):
            if not place.same_view(self.here):
                return self.go(place.screen, place.subject)
        return self

    def up(self) -> Journey:
        """To the screen that this one belongs to; home stays home."""
        return self.go(_IN.get(self.here.screen, "home"))
