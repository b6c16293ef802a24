"""Texts that know how they were said, in another language: wherever they stand in a snapshot."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from estate.language import ENGLISH, Words
from estate.told import Told

T = TypeVar("T")


def retold(value: T, words: Words) -> T:
    """`value`, a dataclass, with such texts in the language of `words`; all others as they are."""
    if words.language == ENGLISH.language:
        return value
    made: T = _retold(value, words)
    return made


def _retold(value: Any, words: Words) -> Any:
    if isinstance(value, Told):
        return words.retold(value)
    if isinstance(value, tuple):
        return tuple([_retold(each, words) for each in value])
    if is_dataclass(value) and not isinstance(value, type):
        changed = {}
        for each in fields(value):
            part = getattr(value, each.name)
            if isinstance(part, Told | tuple) or is_dataclass(part):
                new = _retold(part, words)
                if new is not part:
                    changed[each.name] = new
        return replace(value, **changed) if changed else value
    return value
