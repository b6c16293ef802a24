"""A board in another language: whatever on it knows how it was said is said in that one."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeVar, cast

from estate.document import Document
from estate.language import Words
from estate.told import Told

T = TypeVar("T")


def retold(document: Document, words: Words) -> Document:
    """`document` in `words`; itself in English. What hosts and people said stays as it is."""
    if words.catalogue is None:
        return document
    parts: dict[str, Any] = {
        name: tuple(_row(row, words) for row in rows)
        for name in _names(cast("Hashable", Document))
        if isinstance(rows := getattr(document, name), tuple) and rows and is_dataclass(rows[0])
    }
    hosts = {name: _row(row, words) for name, row in document.hosts.items()}
    return replace(document, hosts=hosts, watch=_row(document.watch, words), **parts)


def _row(row: T, words: Words) -> T:
    """A row, and the rows in it; the same object where there is nothing to say."""
    said: dict[str, Any] = {}
    for name in _names(cast("Hashable", type(row))):
        part = getattr(row, name)
        if isinstance(part, Told):
            said[name] = words.retold(part)
        elif is_dataclass(part):
            inner = _row(part, words)
            if inner is not part:
                said[name] = inner
    return replace(row, **said) if said else row  # type: ignore[type-var]


@cache
def _names(kind: Hashable) -> tuple[str, ...]:
    return tuple(each.name for each in fields(cast("Any", kind)))
