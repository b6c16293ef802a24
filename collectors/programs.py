"""The programs that run on hosts: shell and awk files that ship beside the code that reads them."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def program(path: str) -> str:
    """The text of a program below collectors/, its comment lines and indentation left at home."""
    text = resources.files("collectors").joinpath(path).read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("#")) + "\n"
