"""A plan as lines."""

from __future__ import annotations

from estate.plans import PlannedStepView, PlanView, ReasonView
from tui.commands.planned import lines_of

PLAN = PlanView(
    runbook="mail", title="Move mail", version=7, sha256="0" * 64, asked_at=0, drill=True,
    drill_words="Nobody is moved.",
    hosts={"old": ("db1", "db2"), "new": ()},
    given={"incident": "INC-1 \x1b[2J"},
    steps=(
        PlannedStepView("ready", "check", "It is ready", ("db1",), before=True, text="pg_isready",
                        p50_ms=30_000, p90_ms=30_000, source="timeout"),
        PlannedStepView("declared", "gate", "Declare it", source="people"),
        PlannedStepView("fenced", "do", "Fence it", ("db1", "db2"), text="mask\nstop",
                        done_when="masked &&\n! active", left_out="in a drill",
                        p50_ms=1_500, p90_ms=62_000, source="history", worst_ms=80_000,
                        done={"db1": True, "db2": False, "db3": None}),
    ),
    reasons=(
        ReasonView("window", "the window is shut", "it opens on Monday", waivable=True),
        ReasonView("lock", "held by evil \x1b]0;x\x07", "wait"),
    ),
    p50_ms=61_500, p90_ms=90_000, target_ms=600_000, worst_ms=340_000, worst="fenced → promoted",
    endless=("fenced fails → by-hand",),
    locks=("service/mail",), users=("", "root"),
)  # fmt: skip


def test_everything_is_said_and_nothing_acts_on_the_terminal() -> None:
    assert "\n".join(lines_of(PLAN)) == (
        "mail, version 7: Move mail, a drill: Nobody is moved.\n"
        "  incident = INC-1 \\x1b[2J\n"
        "  old: db1, db2\n"
        "  new: no host\n"
        "  locked: service/mail, each host;"
        " there only against runs that act as the user that logs in or root\n"
        "\n"
        "ready (before, check): It is ready\n"
        "  on db1\n"
        "  pg_isready\n"
        "  0:30, nine of ten 0:30 (timeout)\n"
        "\n"
        "declared (gate): Declare it\n"
        "  takes as long as people do\n"
        "\n"
        "fenced (do, left out in a drill): Fence it\n"
        "  on db1, db2\n"
        "  mask\n"
        "  stop\n"
        "  done when masked &&\n"
        "            ! active\n"
        "  0:02, nine of ten 1:02 (history)\n"
        "  db1: done already\n"
        "  db2: to do\n"
        "  db3: not known\n"
        "\n"
        "predicted 1:02, nine of ten 1:30; at worst 5:40 (fenced → promoted); promised 10:00\n"
        "without a bound: fenced fails → by-hand\n"
        "not now: the window is shut — it opens on Monday (may be waived)\n"
        "not now: held by evil \\x1b]0;x\\x07 — wait"
    )
