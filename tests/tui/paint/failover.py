"""The design's failover at 03:07:12, as the watch would tell a console of it."""

from __future__ import annotations

from estate.plans import InputView, PlannedStepView, PlanView, ReasonView, RunbookRow
from estate.runs import LogLine, QuestionView, RunRow, RunView, StepView, TaskView
from tui.paint.view import Asked, Printed

#: Fri 20 Nov 2026, 03:07:12 in Hong Kong.
NOW = 1_795_115_232_000
RUN = "r-20261119-1901-9f3c"


def ago(clock: str) -> int:
    """m:ss before NOW, as UTC ms."""
    minutes, _, seconds = clock.partition(":")
    return NOW - (int(minutes) * 60 + int(seconds)) * 1000


def hosts(stem: str, count: int) -> tuple[str, ...]:
    return tuple(f"{stem}{number:02d}" for number in range(1, count + 1))


def waiting(*names: str) -> tuple[TaskView, ...]:
    return tuple(TaskView(name, "pending") for name in names)


FENCED = (
    TaskView(
        "mdb-c01",
        "unknown",
        outcome="unknown",
        why="the link was cut 2 s after go",
        attempt=1,
        output="fenced-c01",
        output_bytes=47,
        started_at=ago("4:41"),
        silent_since=ago("4:39"),
        silent_why="behind gw-c02",
    ),
    TaskView(
        "mdb-c02",
        "verified",
        outcome="ok",
        attempt=1,
        output="fenced-c02",
        output_bytes=61,
        started_at=ago("5:08"),
        ended_at=ago("5:03"),
    ),
)
STEPS = (
    StepView(
        "declared",
        "gate",
        "Declare the failover",
        "ok",
        begun_at=ago("5:32"),
        tasks=(TaskView("", "verified", outcome="ok", why="mchan", ended_at=ago("5:20")),),
    ),
    StepView(
        "fenced",
        "do",
        "Stop the old primary and forbid it to start again",
        "unknown",
        begun_at=ago("4:41"),
        tasks=FENCED,
        p50_ms=12_000,
        p90_ms=30_000,
    ),
    StepView("fence-by-hand", "gate", "Confirm that the old primary is powered off", ""),
    StepView(
        *("promoted", "do", "Promote the standby", ""),
        tasks=waiting("mdb-r01"),
        p50_ms=38_000,
        p90_ms=65_000,
    ),
    StepView(
        *("opened", "do", "Open the mailbox stores at recovery", ""),
        tasks=waiting(*hosts("mbx-r", 8)),
        p50_ms=45_000,
        p90_ms=80_000,
    ),
    StepView(
        *("pointed", "do", "Point the relays to the new stores", ""),
        tasks=waiting(*hosts("mta-r", 16)),
        p50_ms=20_000,
        p90_ms=35_000,
    ),
    StepView(
        *("moved", "do", "Move the service address", ""),
        tasks=waiting("lb-r01", "lb-r02"),
        p50_ms=5_000,
        p90_ms=12_000,
    ),
    StepView(
        *("clients-verified", "check", "A message sent through the public name comes back", ""),
        tasks=waiting(""),
        p50_ms=30_000,
        p90_ms=60_000,
    ),
)
BEFORE = tuple(
    StepView(
        f"check-{number}",
        "check",
        f"Check {number}",
        "waived" if number == 3 else "ok",
        begun_at=ago("6:02"),
        tasks=(
            TaskView(
                "mdb-r01",
                "verified",
                outcome="failed" if number == 3 else "ok",
                waived=number == 3,
                ended_at=ago("5:50") + number * 100,
            ),
        ),
    )
    for number in range(14)
)
QUESTION = QuestionView(
    "fenced",
    "mdb-c01",
    "Stop the old primary and forbid it to start again: fenced on mdb-c01 is unknown: the link was "
    "cut 2 s after go, and done_when can't be asked: behind gw-c02",
    ("settle", "refuse"),
)
LOG = (
    LogLine(1, ago("6:02"), "kfwong", "planned mail-failover: C-1207"),
    LogLine(9, ago("5:20"), "mchan", "approved declared"),
    LogLine(15, ago("4:41"), "twinwatch", "fenced on mdb-c01: is to be started"),
    LogLine(16, ago("4:39"), "twinwatch", "fenced on mdb-c01: unknown: the link was cut"),
)
PRINTED = Printed(RUN, "fenced-c01", 47, ("Created symlink /etc/systemd/system/postgresql.",))


def row(**parts: object) -> RunRow:
    base: dict[str, object] = {
        "id": RUN,
        "runbook": "mail-failover",
        "title": "Move e-mail from the primary to the recovery data centre",
        "state": "needs-decision",
        "seq": 16,
        "started_at": ago("6:02"),
        "since": ago("4:39"),
        "by": "kfwong",
        "step": "Stop the old primary and forbid it to start again",
        "steps_done": 2,
        "steps_total": 8,
        "question": "Did the old primary stop? fenced on mdb-c01 is unknown",
        "clock_started_at": ago("5:20"),
        "target_ms": 600_000,
        "predicted_ms": 458_000,
    }
    return RunRow(**{**base, **parts})  # type: ignore[arg-type]


