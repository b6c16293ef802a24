"""Ansible's host ranges: `mta-[01:20]`, `rack-[a:f]`, `db[0:10:2]`, several in one name.

Both ends belong to the range; leading zeros set the width; the last range turns fastest. Source:
https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html#adding-ranges-of-hosts
"""

from __future__ import annotations

import itertools
import math
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass

from estate.error import InputError

MAX_HOSTS = 10_000  #: in one estate

_LETTERS = string.ascii_letters
_RANGE = re.compile(r"\[([^\[\]]*)\]")


class RangeError(InputError):
    """A range that cannot be expanded."""


def expand(pattern: str, limit: int = MAX_HOSTS) -> tuple[str, ...]:
    """All names of `pattern`, in order; a name without a range is itself.

    Raises `RangeError` when a range is malformed or names more than `limit` in all; nothing is
    expanded before the product is known.
    """
    pieces = _RANGE.split(pattern)  # text, range, text, range, ... text
    for literal in pieces[::2]:
        if "[" in literal or "]" in literal:
            raise RangeError(f"{pattern!r} has a bracket without its pair", "write name[01:20]")
    choices = [_members(pattern, inside) for inside in pieces[1::2]]
    total = math.prod(len(choice) for choice in choices)
    if total > limit:
        room = "" if limit == MAX_HOSTS else f", {limit:,} more fit"
        what = f"{pattern!r} names {total:,} hosts{room}"
        raise RangeError(what, f"an estate holds {MAX_HOSTS:,} at most")
    names = []
    for chosen in itertools.product(*choices):
        pieces[1::2] = chosen
        names.append("".join(pieces))
    return tuple(names)


@dataclass(frozen=True, slots=True)
class _Members:
    """One range: positions in an alphabet, or numbers of a width. Not expanded until asked."""

    positions: range
    width: int = 1
    alphabet: str = ""

    def __len__(self) -> int:
        return len(self.positions)

    def __iter__(self) -> Iterator[str]:
        for position in self.positions:
            yield self.alphabet[position] if self.alphabet else f"{position:0{self.width}d}"


def _members(pattern: str, inside: str) -> _Members:
    start, _, rest = inside.partition(":")
    end, _, step_text = rest.partition(":")
    step = _whole(step_text or "1")
    if not end or not step:
        raise _malformed(pattern, inside)
    first, last = _whole(start or "0"), _whole(end)
    if first is not None and last is not None:
        padded = len(start) > 1 and start.startswith("0")
        if padded and len(start) != len(end):
            width = max(len(start), len(end))
            todo = f"write [{start.zfill(width)}:{end.zfill(width)}]"
            raise RangeError(f"[{inside}] in {pattern!r} has ends of different width", todo)
        found = _Members(range(first, last + 1, step), len(start) if padded else 1)
    elif len(start) == len(end) == 1 and start in _LETTERS and end in _LETTERS:
        positions = range(_LETTERS.index(start), _LETTERS.index(end) + 1, step)
        found = _Members(positions, alphabet=_LETTERS)
    else:
        raise _malformed(pattern, inside)
    if not found.positions:
        raise RangeError(f"[{inside}] in {pattern!r} is empty", "put the smaller end first")
    return found


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _malformed(pattern: str, inside: str) -> RangeError:
    return RangeError(
        f"[{inside}] in {pattern!r} is no range", "write [01:20], [a:f] or [0:10:2] with a step"
    )
