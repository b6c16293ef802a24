"""English text that knows how it was said, so that it can be said in another language.

A `Told` is its English everywhere: it is compared, filtered, kept and printed as text. Whoever
speaks to a person in another language asks `Words.retold`, which says the same sentence with the
same parts in that one; parts may be told themselves. The sentence is a literal, never an f-string,
for it is the catalogue's key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


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


def to_plain(text: str) -> Any:
    """How a text was said, as JSON can hold it: [sentence, parts]; else the text itself."""
    if not isinstance(text, Told):
        return text
    return [text.said, {name: to_plain(part) for name, part in text.parts.items()}]


def from_plain(raw: Any, text: str) -> str:
    """`text`, knowing how it was said where `raw`, of `to_plain`, makes exactly that text of it."""
    try:
        heard = _heard(raw)
    except (AttributeError, LookupError, TypeError, ValueError):
        return text  # a sentence that its parts do not fill, or nothing of ours
    return heard if heard == text else text


def _heard(raw: Any) -> str:
    if isinstance(raw, str):
        return raw
    said, parts = raw
    return Told(str(said), {str(name): _heard(part) for name, part in parts.items()})
