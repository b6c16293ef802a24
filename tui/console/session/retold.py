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


class Retold:
    """Boards in `words`, one after the other: a row that is the same object is said once."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._board: tuple[Document, Document] | None = None
        self._rows: dict[int, tuple[Any, Any]] = {}  # by identity: the row, and it as it is said

    def of(self, document: Document) -> Document:
        """`document` in these words. What hosts and people said stays as it is."""
        if self._board is None or self._board[0] is not document:
            self._board = document, self._said(document)
        return self._board[1]

    def _said(self, document: Document) -> Document:
        known, self._rows = self._rows, {}
        parts: dict[str, Any] = {
            name: tuple(self._kept(row, known) for row in rows)
            for name in _names(cast("Hashable", Document))
            if isinstance(rows := getattr(document, name), tuple) and rows and is_dataclass(rows[0])
        }
        hosts = {name: self._kept(row, known) for name, row in document.hosts.items()}
        watch = self._kept(document.watch, known)
        return replace(document, hosts=hosts, watch=watch, **parts)

    def _kept(self, row: T, known: dict[int, tuple[Any, Any]]) -> T:
        before = known.get(id(row))
        # The row is held beside its words, so that its identity is not given to another.
        said = before[1] if before is not None and before[0] is row else _row(row, self.words)
        self._rows[id(row)] = (row, said)
        return cast("T", said)


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
