"""Replication of MySQL and MariaDB. In batch mode the client escapes tabs and line ends, so that
whatever a server quotes stays in its cell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import nan

from collectors.probes.probe import cut, refusal, unreadable
from collectors.programs import script
from collectors.runner import Answer
from estate.clean import clean
from estate.model import Host
from estate.samples import Gap, Reading

#: What MySQL before 8.0.22, and MariaDB still, call what is a source and a replica now.
_OLD = (("Replica", "Slave"), ("Source", "Master"))
_SECTION = re.compile(r"== (server|replica|dumps|rights|end)")
#: Without PROCESS a server tells an account of its own threads only, and says nothing of that. What
#: a role gives is not in information_schema.user_privileges: only what was granted directly is.
_BLIND = "no replica is seen, and the account has no PROCESS of its own: grant it directly"


class Mysql:
    """Readings as those of PostgreSQL: ("replication_server", "mysql", text="primary" or
    "standby"), and per stream ("replication_stream", PEER, seconds behind, STATE) with "direction",
    STATE "running" or which thread does not run and why. A primary knows no lag of its replicas.
    """

    name = "mysql"
    cadence_ms = 15_000
    deadline_ms = 12_000

    def command(self, host: Host) -> str:
        asked = host.asked.mysql
        if asked is None:
            return ""
        return script("probes/mysql.sh", asked.user, asked.socket, asked.defaults)

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        refused = refusal(answer)
        if refused:
            return (refused,)
        lines = answer.output.decode("utf-8", "backslashreplace").split("\n")
        if not _SECTION.fullmatch(lines[0]):
            return (unreadable(lines[0]),)
        tables: dict[str, list[str]] = {}
        section = ""
        for line in lines:
            if match := _SECTION.fullmatch(line):
                section = match[1]
                tables[section] = []
            elif line:
                tables[section].append(line)
        if "end" not in tables:
            return cut(answer) or (Gap("the client ended before it had said everything"),)
        replicas = _rows(tables.get("replica", ()))
        role = "standby" if replicas else "primary"
        attributes: dict[str, float | str] = {}
        if follows := next((_said(row, "Source_Host") for row in replicas), ""):
            attributes["follows"] = follows
        server = Reading("replication_server", "mysql", text=role, attributes=attributes)
        dumps = [_dump(row) for row in _rows(tables.get("dumps", ()))]
        rights = [row.get("process") for row in _rows(tables.get("rights", ()))]
        blind = (Gap(_BLIND),) if rights == ["0"] and not dumps and not replicas else ()
        return (server, *map(_replica, replicas), *dumps, *blind, *cut(answer))


def _rows(lines: Sequence[str]) -> list[Mapping[str, str]]:
    """A table in batch mode, by the names in its first line; half a row is none."""
    if not lines:
        return []
    names = lines[0].split("\t")
    cells = (line.split("\t") for line in lines[1:])
    return [dict(zip(names, row, strict=True)) for row in cells if len(row) == len(names)]


def _said(row: Mapping[str, str], name: str) -> str:
    """A cell by its present name or its old one; "" for NULL."""
    for new, old in _OLD:
        if name not in row:
            name = name.replace(new, old)
    value = row.get(name, "")
    return "" if value == "NULL" else clean(value, limit=200)


def _replica(row: Mapping[str, str]) -> Reading:
    peer, state = _said(row, "Source_Host"), "running"
    for thread in ("IO", "SQL"):
        runs = _said(row, f"Replica_{thread}_Running")
        if runs != "Yes":
            why = _said(row, f"Last_{thread}_Error")
            word = "stopped" if runs in ("No", "") else runs.lower()
            state = f"{thread} {word}" + (f": {why}" if why else "")
            break
    seconds = _said(row, "Seconds_Behind_Source")
    lag = float(seconds) if re.fullmatch(r"\d{1,12}", seconds, re.ASCII) else nan
    lag = lag if state == "running" else nan
    return Reading("replication_stream", peer, lag, state, {"direction": "in"})


def _dump(row: Mapping[str, str]) -> Reading:
    """A replica as the primary sees it: a thread that sends it the log."""
    host = clean(row.get("host", ""), limit=128).rpartition(":")[0]
    peer = host or "replica"
    return Reading("replication_stream", peer, text="running", attributes={"direction": "out"})
