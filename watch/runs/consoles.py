"""What a console shows before the watch does what it asks: that it is armed, and what it saw.

A console gives its word in `armed`, and at a start the plan that its person read: the sha256 of the
runbook, and the site that they typed. Whoever types a command gives none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from estate.plans import RunbookRow
from estate.wire import to_json
from watch.error import WatchError
from watch.runbookfiles import Shelved
from watch.runs.arming import Arming
from watch.runs.office import Office
from watch.runs.permission import Person
from watch.runs.planrows import confirmation, runbook_row

Body = Mapping[str, Any]


def check_armed(arming: Arming, person: Person, body: Body, now: int) -> None:
    """Raises WatchError where a console is read-only."""
    if "armed" in body and (why := arming.against(person.name, str(body["armed"]), now)):
        raise WatchError("nothing was changed", "this watch", why, "press W", status=403)


async def check_plan(office: Office, body: Body) -> None:
    """Raises WatchError where a run would be another than the one that its person agreed to."""
    if "confirm" not in body:
        return
    name, given = str(body.get("runbook", "")), body.get("set", {})
    made, _ = await office.plan(name, given, drill=body.get("drill") is True, ask=False)
    if body.get("sha256", made.runbook.sha256) != made.runbook.sha256:
        why, do = "its file has changed since it was shown", "read the plan again"
        raise WatchError("the run is refused", name, why, do, status=409)
    wanted = confirmation(made, office.estate())
    if body["confirm"] != wanted:
        why = f"it can't be taken back at {wanted}, and {str(body['confirm'])!r} was typed"
        raise WatchError("the run is refused", name, why, f"type {wanted}", status=409)


def catalogue(found: Sequence[Shelved]) -> list[dict[str, Any]]:
    """The runbooks there are; of those with one name, the one that would be run."""
    rows: list[RunbookRow] = [runbook_row(each) for each in found if each.hidden_by is None]
    return [to_json(row) for row in rows]
