"""A person at a console without a terminal, key by key, and a watch of paper that answers them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from estate.document import Document
from estate.language import english
from tui.console.keys.keymap import Keymap
from tui.console.preferences.settings import Settings
from tui.console.requests.facts import Advanced
from tui.console.requests.request import Request
from tui.console.session.session import Session, Terminal

#: Keys that are not what they print.
NAMED = {"enter", "escape", "space", "tab", "down", "up", "backspace", "left", "ctrl+d"}
NAMED |= {"ctrl+p", "ctrl+l", "ctrl+c", "ctrl+z", "ctrl+u", "home", "end", "pagedown", "pageup"}


class Person:
    """Types, and remembers what was asked for. The watch says to a request what stands in `answers`
    for its type: a value, or what makes one of the request; nothing where there is none."""

    def __init__(
        self,
        board: Document | None,
        chosen: Settings | None = None,
        answers: Mapping[type[Any], Any] | None = None,
        *,
        size: tuple[int, int] = (120, 40),
        **session: Any,
    ) -> None:
        terminal = Terminal({"TERM": "xterm-256color", "LANG": "C.UTF-8"}, "utf-8", *size)
        given = {"languages": english, **session}
        self.session = Session(chosen or Settings(), Keymap(), terminal, **given)
        self.at = 10_000
        self.asked: list[Request] = []
        self.answers = dict(answers or {})
        if board is not None:
            self.session.learn(Advanced(board, None), self.at)

    def types(self, *keys: str) -> Person:
        """Each of `keys`: one by its name, or text letter by letter."""
        for key in keys:
            for each in [key] if key in NAMED else key:
                self.fulfils(self.session.press("space" if each == " " else each, self.at))
        return self

    def waits(self, milliseconds: int) -> Person:
        """Time goes by."""
        self.at += milliseconds
        self.fulfils(self.session.tick(self.at))
        return self

    def fulfils(self, wanted: Iterable[Request]) -> None:
        """The watch answers, and what it is asked then."""
        for request in wanted:
            self.asked.append(request)
            answer = self.answers.get(type(request))
            if callable(answer):
                answer = answer(request)
            if answer is not None:
                self.fulfils(self.session.answered(request, answer, self.at))

    def sees(self) -> str:
        """The screen as text."""
        return "\n".join(line.text for line in self.session.lines())

    def footer(self) -> set[str]:
        """The words of the keys that are offered."""
        view = self.session.view()
        assert view is not None
        return {word for _, word in view.keys}

    @property
    def place(self) -> tuple[str, str]:
        """The screen, and what it is about."""
        here = self.session.journey.here
        return here.screen, here.subject

    def last(self, kind: type[Any]) -> Any:
        """What was asked last, of that type."""
        return [each for each in self.asked if isinstance(each, kind)][-1]

    def many(self, kind: type[Any]) -> int:
        """How often that was asked."""
        return sum(isinstance(each, kind) for each in self.asked)
