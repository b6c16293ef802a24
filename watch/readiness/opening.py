"""The desk of readiness, put together; imported once runs and services are at work."""

from __future__ import annotations

from pathlib import Path

from storage.readiness import Askings
from watch.clock import now_ms
from watch.readiness.desk import ReadinessDesk, Shows
from watch.runs.desk import RunDesk


def opened(runs: RunDesk, records: Path, watch: Shows) -> ReadinessDesk:
    """The desk over that of runs; what hosts answer is kept beside `records`."""
    return ReadinessDesk(runs, Askings(records.parent / "readiness.db"), watch, now=now_ms)
