"""Lines that are asked one after the other, and checked as they are given. Values only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from estate.language import ENGLISH, Words
from tui.console.prompts.prompt import Prompt
from tui.paint.view import Asked

_NOTHING = Prompt("line")


@dataclass(frozen=True, slots=True)
class Field:
    """One line. `must` is what has to be typed, letter by letter; `default` stands for nothing.

    `check` says why what was typed, or stands for nothing, is no answer; "" where it is.
    """

    name: str
    say: str
    hint: str = ""
    default: str | None = None
    of: tuple[str, ...] = ()
    must: str | None = None
    secret: bool = False
    check: Callable[[str, Words], str] | None = None

    def against(self, text: str, words: Words = ENGLISH) -> str:
        """Why `text` is no answer; "" where it is."""
        if self.must is not None and text != self.must:
            return words.say("that is not its name: nothing was started")
        if self.of and (text or self.default or "") not in self.of:
            return words.say("one of these: {choices}", choices=", ".join(self.of))
        if not text and self.default is None:
            return words.say("something must stand here")
        return self.check(text or self.default or "", words) if self.check is not None else ""


@dataclass(frozen=True, slots=True)
class Form:
    """Lines to be answered: `fields`, of which as many have `answers`, and the one being typed."""

    purpose: str
    title: str
    fields: tuple[Field, ...]
    about: Mapping[str, object] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    prompt: Prompt = _NOTHING
    wrong: str = ""
    loud: bool = False

    @property
    def here(self) -> Field:
        """The line that is being typed."""
        return self.fields[len(self.answers)]

    @property
    def given(self) -> dict[str, str]:
        """What was answered, by the names of the lines."""
        return {each.name: text for each, text in zip(self.fields, self.answers, strict=False)}

    @property
    def complete(self) -> bool:
        """Whether nothing is left to be asked."""
        return len(self.answers) == len(self.fields)

    def pressed(self, key: str, words: Words = ENGLISH) -> Form:
        """The form after a key; enter goes to the next line."""
        if key == "enter":
            return self._entered(words)
        if key == "tab" and self.here.of:
            return replace(self, prompt=self._next_choice(), wrong="")
        return replace(self, prompt=self.prompt.pressed(key), wrong="")

    def _entered(self, words: Words) -> Form:
        text = self.prompt.text
        if wrong := self.here.against(text, words):
            return replace(self, wrong=wrong)
        answer = text or self.here.default or ""
        return replace(self, answers=(*self.answers, answer), prompt=_NOTHING, wrong="")

    def _next_choice(self) -> Prompt:
        choices = self.here.of
        at = choices.index(self.prompt.text) + 1 if self.prompt.text in choices else 0
        text = choices[at % len(choices)]
        return Prompt("line", text, len(text))

    def after(self, key: str, words: Words) -> tuple[Form | None, Form | None]:
        """The form that stays open after a key, and the one that the key completed."""
        if key in ("escape", "ctrl+c"):
            return None, None
        form = self.pressed(key, words)
        return (None, form) if form.complete else (form, None)

    def shown(self) -> Asked:
        """The form as it is painted; secrets are stars."""
        text, column = self.prompt.text, self.prompt.column
        if self.here.secret:
            text = "*" * len(text)
        given = zip(self.fields, self.answers, strict=False)
        return Asked(
            title=self.title,
            say=self.here.say,
            before=text[:column],
            after=text[column:],
            hint=self.here.hint,
            wrong=self.wrong,
            given=tuple((each.say, "***" if each.secret else said) for each, said in given),
            left=tuple(each.say for each in self.fields[len(self.answers) + 1 :]),
            loud=self.loud,
        )
