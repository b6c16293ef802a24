"""Hosts from an ssh_config: the names that `Host` lines give without wildcards.

Nothing else is copied: collectors read the same file for addresses, users, keys and jumps, as ssh
does. `Include` is resolved by whoever reads the file. Source: ssh_config(5).
"""

from __future__ import annotations

import re
import shlex
from dataclasses import replace

from estate.file import EstateError, read_estate
from estate.importing.found import Found, written
from estate.model import Estate

_KEYWORD = re.compile(r"\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)")


def from_ssh_config(text: str, source: str) -> str:
    """The text of an estate file with the hosts of an ssh_config; `source` is its path.

    Raises `EstateError` when no host is named.
    """
    return written(_found(text, source), source, ssh_config=source)


def estate_from_ssh_config(text: str, source: str) -> Estate:
    """An estate of one site with the hosts of an ssh_config, for a first look.

    What it could not take is in its `left_out`. Raises `EstateError` when no host is named.
    """
    found = _found(text, source)
    estate = read_estate(written(found, source, ssh_config=source), source)
    return replace(estate, left_out=tuple(dict.fromkeys(found.notes)))


def _found(text: str, source: str) -> Found:
    found = Found()
    for number, line in enumerate(text.splitlines(), 1):
        keyword = _KEYWORD.fullmatch(line)
        if not keyword or keyword[1].lower() != "host":
            continue
        for name in _words(keyword[2]):
            if not name.startswith("!") and not set(name) & set("*?"):
                found.host(name, number)
    if not found.hosts:
        found.refuse(1, "no Host entry without wildcards", "add lines such as: Host web1 web2")
    if found.problems:
        raise EstateError(source, tuple(found.problems))
    return found


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=True)
    except ValueError:  # an open quote; ssh refuses the line, and so names no host with it
        return []
