"""How wide characters are: by one version of Unicode, whatever the environment asks of rich."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from rich import cells
from rich._unicode_data import load

_ASKED = "UNICODE_VERSION"


@contextmanager
def same_everywhere() -> Iterator[None]:
    """Characters are as wide as the tables of our rich say. It reads the variable, of a terminal,
    the first time that it measures something, and has no way to be told otherwise: what is cleared
    here is its own (pyproject.toml holds its major version)."""
    asked = os.environ.pop(_ASKED, None)
    if asked is None:
        yield
        return
    _forget()
    try:
        yield
    finally:
        os.environ[_ASKED] = asked
        _forget()


def _forget() -> None:
    for known in (load, cells.get_character_cell_size, cells.cached_cell_len):
        known.cache_clear()
