"""Hosts from Prometheus' file-based service discovery, JSON or YAML.

Several exporters on one host are one host. `job` becomes a group, `site`, `datacenter` or `dc` the
site. Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#file_sd_config
"""

from __future__ import annotations

import json
import re

from estate.file import EstateError
from estate.importing.found import Found, site_of, written
from estate.shapes import declared
from estate.strict import Problem, read_tree

_TARGET = re.compile(r"(?:\w+://)?(\[[0-9A-Fa-f:.]+\]|[^\[\]/:]+)(?::\d+)?(?:/.*)?")


def from_prometheus_sd(text: str, source: str) -> str:
    """The text of an estate file with the hosts of a file_sd file.

    Raises `EstateError` when the text is neither JSON nor YAML, or names no target.
    """
    found = Found()
    for place, entry in enumerate(_entries(text, source), 1):
        labels = entry.get("labels") if isinstance(entry, dict) else None
        targets = entry.get("targets") if isinstance(entry, dict) else None
        if not isinstance(targets, list | tuple):
            found.refuse(1, f"entry {place} has no list of targets", "write targets: [host:9100]")
            continue
        words = {str(k): str(v) for k, v in labels.items()} if isinstance(labels, dict) else {}
        for target in targets:
            _add(found, str(target), words)
    if not found.hosts and not found.problems:
        found.refuse(1, "no target", "write - targets: [host:9100]")
    if found.problems:
        raise EstateError(source, tuple(found.problems))
    return written(found, source)


def _entries(text: str, source: str) -> list[object]:
    try:  # JSON first: it may be indented with tabs, which YAML refuses
        entries = json.loads(text)
    except (ValueError, RecursionError):  # of JSON, or of a number of 4,301 digits
        tree, problems = read_tree(text)
        if problems:
            raise EstateError(source, problems) from None
        entries = declared(tree)
    if not isinstance(entries, list | tuple):
        problem = Problem(1, "no list of targets", "write - targets: [host:9100]")
        raise EstateError(source, (problem,))
    return list(entries)


def _add(found: Found, target: str, labels: dict[str, str]) -> None:
    address = _TARGET.fullmatch(target)
    if not address:
        found.note(f"target {target!r}: no host and port")
        return
    where = address[1].strip("[]")
    name = next((labels[key] for key in ("hostname", "nodename", "host") if key in labels), where)
    host = found.host(name, 1)
    if host:
        host.address = "" if name == where else where
        host.site = host.site or site_of(labels.items())
        host.join(labels.get("job", ""))
