"""Snapshots that tests render: a full one, and one of a watch that knows nothing yet."""

from __future__ import annotations

import pytest

from bench.played_snapshot import SMALL, played_snapshot
from snapshots.snapshot import FORMAT, Snapshot


@pytest.fixture(scope="session")
def full() -> Snapshot:
    """Something of everything that a snapshot can hold."""
    return played_snapshot(SMALL)


@pytest.fixture(scope="session")
def empty() -> Snapshot:
    """Nothing but what must be there."""
    return Snapshot(FORMAT, "h-20261120-063000", 1_795_156_200_000, 1_795_127_400_000, "New", "UTC")
