"""English text that knows how it was said, so that it can be said in another language.

A `Told` is its English everywhere: it is compared, filtered, kept and printed as text. Whoever
speaks to a person in another language asks `Words.retold`, which says the same sentence with the
same parts in that one; parts may be told themselves. The sentence is a literal, never an f-string,
for it is the catalogue's key.
"""

from __future__ import annotations

from collections.abc import Mapping


class Told(str):
    """`said` with its {placeholders} filled by `parts`."""

    __slots__ = ("parts", "said")

    said: str
    parts: Mapping[str, str]

    def __new__(cls, said: str, parts: Mapping[str, str]) -> Told:
        made = super().__new__(cls, said.format(**parts) if parts else said)
        made.said = said
        made.parts = parts
        return made

    def __reduce__(self) -> tuple[type[Told], tuple[str, Mapping[str, str]]]:
        return Told, (self.said, self.parts)


def told(said: str, /, **parts: str) -> str:
    """`said`, an English sentence, with its {placeholders} filled; what a host said is a part."""
    return Told(said, parts)
