"""Loads a process whole, bit by bit, soon after its start: an upgrade may replace its files.

Watches and consoles live for weeks. What is loaded late, with the first report or a screen that
nobody opened yet, might be of another version by then, or gone: half of each fails when it is
needed most.
"""

from __future__ import annotations

import asyncio
import pkgutil
from collections.abc import Iterator
from importlib import import_module

#: After what is waited for at the start; then one by one, with room for whatever comes between.
LATER_SECONDS = 5.0
BETWEEN_SECONDS = 0.05


async def load(
    *packages: str,
    but: str = "",
    later_seconds: float = LATER_SECONDS,
    between_seconds: float = BETWEEN_SECONDS,
) -> dict[str, Exception]:
    """Import every module of `packages`; see `modules_within`. Gives what could not be imported,
    and why: it will be missed when it is needed."""
    await asyncio.sleep(later_seconds)
    failed: dict[str, Exception] = {}
    for name in modules_within(*packages, but=but):
        try:
            import_module(name)
        except Exception as error:  # whatever a module does while it is loaded
            failed[name] = error
        await asyncio.sleep(between_seconds)
    return failed


def modules_within(*packages: str, but: str = "") -> Iterator[str]:
    """The name of every module in these packages, each package's own first; none that begins as
    `but` does, and no __main__: to import that is to run it."""
    for package in packages:
        yield package
        within = getattr(import_module(package), "__path__", ())
        for found in pkgutil.walk_packages(within, f"{package}."):
            if not found.name.endswith(".__main__") and not (but and found.name.startswith(but)):
                yield found.name