def run(**parts: object) -> RunView:
    base: dict[str, object] = {
        "row": row(),
        "before": BEFORE,
        "steps": STEPS,
        "questions": (QUESTION,),
        "log": LOG,
        "inputs": {"incident": "C-1207"},
        "sha256": "9f3c" + "0" * 58 + "e1",
        "epoch": 3,
        "way_back": "mail-failback",
        "clock_starts": "declared",
        "clock_stops": "clients-verified",
    }
    return RunView(**{**base, **parts})  # type: ignore[arg-type]


ENDED = (
    row(
        id="r-20261113-0400-7a01",
        runbook="patch-ops",
        state="succeeded",
        question="",
        step="",
        ended_at=ago("9000:00"),
        clock_started_at=ago("9030:00"),
        target_ms=None,
    ),
    row(
        id="r-20261101-0200-44b0",
        state="failed",
        question="",
        step="",
        drill=True,
        why="promoted on mdb-r01: timed out",
        ended_at=ago("25000:00"),
        clock_started_at=ago("25011:00"),
    ),
)

RUNBOOKS = (
    RunbookRow(
        "certificate-rotation", "/etc/x/certificate-rotation.yaml", "New certificates", 2, 9,
        drill="nothing is switched",
    ),
    RunbookRow(
        "mail-failover",
        "/etc/x/mail-failover.yaml",
        "Move e-mail from the primary to the recovery data centre",
        7,
        8,
        600_000,
        sensitive=True,
        drill="the primary is not stopped",
        way_back="mail-failback",
    ),
    RunbookRow("broken", "/etc/x/broken.yaml", problem="3 problems: twinwatch runbook lint"),
)  # fmt: skip

PLAN = PlanView(
    runbook="mail-failover",
    title="Move e-mail from the primary to the recovery data centre",
    version=7,
    sha256="9f3c" + "0" * 58 + "e1",
    asked_at=ago("0:05"),
    drill_words="The old primary is not stopped, and no client is moved.",
    hosts={"old": ("mdb-c01", "mdb-c02"), "new": ("mdb-r01",), "relays": hosts("mta-r", 16)},
    inputs=(
        InputView("incident", "id", "Incident number"),
        InputView(
            "loss_ok", "choice", "Message loss you may accept", "none", ("none", "up-to-5s")
        ),
    ),
    given={"incident": "C-1207"},
    reasons=(
        ReasonView(
            "check",
            "The standby is not more than 5 seconds behind: nobody knows on mdb-r01: lag unknown",
            "have it answer, and plan again",
            waivable=True,
        ),
        ReasonView("lock", "service/mail is held by r-20261119-1850-11aa", "wait for it"),
    ),
    confirm="recovery",
    p50_ms=458_000,
    p90_ms=572_000,
    source="people",
    target_ms=600_000,
    worst_ms=1_140_000,
    worst="declared → fenced fails → fence-by-hand → promoted → clients-verified",
    endless=("declared → fenced → promoted → clients-verified fails",),
    way_back="mail-failback",
    locks=("service/mail",),
    users=("", "root"),
    steps=(
        PlannedStepView(
            *("standby", "check", "The standby is running and answers", ("mdb-r01",), True),
            text="pg_isready -t 5",
            p50_ms=1_000,
            p90_ms=1_000,
            source="takes",
        ),
        PlannedStepView("declared", "gate", "Declare the failover", source="people"),
        PlannedStepView(
            *("fenced", "do", "Stop the old primary and forbid it to start again"),
            hosts=("mdb-c01", "mdb-c02"),
            text="systemctl mask --now postgresql",
            done_when="test \"$(systemctl is-enabled postgresql)\" = masked",
            p50_ms=12_000,
            p90_ms=30_000,
            source="history",
            done={"mdb-c01": None, "mdb-c02": False},
        ),
        PlannedStepView(
            *("fence-by-hand", "gate", "Confirm that the old primary is powered off"),
            left_out="unless a jump leads here",
            source="people",
        ),
        PlannedStepView(
            *("promoted", "do", "Promote the standby", ("mdb-r01",)),
            text="pg_ctl promote -w",
            irreversible=True,
            p50_ms=40_000,
            p90_ms=40_000,
            source="takes",
            done={"mdb-r01": False},
        ),
    ),
)  # fmt: skip

TYPING = Asked(
    title="This can't be taken back at recovery. Type the name of the site to start it.",
    say="Name of the site",
    before="recov",
    given=(("Incident number", "C-1207"), ("Message loss you may accept", "none")),
    loud=True,
)
