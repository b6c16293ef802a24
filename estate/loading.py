"""Which modules a package has: for a process that must have all of itself before it is needed."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module


def modules_within(*packages: str, but: str = "") -> Iterator[str]:
    """The name of every module in these packages, each package's own first; none that begins as
    `but` does, and no __main__: to import that is to run it."""
    for package in packages:
        yield package
        for found in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
            if not found.name.endswith(".__main__") and not (but and found.name.startswith(but)):
                yield found.name
