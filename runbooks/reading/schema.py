"""The runbook file as JSON Schema, so that an editor completes its keys and marks what is wrong.

It says what can be said of one value at a time; what must hold between them is `lint`'s.
"""

from __future__ import annotations

from estate.shapes import Schema
from runbooks.reading.whole import RUNBOOK


def runbook_schema() -> Schema:
    """A JSON Schema, draft 2020-12, that every file `read_runbook` accepts fulfils."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "twinwatch runbook",
        **RUNBOOK.schema(),
    }
