"""What a console shows before the watch does what it asks: that it is armed, and what it saw.

A console gives its word in `armed`, and at a start the plan that its person read: the sha256 of the
runbook, the hosts, and the site that they typed. Whoever types a command gives none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from estate.plans import RunbookRow
from estate.wire import to_json
from runbooks.planning.plan import Plan
from runbooks.reasons import Reason
from watch.error import WatchError
from watch.runbookfiles import Shelved
from watch.runs.arming import Arming
from watch.runs.permission import Person
from watch.runs.planrows import confirmation, runbook_row

_READ_AGAIN = "read the plan again"


def check_armed(arming: Arming, person: Person, body: Mapping[str, Any], now: int) -> None:
    """Raises WatchError where a console is read-only."""
    if "armed" in body and (why := arming.against(person.name, str(body["armed"]), now)):
        raise WatchError("nothing was changed", "this watch", why, "press W", status=403)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person agreed to: the plan that they were shown, and the sites that they typed.

    An empty `sha256`, and `hosts` None, are of a console that does not say them.
    """

    confirm: str
    sha256: str = ""
    hosts: Mapping[str, Sequence[str]] | None = None

    def against(self, made: Plan) -> Iterator[Reason]:
        """Why the run of `made` would be another than the one that was agreed to."""
        if self.sha256 not in ("", made.runbook.sha256):
            yield Reason("seen", "its file has changed since it was shown", _READ_AGAIN)
            return
        if self.hosts is not None:
            yield from _other_hosts(self.hosts, made.hosts)
        wanted = confirmation(made)
        if self.confirm != wanted:
            what = f"it can't be taken back at {wanted}, and {self.confirm!r} was typed"
            yield Reason("seen", what, f"type {wanted}")


def _other_hosts(
    shown: Mapping[str, Sequence[str]], chosen: Mapping[str, Sequence[str]]
) -> Iterator[Reason]:
    """The selectors that would act elsewhere, or, which a rolling goes by, in another order."""
    for selector in dict.fromkeys((*shown, *chosen)):
        before, after = shown.get(selector, ()), chosen.get(selector, ())
        changes = {
            "with": [host for host in after if host not in before],
            "without": [host for host in before if host not in after],
        }
        said = " and ".join(f"{how} {', '.join(some)}" for how, some in changes.items() if some)
        if not said and tuple(before) != tuple(after):
            said = f"in another order: {', '.join(after)}"
        if said:
            what = f"{selector} are other hosts than were shown: {said}"
            yield Reason("seen", what, _READ_AGAIN)


def catalogue(found: Sequence[Shelved]) -> list[dict[str, Any]]:
    """The runbooks there are; of those with one name, the one that would be run."""
    rows: list[RunbookRow] = [runbook_row(each) for each in found if each.hidden_by is None]
    return [to_json(row) for row in rows]
