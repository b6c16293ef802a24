"""The line at the foot of the screen: opened, typed in, left or entered."""

from __future__ import annotations

from collections.abc import Sequence

from estate.language import Words
from tui.console.journey.orders import Filter, Outcome, Say
from tui.console.prompts import commands
from tui.console.prompts.prompt import Prompt


class PromptDesk:
    """Sans-IO: keys go in, what the line comes to goes out. A filter holds while it is typed; a
    command, and what the palette finds, once it is entered. `hosts` are those of the estate."""

    def __init__(self) -> None:
        self.prompt: Prompt | None = None
        self._filter_before = ""

    @property
    def filters(self) -> bool:
        """Whether a filter is being typed."""
        return self.prompt is not None and self.prompt.kind == "filter"

    def open(self, kind: str, filter_now: str, hosts: Sequence[str]) -> None:
        """Begin to type; a filter goes on from the one that holds now."""
        if kind == "filter":
            self._filter_before = filter_now
            self.prompt = Prompt(kind, filter_now, len(filter_now))
        else:
            self.prompt = _offered(Prompt(kind), hosts)

    def press(self, key: str, hosts: Sequence[str], words: Words) -> tuple[Outcome, ...]:
        """A key for the line that is open."""
        prompt = self.prompt
        assert prompt is not None, "no line is open"
        if key in ("escape", "ctrl+c") or (key == "backspace" and not prompt.text):
            self.prompt = None
            return (Filter(self._filter_before),) if prompt.kind == "filter" else ()
        if key == "enter":
            self.prompt = None
            return _entered(prompt, hosts, words)
        pressed = prompt.pressed(key)
        if prompt.kind == "filter":
            if key in ("left", "home", "ctrl+a"):  # its cursor stays at the end
                return ()
            self.prompt = pressed
            return (Filter(pressed.text),)
        self.prompt = _offered(pressed, hosts) if pressed.text != prompt.text else pressed
        return ()

    def close(self) -> None:
        """Leave the line, if one is open; a filter stays as far as it was typed."""
        self.prompt = None


def _offered(prompt: Prompt, hosts: Sequence[str]) -> Prompt:
    """The line with what could complete it."""
    find = commands.completions if prompt.kind == "command" else commands.findings
    return prompt.offering(find(prompt.text, hosts))


def _entered(prompt: Prompt, hosts: Sequence[str], words: Words) -> tuple[Outcome, ...]:
    text = prompt.choice.text if prompt.choice else prompt.text
    if prompt.kind == "filter" or not text.strip():
        return ()
    if prompt.kind == "palette" and not prompt.choice:
        return (Say(words.say("nothing here is called {text!r}", text=prompt.text)),)
    return (commands.read(text, hosts, words),)
