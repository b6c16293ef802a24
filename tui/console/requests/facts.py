"""What the watch lets its console know. Values; `tui.console.asking.attachment` tells them."""

from __future__ import annotations

from dataclasses import dataclass

from estate.document import Change, Document


@dataclass(frozen=True, slots=True)
class Advanced:
    """The board moved on; `change` is None where a whole board came."""

    document: Document
    change: Change | None


@dataclass(frozen=True, slots=True)
class WatchLost:
    """The stream broke, and why, in a few words.

    `todo` is what is done about it, where that is not for the person to do at a shell; {key} in it
    stands for the key that asks for a try now.
    """

    why: str
    todo: str = ""


Fact = Advanced | WatchLost
