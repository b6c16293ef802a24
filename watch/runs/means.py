"""What runs are carried out with: the rooms below as the engine sees them, married in `opening`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from estate.model import Estate
from runbooks.execution import Clocks
from runbooks.performance import Parts, Performer
from runbooks.planning.budget import Left
from runbooks.ports import Hosts, Situation
from runbooks.progress.facts import Planned
from runbooks.recording import Point, no_point
from runbooks.runbook import Runbook
from runbooks.scripts import Scripts
from storage.runs import RunFolder
from watch.runs.rooms import Asker, Player, RunOutputs, WatchConsole

#: Whether the owner of a lock is a run of this watch that is over.
HasEnded = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class RunMeans:
    """What all runs of a watch share."""

    folder: RunFolder
    hosts: Hosts
    situation: Situation
    clocks: Clocks
    estate: Callable[[], Estate]
    library: Callable[[str], tuple[Runbook, Mapping[str, bytes]]]
    nonce: Callable[[], str]
    askers: Mapping[str, Asker] = field(default_factory=dict)
    player: Player | None = None
    left: Callable[[], Mapping[str, Left]] = dict
    at_point: Point = no_point

    def performer(
        self,
        planned: Planned,
        scripts: Scripts,
        actor: str,
        secrets: Mapping[str, str],
        has_ended: HasEnded = lambda run: False,
    ) -> Performer:
        """Who makes the calls of a run."""
        console = WatchConsole(self.askers, self.player, scripts.files, planned.inputs)
        outputs = RunOutputs(self.folder, planned.run)
        parts = Parts(self.hosts, outputs, console, self.situation)
        return Performer(planned.run, actor, scripts, parts, secrets, has_ended)
