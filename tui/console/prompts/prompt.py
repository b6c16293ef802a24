"""A line that is being typed, and what could complete it. Values only.

One prompt serves three questions: "filter" narrows the list, "command" takes a `:` command, and
"palette" finds anything by a few of its letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from estate.language import ENGLISH, Words
from tui.paint.cells import Line, Span, fit, line

#: Rows of candidates above the line.
SHOWN = 8

MARKS = {"filter": "/", "command": ":", "palette": "›"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to complete the line: the whole text it stands for, and an English word about it."""

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What was typed, where the cursor is in it, and the candidates with one chosen."""

    kind: str
    text: str = ""
    column: int = 0
    candidates: tuple[Candidate, ...] = ()
    chosen: int = -1

    @property
    def choice(self) -> Candidate | None:
        """The candidate that enter would take."""
        return self.candidates[self.chosen] if 0 <= self.chosen < len(self.candidates) else None

    def offering(self, candidates: Sequence[Candidate]) -> Prompt:
        """The same line with other candidates; a palette always has one chosen."""
        first = 0 if self.kind == "palette" and candidates else -1
        return replace(self, candidates=tuple(candidates), chosen=first)

    def pressed(self, key: str) -> Prompt:
        """The line after an editing key; keys that mean nothing here change nothing."""
        if len(key) == 1 and key.isprintable():
            return self._edited(self._before + key, self._after)
        if key in ("down", "ctrl+n", "up", "ctrl+p"):
            return self._choosing(1 if key in ("down", "ctrl+n") else -1)
        if key == "tab":
            return self.completed()
        before, after = self._before, self._after
        edits = {
            "space": (before + " ", after),
            "backspace": (before[:-1], after),
            "ctrl+h": (before[:-1], after),
            "delete": (before, after[1:]),
            "ctrl+w": (before.rstrip().rpartition(" ")[0], after),
            "ctrl+u": ("", after),
            "ctrl+k": (before, ""),
            "left": (before[:-1], before[-1:] + after),
            "right": (before + after[:1], after[1:]),
            "home": ("", self.text),
            "ctrl+a": ("", self.text),
            "end": (self.text, ""),
            "ctrl+e": (self.text, ""),
        }
        return self._edited(*edits[key]) if key in edits else self

    def completed(self) -> Prompt:
        """The line with the chosen candidate, or with what all candidates begin with."""
        if self.choice:
            return self._edited(self.choice.text, "")
        texts = [candidate.text for candidate in self.candidates]
        common = _common(texts)
        return self._edited(common, "") if len(common) > len(self.text) else self

    def lines(self, width: int, height: int, words: Words = ENGLISH) -> tuple[Line, ...]:
        """The prompt as the last rows of a screen: candidates, then the line itself."""
        rows = min(SHOWN, max(0, height - 3))
        first = max(0, min(self.chosen - rows + 1, len(self.candidates) - rows))
        listed = [
            _candidate_line(candidate, width, number == self.chosen, words)
            for number, candidate in list(enumerate(self.candidates))[first : first + rows]
        ]
        typed = fit(f"{self._before}▏{self._after}", max(0, width - 4))
        return (*listed, line(Span(f" {MARKS[self.kind]} ", "info b"), Span(typed, "strong")))

    @property
    def _before(self) -> str:
        return self.text[: self.column]

    @property
    def _after(self) -> str:
        return self.text[self.column :]

    def _choosing(self, step: int) -> Prompt:
        if not self.candidates:
            return self
        start = self.chosen if self.chosen >= 0 or step > 0 else 0
        return replace(self, chosen=(start + step) % len(self.candidates))

    def _edited(self, before: str, after: str) -> Prompt:
        return replace(self, text=before + after, column=len(before))


def _candidate_line(candidate: Candidate, width: int, chosen: bool, words: Words) -> Line:
    name = min(max(24, width // 2), width - 4)
    mark = Span(" ▌ " if chosen else "   ", "info")
    return line(
        mark,
        Span(fit(candidate.text, name), "strong" if chosen else "text"),
        Span(fit(f" {words.say(candidate.note)}", width - name - 4), "dim"),
        bar="sel" if chosen else "band",
    )


def _common(texts: Sequence[str]) -> str:
    if not texts:
        return ""
    shortest = min(texts, key=len)
    for length in range(len(shortest), 0, -1):
        if all(text.startswith(shortest[:length]) for text in texts):
            return shortest[:length]
    return ""
