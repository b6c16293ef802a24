"""The estate file as JSON Schema, so that an editor completes its keys and marks what is wrong.

It says what can be said of one value at a time; references, counts and filters are `read_estate`'s.
"""

from __future__ import annotations

from estate.grammar.whole import ESTATE
from estate.shapes import Schema


def estate_schema() -> Schema:
    """A JSON Schema, draft 2020-12, that every file `read_estate` accepts fulfils."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "twinwatch estate",
        **ESTATE.schema(),
    }
