"""What stands on all hosts, as parts of the board's picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from watch.standing.onhost import FIELDS, OnHost


class Picture:
    """The rows of all hosts, in their order; made anew only when one of them has changed."""

    def __init__(self) -> None:
        self._seen: tuple[int, ...] = ()
        self._parts: Mapping[str, Any] = {}

    def parts(self, hosts: Iterable[OnHost]) -> Mapping[str, Any]:
        """The document's fields of what stands on hosts; a field that did not change is the same
        object as before."""
        every = list(hosts)
        seen = tuple(each.version for each in every)
        if seen != self._seen or not self._parts:
            self._seen = seen
            made = {
                field: tuple(row for each in every for row in each.rows.get(field, ()))
                for field in FIELDS
            }
            self._parts = {
                field: before if (before := self._parts.get(field)) == rows else rows
                for field, rows in made.items()
            }
        return self._parts
