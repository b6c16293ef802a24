"""Both documents as they are read, in both languages: whatever is told otherwise is seen here.

UPDATE_GOLDENS=1 writes them again; look at what changed before you commit it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from estate.model import Shift
from snapshots.rendering import render
from snapshots.snapshot import (
    PROBES,
    PROBES_NOT_KEPT,
    Kind,
    Rota,
    Snapshot,
    Turn,
    Unseen,
    Work,
)
from watch.languages import words_in

GOLDENS = Path(__file__).with_name("goldens")
HOUR = 3_600_000


def document(full: Snapshot, kind: Kind) -> Snapshot:
    """The played estate as it is handed over, or as somebody looks back at it."""
    if kind is Kind.HANDOVER:
        return full
    unseen = (*full.unseen, Unseen("records", PROBES, PROBES_NOT_KEPT))
    changed, ends = full.made_at - 2 * HOUR, full.made_at
    two = (Shift("day", 480, 1200), Shift("night", 1200, 480))
    return replace(
        full, kind=kind, id="i-20261120-063000", before=None, unseen=unseen,
        events_left_out=41, board_at=ends - 40_000,
        rotas=(
            Rota(full.starts, changed, full.timezone, (Shift("all", 480, 480),), recorded=False),
            Rota(changed, ends, full.timezone, two),
        ),
        turns=(Turn("all", full.starts, changed), Turn("day", changed, ends)),
        work=(
            Work("group:gw", ends - HOUR, ends + HOUR, "new firmware", "chan", changed),
            Work("mdb-r01", full.starts, changed, "", "", None, changed - HOUR, recorded=False),
        ),
    )  # fmt: skip


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_documents_read_as_they_did(full: Snapshot, kind: Kind, language: str) -> None:
    said = render(document(full, kind), "text", words_in(language)).decode()
    path = GOLDENS / f"{kind}-{language}.txt"
    if os.environ.get("UPDATE_GOLDENS") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(said, "utf-8")
    assert said == path.read_text("utf-8")
