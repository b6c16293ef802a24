"""Compound commands of a shell text: which are open, and whether each is closed by its own word.

The words are those of XCU 2.9.4, and bash's `select`. What stands between them is not judged.
"""

from __future__ import annotations

from dataclasses import dataclass

_CLOSED_BY = {
    "if": "fi",
    "while": "done",
    "until": "done",
    "for": "done",
    "select": "done",
    "case": "esac",
    "{": "}",
}
_LOOPS = frozenset(word for word, closing in _CLOSED_BY.items() if closing == "done")
_WITHIN = {
    "then": frozenset({"if"}),
    "elif": frozenset({"if"}),
    "else": frozenset({"if"}),
    "do": _LOOPS,
}
_CLOSING = frozenset(_CLOSED_BY.values())


@dataclass(frozen=True, slots=True)
class Fault:
    """`what` is wrong at a place of the text, and what `todo` about it."""

    at: int
    what: str
    todo: str


class Blocks:
    """What is open between two brackets, the innermost last, each with where it begins."""

    def __init__(self) -> None:
        self._open: list[tuple[str, int]] = []

    def meet(self, word: str, at: int) -> Fault | None:
        """Take in a word that begins a command; what is wrong, if it closes what is not open."""
        if word in _CLOSED_BY:
            self._open.append((word, at))
        elif word in _CLOSING:
            if not self._open:
                return Fault(at, f"{_one(word)} that nothing opens", "remove it, or open it")
            if _CLOSED_BY[self._open[-1][0]] != word:
                return self.left_open()
            self._open.pop()
        elif word in _WITHIN and (not self._open or self._open[-1][0] not in _WITHIN[word]):
            where = " or ".join(sorted(_WITHIN[word]))
            return Fault(at, f"{_one(word)} outside {where}", "remove it, or open it")
        return None

    def left_open(self) -> Fault | None:
        """The innermost that is open, where it begins."""
        if not self._open:
            return None
        word, at = self._open[-1]
        return Fault(at, f"{_one(word)} that no {_CLOSED_BY[word]} closes", "close it")


def _one(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
