"""Which part of a long list is shown: the window follows the cursor and moves no further."""

from __future__ import annotations

from collections.abc import Sequence


def window(total: int, room: int, cursor: int, first: int) -> int:
    """The first row shown of `total` in `room`, so that `cursor` is inside, near `first`."""
    if room <= 0 or total <= room:
        return 0
    if cursor >= 0:
        first = min(max(first, cursor - room + 1), cursor)
    return min(max(first, 0), total - room)


def shares(needs: Sequence[int], room: int) -> list[int]:
    """`room` rows dealt fairly: nobody gets more than they need, and none is kept back."""
    given = [0] * len(needs)
    hungry = sorted(range(len(needs)), key=needs.__getitem__)
    for served, index in enumerate(hungry):
        given[index] = min(needs[index], room // (len(needs) - served))
        room -= given[index]
    return given
