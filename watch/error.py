"""The one shape of an error that a person reads: what, where, why, and what to do next."""

from __future__ import annotations


class WatchError(Exception):
    """The watch can't be asked, can't start, or said no.

    `what` happened, `where` (a path or a host), `why`, and what to `do` about it; `status` is the
    HTTP status when a watch answered, 0 when none did.
    """

    def __init__(
        self, what: str, where: str = "", why: str = "", do: str = "", *, status: int = 0
    ) -> None:
        super().__init__(" — ".join(part for part in (what, where, why, do) if part))
        self.what, self.where, self.why, self.do = what, where, why, do
        self.status = status


class NoWatch(WatchError):  # noqa: N818 - a state of things: not always an error
    """No watch is running where one was looked for."""


class SourceError(WatchError):
    """The estate that was asked for can't be read: the input is wrong, not the watch."""


class NoEstate(SourceError):  # noqa: N818
    """No estate was named, and none is where one is looked for."""
