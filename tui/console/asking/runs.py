"""What the console asks of its watch about runs, over the socket."""

from __future__ import annotations

from typing import Any, TypeVar

from estate.clean import clean
from estate.plans import PlanView, RunbookRow
from estate.runs import RunRow, RunView
from tui.console.asking.answers import read
from tui.console.requests import runs as asked
from tui.paint.view import Printed
from watch.client import Client

T = TypeVar("T")

#: Of what a step printed, so many bytes are shown: more lines than the tallest screen has.
TAIL = 16 << 10
#: A plan asks hosts, and waits for those that do not answer.
PLAN_SECONDS = 120.0


class RunsOverSocket:
    """The runs of the watch behind `client`. `answer` blocks, and raises WatchError."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def answer(self, request: asked.RunRequest) -> asked.RunFact:  # noqa: PLR0911 - one a request
        """What the watch says to `request`."""
        post, get = self._client.post, self._client.get
        match request:
            case asked.AskRunbooks():
                return asked.RunbooksTold(self._rows(RunbookRow, get("/v1/runbooks")))
            case asked.AskRuns():
                return asked.RunsTold(self._rows(RunRow, get("/v1/runs")))
            case asked.AskRun(run):
                return asked.RunTold(read(RunView, get(f"/v1/runs/{run}"), self._client))
            case asked.AskPlan(runbook, given, drill):
                patient = self._client.patient(PLAN_SECONDS)
                body = {"runbook": runbook, "set": dict(given), "drill": drill}
                return asked.PlanTold(read(PlanView, patient.post("/v1/plan", body), self._client))
            case asked.AskOutput():
                return asked.OutputTold(self._printed(request))
            case asked.Arm():
                said = post("/v1/arm")
                return asked.Armed(str(said["word"]), int(said["until"]))
            case asked.Disarm(word):
                post("/v1/disarm", {"armed": word})
                return asked.Armed()
            case asked.StartRun():
                body = {
                    "runbook": request.runbook,
                    "set": dict(request.given),
                    "drill": request.drill,
                    "sha256": request.sha256,
                    "hosts": dict(request.hosts),
                    "confirm": request.confirm,
                    "reason": request.reason,
                    "waive": request.waive,
                    "armed": request.armed,
                }
                return asked.Begun(read(RunRow, post("/v1/runs", body), self._client))
            case asked.SteerRun(run, verb, said, armed):
                row = post(f"/v1/runs/{run}/{verb}", {**dict(said), "armed": armed})
                return asked.Steered(read(RunRow, row, self._client))

    def _printed(self, request: asked.AskOutput) -> Printed:
        """The end of it, line by line; a host may have printed anything."""
        query = {"name": request.output, "offset": -TAIL, "limit": TAIL}
        text = str(self._client.get(f"/v1/runs/{request.run}/output", query))
        lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
        if request.total > TAIL:
            lines = lines[1:]  # it begins somewhere in a line
        shown = tuple(clean(each.rpartition("\r")[2], limit=500) for each in lines)
        return Printed(request.run, request.output, request.total, shown)

    def _rows(self, kind: type[T], raw: Any) -> tuple[T, ...]:
        return tuple(read(kind, each, self._client) for each in raw)
